"""Random SQL: statements over our tables, of every kind that an auditor might write.

Rows that SQL does not fix are never compared: a LIMIT comes after an ORDER BY over all columns,
no aggregate depends on the order of rows, and no rowid is read.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from tests.promises.sql_terms import MOST_DEPTH, Source, Terms

JOINS = ("join", "left join", "right join", "full join", "cross join", ",", "natural join")


@dataclass(frozen=True)
class Statement:
    """SQL with its bindings, and whether the order of its rows is fixed."""

    sql: str
    bindings: Mapping[str, object]
    ordered: bool


class Writer(Terms):
    """Writes one statement."""

    def statement(self) -> Statement:
        """Write a statement."""
        shape = self.random.choice(
            (
                *(self.plain, self.plain, self.plain, self.grouped, self.grouped),
                *(self.compound, self.with_cte, self.windowed, self.recursive),
            )
        )
        sql, width = shape()
        ordered = self.random.random() < 0.4
        if ordered:
            columns = list(range(1, width + 1))
            self.random.shuffle(columns)
            sql += " order by " + ", ".join(
                f"{one}{self.random.choice(('', ' desc', ' asc nulls last'))}" for one in columns
            )
            if self.random.random() < 0.7:
                sql += f" limit {self.random.choice((0, 1, 3, 7, 100, -1))}"
                if self.random.random() < 0.5:
                    sql += f" offset {self.random.choice((0, 1, 5, 1000))}"
        return Statement(sql, self.bindings, ordered)

    def plain(self) -> tuple[str, int]:
        """A SELECT of some columns and expressions."""
        sources, clause = self.from_clause()
        items = [self.expression(sources) for _ in range(self.random.randint(1, 4))]
        distinct = self.random.choice(("", "", "distinct "))
        return f"select {distinct}{', '.join(items)} {clause}{self.where(sources)}", len(items)

    def grouped(self) -> tuple[str, int]:
        """A SELECT with GROUP BY, and sometimes HAVING."""
        sources, clause = self.from_clause()
        keys = [self.column(sources) for _ in range(self.random.randint(0, 2))]
        aggregates = [self.aggregate(sources) for _ in range(self.random.randint(1, 2))]
        sql = f"select {', '.join([*keys, *aggregates])} {clause}{self.where(sources)}"
        if keys:
            sql += f" group by {', '.join(keys)}"
            if self.random.random() < 0.4:
                sql += f" having {self.aggregate(sources)} > {self.random.randint(0, 3)}"
        return sql, len(keys) + len(aggregates)

    def compound(self) -> tuple[str, int]:
        """Two or three SELECTs with UNION or the like between them."""
        width = self.random.randint(1, 2)
        parts = []
        for _ in range(self.random.randint(2, 3)):
            sources, clause = self.from_clause(most=2)
            items = ", ".join(self.expression(sources) for _ in range(width))
            parts.append(f"select {items} {clause}{self.where(sources)}")
        sql = parts[0]
        for part in parts[1:]:
            sql += f" {self.random.choice(('union', 'union all', 'intersect', 'except'))} {part}"
        return sql, width

    def with_cte(self) -> tuple[str, int]:
        """A SELECT over common table expressions."""
        sources, clause = self.from_clause(most=2)
        items = [f"{self.column(sources)} as k{n}" for n in range(2)]
        hint = self.random.choice(("", "", " materialized", " not materialized"))
        cte = f"c as{hint} (select {', '.join(items)} {clause}{self.where(sources)})"
        inner, inner_clause = self.from_clause(most=1)
        join = self.random.choice(("join", "left join", "right join"))
        sql = (
            f"with {cte} select c.k0, {self.column(inner)} {inner_clause} {join} c"
            f" on c.k1 = {self.column(inner)}{self.where(inner)}"
        )
        return sql, 2

    def recursive(self) -> tuple[str, int]:
        """A SELECT over numbers that a recursive expression counts, and a table."""
        sources, clause = self.from_clause(most=2)
        numbers = "n(i) as (select 1 union all select i + 1 from n where i < 3)"
        join = self.random.choice(("join", "left join", "cross join"))
        items = f"i, {self.column(sources)}"
        on = f"on length({self.column(sources)}) > i"
        return f"with recursive {numbers} select {items} {clause} {join} n {on}" + self.where(
            sources
        ), 2

    def windowed(self) -> tuple[str, int]:
        """A SELECT with a window function."""
        sources, clause = self.from_clause(most=2)
        column, key = self.column(sources), self.column(sources)
        function = self.random.choice(
            (f"count({column})", "rank()", "dense_rank()", f"max({column})", "count(*)")
        )
        window = f"partition by {self.column(sources)} order by {key}"
        return f"select {key}, {function} over ({window}) {clause}{self.where(sources)}", 2

    def from_clause(self, most: int = 4) -> tuple[list[Source], str]:
        """FROM with one to four tables, joined in every way."""
        count = self.random.choice((1, 1, 1, 2, 2, 3, 4)[: 2 * most])
        sources = [self.source()]
        text = f"from {self.named(sources[0])}"
        for _ in range(min(count, most) - 1):
            source = self.source()
            join = self.random.choice(JOINS)
            text += f"{join} " if join == "," else f" {join} "
            text += self.named(source)
            both = [*sources, source]
            if join not in (",", "natural join", "cross join"):
                text += self.join_on(sources, source)
            elif join != "natural join" and self.random.random() < 0.8:
                text += f" on {self.equation(sources, source)}" if join != "," else ""
            sources = both
        return sources, text

    def join_on(self, sources: Sequence[Source], source: Source) -> str:
        """ON or USING for a join."""
        shared = [
            name
            for name in self.values[source.table]
            if all(name in self.values[one.table] for one in sources)
        ]
        if shared and len(sources) == 1 and self.random.random() < 0.4:
            names = self.random.sample(shared, self.random.randint(1, len(shared)))
            return f" using ({', '.join(names)})"
        terms = [self.equation(sources, source) for _ in range(self.random.randint(1, 3))]
        if self.random.random() < 0.2:
            terms.append(self.predicate([*sources, source], MOST_DEPTH))
        return f" on {' and '.join(terms)}"
