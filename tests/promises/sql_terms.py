"""Random SQL: the terms of a statement, over columns whose values are known."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from random import Random

COMPARISONS = (
    *("=", "<>", "<", "<=", ">", ">=", "==", "!="),
    *("is", "is not", "is distinct from", "is not distinct from"),
)
MOST_DEPTH = 2


@dataclass
class Source:
    """One table of a FROM clause, under an alias."""

    table: str
    alias: str


@dataclass
class Terms:
    """Writes terms. `values` are some of each column's values, by table and column."""

    random: Random
    values: Mapping[str, Mapping[str, Sequence[object]]]
    bindings: dict[str, object] = field(default_factory=dict)
    aliases: int = 0

    def source(self) -> Source:
        """A table under a new alias."""
        self.aliases += 1
        return Source(self.random.choice(list(self.values)), f"t{self.aliases}")

    def named(self, source: Source) -> str:
        """A table or, sometimes, a subquery or a view over it."""
        kind = self.random.random()
        if kind < 0.06:
            return f"(select * from {source.table}) {source.alias}"
        if kind < 0.12:
            names = ", ".join(self.values[source.table])
            some = self.random.choice(("", " limit 3", " limit 100 offset 2"))
            return f"(select * from {source.table} order by {names}{some}) {source.alias}"
        if kind < 0.2:
            return f"view_of_{source.table} {source.alias}"
        return f"{source.table} {self.random.choice(('', 'as '))}{source.alias}"

    def equation(self, sources: Sequence[Source], source: Source) -> str:
        """An equation between a table and those before it, most often of the same column."""
        other = self.random.choice(list(sources))
        shared = sorted(self.values[source.table].keys() & self.values[other.table].keys())
        if shared and self.random.random() < 0.9:
            name = self.random.choice(shared)
            return f"{source.alias}.{name} = {other.alias}.{name}"
        return f"{self.column([source])} = {self.column([other])}"

    def where(self, sources: Sequence[Source]) -> str:
        """WHERE, or nothing."""
        if self.random.random() < 0.3:
            return ""
        return f" where {self.predicate(sources, 0)}"

    def predicate(self, sources: Sequence[Source], depth: int) -> str:
        """A term that is true, false or NULL."""
        simple: tuple[Callable[[Sequence[Source]], str], ...] = (
            self.comparison,
            self.comparison,
            self.membership,
            self.pattern,
            self.between,
            self.nullness,
            self.row_comparison,
        )
        if depth >= MOST_DEPTH or self.random.random() < 0.5:
            return self.random.choice(simple)(sources)
        kind = self.random.randrange(7)
        if kind == 0:
            return f"not ({self.predicate(sources, depth + 1)})"
        if kind == 6:
            return self.exists_in_json(sources)
        if kind == 1:
            return self.exists(sources, depth)
        if kind == 2:
            return self.subquery(sources, depth)
        word = "or" if kind == 3 else "and"
        parts = [self.predicate(sources, depth + 1) for _ in range(2)]
        return f"({f' {word} '.join(parts)})"

    def comparison(self, sources: Sequence[Source]) -> str:
        """A column compared with a value or a column."""
        column, source, name = self.column_of(sources)
        left = self.random.choice((column, column, column, f"+{column}", f"upper({column})"))
        other = self.column(sources) if self.random.random() < 0.2 else self.value(source, name)
        collation = self.random.choice(("", "", "", " collate nocase", " collate rtrim"))
        operator = self.random.choice(COMPARISONS)
        sides = (left, other) if self.random.random() < 0.8 else (other, left)
        return f"{sides[0]} {operator} {sides[1]}{collation}"

    def row_comparison(self, sources: Sequence[Source]) -> str:
        """Two columns compared with two values at once."""
        (first, source, name), (second, other, another) = (self.column_of(sources) for _ in "ab")
        operator = self.random.choice(("=", "<", ">=", "is", "in"))
        values = f"{self.value(source, name)}, {self.value(other, another)}"
        right = f"(values ({values}))" if operator == "in" else f"({values})"
        return f"({first}, {second}) {operator} {right}"

    def membership(self, sources: Sequence[Source]) -> str:
        """A column IN some values."""
        column, source, name = self.column_of(sources)
        values = [self.value(source, name) for _ in range(self.random.randint(0, 4))]
        word = self.random.choice(("in", "in", "not in"))
        return f"{column} {word} ({', '.join(values)})"

    def pattern(self, sources: Sequence[Source]) -> str:
        """A column LIKE or GLOB a pattern that is made of a value."""
        column, source, name = self.column_of(sources)
        text = str(self.random.choice(self.values[source.table][name])) or "x"
        cut = text[: self.random.randint(0, len(text))].replace("'", "''")
        word, any_text, one = self.random.choice((("like", "%", "_"), ("glob", "*", "?")))
        made = self.random.choice(
            (f"{cut}{any_text}", f"{any_text}{cut[-2:]}", cut[:-1] + one, cut)
        )
        escape = ""
        if word == "like" and self.random.random() < 0.3:
            made = made.upper()
        elif word == "like" and self.random.random() < 0.2:
            made, escape = made.replace("_", "!_"), " escape '!'"
        return f"{column} {self.random.choice(('', 'not '))}{word} '{made}'{escape}"

    def between(self, sources: Sequence[Source]) -> str:
        """A column BETWEEN two values."""
        column, source, name = self.column_of(sources)
        return f"{column} between {self.value(source, name)} and {self.value(source, name)}"

    def nullness(self, sources: Sequence[Source]) -> str:
        """Whether a column is NULL."""
        return f"{self.column(sources)} {self.random.choice(('is null', 'is not null', 'notnull'))}"

    def exists(self, sources: Sequence[Source], depth: int) -> str:
        """EXISTS over a subquery that looks at the outer row."""
        inner = self.source()
        terms = [self.equation(sources, inner), self.predicate([inner], depth + 1)]
        word = self.random.choice(("exists", "not exists"))
        return f"{word} (select 1 from {self.named(inner)} where {' and '.join(terms)})"

    def exists_in_json(self, sources: Sequence[Source]) -> str:
        """Something among the members of a column that may be JSON."""
        column = self.column(sources)
        text = f"iif(json_valid({column}), {column}, '[]')"
        term = self.random.choice(("j.key like '%a%'", "j.type = 'text'", "j.value is not null"))
        return f"exists (select 1 from json_each({text}) j where {term})"

    def subquery(self, sources: Sequence[Source], depth: int) -> str:
        """A column, or several, IN a subquery; or compared with one that returns one value."""
        inner = self.source()
        outer = self.random.choice(list(sources))
        shared = sorted(self.values[inner.table].keys() & self.values[outer.table].keys())
        where = self.where([inner]) if depth < MOST_DEPTH else ""
        word = self.random.choice(("in", "not in"))
        if len(shared) > 1 and self.random.random() < 0.4:
            names = self.random.sample(shared, 2)
            left = ", ".join(f"{outer.alias}.{name}" for name in names)
            right = ", ".join(f"{inner.alias}.{name}" for name in names)
            return f"({left}) {word} (select {right} from {self.named(inner)}{where})"
        column = self.column([inner])
        if self.random.random() < 0.3:
            return (
                f"{self.column([outer])} >= (select min({column}) from {self.named(inner)}{where})"
            )
        more = ""
        if self.random.random() < 0.2:
            last = self.source()
            more = f" union select {self.column([last])} from {self.named(last)}"
        elif self.random.random() < 0.2:
            more = f" order by {column} limit {self.random.randint(0, 4)}"
        table = f"select {column} from {self.named(inner)}{where}{more}"
        return f"{self.column([outer])} {word} ({table})"

    def expression(self, sources: Sequence[Source]) -> str:
        """What a SELECT returns: a column, or something made of columns."""
        column = self.column(sources)
        kind = self.random.random()
        if kind < 0.6:
            return column
        if kind < 0.8:
            inner = self.source()
            what = self.random.choice(("count(*)", f"max({self.column([inner])})"))
            return f"(select {what} from {self.named(inner)} where {self.equation(sources, inner)})"
        return self.random.choice(
            (
                f"coalesce({column}, 'none')",
                f"length({column})",
                f"{column} || '!'",
                f"typeof({column})",
                f"iif({self.predicate(sources, MOST_DEPTH)}, {column}, null)",
                f"cast({column} as integer)",
                f"nullif({column}, {self.column(sources)})",
                f"substr({column}, 2, 3) collate nocase",
                f"case {column} when {self.column(sources)} then 'same' else {column} end",
                f"case when {self.predicate(sources, MOST_DEPTH)} then 1 else {column} end",
                f"instr({column}, '-') + 1",
            )
        )

    def aggregate(self, sources: Sequence[Source]) -> str:
        """An aggregate that does not depend on the order of rows."""
        column = self.column(sources)
        distinct = self.random.choice(("", "distinct "))
        name = self.random.choice(("count", "count", "min", "max", "total"))
        chosen = self.random.choice((f"{name}({distinct}{column})", "count(*)"))
        if self.random.random() < 0.2:
            chosen += f" filter (where {self.predicate(sources, MOST_DEPTH)})"
        return chosen

    def column(self, sources: Sequence[Source]) -> str:
        """A column of one of the tables."""
        return self.column_of(sources)[0]

    def column_of(self, sources: Sequence[Source]) -> tuple[str, Source, str]:
        """A column, most often a key column, with its table and its name."""
        source = self.random.choice(list(sources))
        names = list(self.values[source.table])
        name = self.random.choice(names[:5] if self.random.random() < 0.7 else names)
        return f"{source.alias}.{name}", source, name

    def value(self, source: Source, name: str) -> str:
        """A value: one that the column has, one that it does not have, or one of another type."""
        kind = self.random.random()
        value = self.random.choice(self.values[source.table][name])
        if 0.55 < kind < 0.8 and isinstance(value, str):
            value = self.near(value)
        elif kind >= 0.8:
            value = self.random.choice(
                (None, 7, 0, -1, 1.5, "", "nothing", "EU-WEST-1", "eu-west-1 ", b"x", 2**63 - 1)
            )
        if self.random.random() < 0.2:
            bound = f"p{len(self.bindings)}"
            self.bindings[bound] = value
            return f":{bound}"
        return literal(value)

    def near(self, text: str) -> str:
        """A text that is nearly the same: where a comparison that is almost right goes wrong."""
        return self.random.choice(
            (text + " ", text[:-1], text.upper(), text + "x", text.title(), " " + text, text[:4])
        )


def literal(value: object) -> str:
    """A value as an SQL literal."""
    if value is None:
        return "null"
    if isinstance(value, bytes):
        return f"x'{value.hex()}'"
    if isinstance(value, str):
        return "'" + value.replace("'", "''") + "'"
    return str(value)
