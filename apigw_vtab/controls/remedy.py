"""Remedies: what ends the alarms of a control, as SQL over the table `in_alarm`.

A control's header line `-- remedy:` has an UPDATE of one AWS table without a WHERE, which is for
the rows in alarm; :new_certificate is a client certificate that is made for it. What `remediate`
has to do beyond that is an .sql file in remedies/, whose header names the controls that it fixes
and whose last SELECT returns the public keys. `-- remedy-leaves:` is an expression over a row of
that table: why it is left alone, or NULL.

A control's `-- remedy-params:` are parameters of the remedy alone. `-- remedy-asks:` are those
that the user has to give, because a value can shut callers out or only the user knows it; what
is declared there is an example.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import apsw.ext

from apigw_vtab.controls.findings import Finding
from apigw_vtab.controls.library import read_query_file
from apigw_vtab.controls.saved_query import SavedQuery, split_list
from apigw_vtab.errors import UsageError
from apigw_vtab.sqlite.tokens import bare, quoted, tokens
from apigw_vtab.tables.declaration import Table
from apigw_vtab.tables.registry import TABLES
from apigw_vtab.tables.values import SqlValue
from apigw_vtab.tables.views import shipped_views
from apigw_vtab.writes.sequence import read_beside
from apigw_vtab.writes.transaction import LANE_COLUMNS

REMEDIES = Path(__file__).parent / "remedies"
# The parameter that stands for a certificate to be made.
NEW_CERTIFICATE = "new_certificate"

# What is not the same for two rows with the same values.
_ELSEWHERE = frozenset(("in_alarm", "rowid", "oid", "_rowid_", "random", "randomblob"))

_UPDATE = re.compile(r"update\s+(\w+)\s+set\s+(.+)", re.IGNORECASE | re.DOTALL)


@dataclass(frozen=True)
class DeclaredChange:
    """The UPDATE that a control's header declares: its table, what it sets, and what it leaves."""

    table: Table
    sets: str
    leaves: str = ""

    @property
    def makes_certificate(self) -> bool:
        """Whether it needs a new client certificate."""
        return f":{NEW_CERTIFICATE}" in self.sets

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns that say which row an alarm is about."""
        return (*LANE_COLUMNS, *self.table.key)

    @property
    def decides(self) -> frozenset[str] | None:
        """The columns that decide what it does to a row; None where more than the row does."""
        words = {bare(token.text) for token in tokens(f"{self.sets} {self.leaves}")}
        views = {view.name for view in shipped_views()}
        if words & (_ELSEWHERE | views | {table.name for table in TABLES}):
            return None
        columns = words & self.table.index.keys()
        return frozenset((*columns, *read_beside(self.table, columns)))

    @property
    def sql(self) -> str:
        """The UPDATE, for the rows of `in_alarm`."""
        return f"update {self.table.name}\nset {self.sets}\n{self._among}"

    @property
    def left_sql(self) -> str:
        """The SELECT of the rows of `in_alarm` that it cannot change: their key, and why."""
        name = self.table.name
        columns = ", ".join(f"{name}.{column}" for column in self.columns)
        return (
            f"select * from (\nselect {columns}, {self.leaves} as reason\nfrom {name}\n"
            f"{self._among}\n) where reason is not null"
        )

    @property
    def _among(self) -> str:
        """The WHERE clause for the rows of `in_alarm`.

        An expression keeps SQLite from asking for each row by itself: lists take fewer calls. A
        part of a key that AWS leaves out is NULL, which IN finds nowhere. What another account
        shares is not ours to change, and is another list.
        """
        *places, last = self.columns
        key = ", ".join([*places, f"coalesce({last}, '')"])
        own = "\n  and resource_owner = 'SELF'" if "resource_owner" in self.table.choices else ""
        return f"where ({key}) in (\n  select {key} from in_alarm\n){own}"


def declared_change(control: SavedQuery) -> DeclaredChange | None:
    """Return the change that a control declares, if any.

    Raises UsageError for one that is not an UPDATE of an AWS table.
    """
    text = control.remedy.rstrip("; ")
    if not text:
        return None
    found = _UPDATE.fullmatch(text)
    table = next((one for one in TABLES if found and one.name == found[1].lower()), None)
    outermost = {bare(token.text) for token in tokens(text) if token.depth == 0}
    if found is None or table is None or table.update is None or outermost & {";", "where"}:
        possible = ", ".join(one.name for one in TABLES if one.update)
        raise UsageError(
            f"The remedy of {control.name} is not valid: write -- remedy: update TABLE set ..., "
            f"without a WHERE, of one of these tables: {possible}."
        )
    return DeclaredChange(table, found[2], control.remedy_leaves)


def remedy_file(control: SavedQuery) -> SavedQuery | None:
    """Return the .sql file of a control's remedy, if it has one."""
    for remedy in map(read_query_file, sorted(REMEDIES.glob("*.sql"))):
        if control.name in split_list(remedy.header.get("remedies", "")):
            return remedy
    return None


def change_to_make(control: SavedQuery) -> DeclaredChange:
    """Return the change that a control declares. Raises UsageError if there is none."""
    change = declared_change(control)
    if change is None:
        words = f"{control.name} has no remedy that can be done for you."
        if told := control.remediation or control.title:
            raise UsageError(f"{words} What to do: {told}")
        raise UsageError(f"{words} To give it one, write a line -- remedy: into {control.path}")
    return change


def refuse_missing(control: SavedQuery, needed: Sequence[str], columns: Sequence[str]) -> None:
    """Raise UsageError if a control's rows lack a column that its remedy needs."""
    for name in needed:
        if name not in columns:
            raise UsageError(
                f"The remedy of {control.name} needs the column {name} in its rows: add it to the "
                f"SELECT in {control.path or control.name}."
            )


def declared_remedy(control: SavedQuery, given: Mapping[str, SqlValue]) -> str:
    """Return the SQL of the change that a control declares.

    Raises UsageError if there is none, or if a value is missing that only the user can give.
    """
    change = change_to_make(control)
    if missing := control.not_chosen(given):
        what = "a value" if len(missing) == 1 else "values"
        asked = " and ".join(
            f"--param {one.name}=VALUE, such as {one.name}={one.default!s}" for one in missing
        )
        raise UsageError(
            f"{control.name} needs {what} that you choose: add {asked}. {control.remediation}"
        )
    return f"begin;\n\n{change.sql};\n\ncommit;\n"


def _plain_or_quoted(name: str) -> str:
    return name if re.fullmatch(r"[a-z_]+", name) else quoted(name)


def in_alarm(findings: Sequence[Finding], key: Sequence[str]) -> str:
    """Return the SQL that creates the table of alarms; without any, it has the columns of `key`."""
    names = [name for name in (findings[0].more if findings else key) if name != "remediation"]
    columns = ["resource", "account_id", "region", *names]
    lines = [f"create temp table in_alarm ({', '.join(map(_plain_or_quoted, columns))});"]
    if findings:
        rows = (
            [one.resource, one.account_id, one.region, *(one.more[name] for name in names)]
            for one in findings
        )
        values = (f"  ({', '.join(apsw.format_sql_value(value) for value in row)})" for row in rows)
        lines += ["insert into in_alarm values", ",\n".join(values) + ";"]
    return "\n".join(lines)


def filled_in(sql: str, values: Mapping[str, SqlValue]) -> str:
    """Return a remedy's SQL with the values of its parameters, so that it can be read and run."""
    names = "|".join(map(re.escape, values))
    return re.sub(rf":({names})\b", lambda found: apsw.format_sql_value(values[found[1]]), sql)


def only(change: DeclaredChange, keys: Collection[Sequence[SqlValue]]) -> str:
    """Return what a WHERE clause ends with that is about the places of some rows.

    Those are their accounts and regions and, where all are in one, what their rows are listed by.
    """
    names = list(LANE_COLUMNS)
    if len({tuple(key[: len(names)]) for key in keys}) == 1 and change.table.parent:
        listed_by = change.table.reads[-1].needs
        names += [name for name in change.table.key if name in listed_by]
    told = ""
    for name in names:
        at = change.columns.index(name)
        values = sorted({key[at] for key in keys}, key=repr)
        if None not in values:
            told += f"\n  and {name} in ({', '.join(map(apsw.format_sql_value, values))})"
    return told


def among(change: DeclaredChange) -> str:
    """Return the WITH clause that makes `in_alarm` of a parameter."""
    terms = (f"value ->> {place} as {name}" for place, name in enumerate(change.columns))
    return f"with in_alarm as (select {', '.join(terms)} from json_each(:in_alarm))"
