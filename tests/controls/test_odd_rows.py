"""Each control over its own examples, with a member missing, empty, unknown or of a wrong type.

Every example that is wanted ok is tried, over plain SQLite tables without types, which keep what
they are given as a virtual table does. A control that is added with examples is tested here
without another word.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import apsw
import pytest

from apigw_vtab.controls.examples import (
    Example,
    examples_of,
    fill,
    findings,
    rows_of,
    tables_by_name,
)
from apigw_vtab.controls.findings import OK, SKIP
from apigw_vtab.controls.library import all_queries
from apigw_vtab.controls.saved_query import SavedQuery
from apigw_vtab.sqlite.functions import add_functions
from apigw_vtab.tables.values import plain
from tests.controls.odd_members import MISSING, ODD, Path, paths, replaced

CONTROLS = [query for query in all_queries() if query.severity and examples_of(query)]
WORDS = ("nonsense", "now", "OFF", "TLS_9_9", "PRIVATE")
TEXTS = (*WORDS, "12:30")
# A list or an object in a text's place becomes JSON, which somebody could have typed.
AS_TEXT = tuple(one for one in ODD if isinstance(one, list | dict))
ABSENT = (MISSING, None, "")

# Where a control is rightly ok, or rightly has nothing to say, whatever else stands there.
FINE: Mapping[tuple[str, Path], tuple[object, ...]] = {
    # An id is any word; whether it exists is another control's to say.
    ("stage-client-certificate", ("client_certificate_id",)): WORDS,
    ("v2-stage-client-certificate", ("client_certificate_id",)): WORDS,
    ("v2-route-authorizer", ("authorizer_id",)): WORDS,
    # Any text will do, or any that is there.
    ("v2-stage-description", ("description",)): (*TEXTS, *AS_TEXT),
    ("v2-stage-tagged", ("tags", "team")): (*TEXTS, " ", ""),
    ("v2-stage-tagged", ("tags", "cost")): (*TEXTS, " "),
    ("v2-api-tagged", ("tags", "team")): (*TEXTS, " ", ""),
    ("v2-api-tagged", ("tags", "cost")): (*TEXTS, " "),
    ("v2-integration-private-https", ("tls_config", "ServerNameToVerify")): TEXTS,
    ("v2-api-authorizer", ("name",)): ODD,
    ("domain-name-mutual-tls", ("mutual_tls_authentication", "truststoreWarnings")): ODD,
    # In an HTTP API, every route is judged alike.
    ("v2-route-authorization", ("route_key",)): ODD,
    ("v2-route-authorizer", ("route_key",)): ODD,
    # Limits that AWS allows.
    ("v2-stage-throttling", ("default_route_settings", "ThrottlingRateLimit")): (7, 1.5, 1e300),
    ("v2-stage-throttling", ("default_route_settings", "ThrottlingBurstLimit")): (7,),
    # No route has settings of its own.
    ("v2-stage-execution-logging", ("route_settings",)): (*ABSENT, {}),
    ("v2-stage-execution-logging", ("route_settings", "$connect")): (MISSING,),
    ("v2-stage-detailed-metrics", ("route_settings",)): (*ABSENT, {}),
    ("v2-stage-detailed-metrics", ("route_settings", "GET /pets")): (MISSING,),
    # No credentials, or none from everywhere.
    ("v2-cors-any-origin", ("cors_configuration",)): (MISSING, None, {}, {"nonsense": 1}),
    ("v2-cors-any-origin", ("cors_configuration", "AllowCredentials")): (MISSING, None),
    ("v2-cors-any-origin", ("cors_configuration", "AllowMethods")): ODD,
    ("v2-cors-any-origin", ("cors_configuration", "AllowOrigins")): (
        *(MISSING, None, [], ["nonsense"], ["PRIVATE", "EDGE"]),
    ),
}


def untyped() -> apsw.Connection:
    """A connection whose tables keep each value as it is."""
    connection = apsw.Connection(":memory:")
    add_functions(connection)
    for table in tables_by_name().values():
        columns = ", ".join(f'"{one.name}"' for one in table.columns)
        connection.execute(f'create temp table "{table.name}" ({columns})')
    return connection


def places(example: Example) -> Iterator[tuple[str, int, Path]]:
    """The table, row and path of each member that an example gives, but for keys."""
    for name, rows in example.rows.items():
        table = tables_by_name()[name]
        for number, row in enumerate(rows):
            given = {
                column: value
                for column, value in row.items()
                if column in table.index and column not in (*table.key, "account_id", "region")
            }
            for path in paths(given):
                if "__line__" not in path:
                    yield name, number, path


def odd_statuses(control: SavedQuery, example: Example) -> Iterator[tuple[Path, object, str]]:
    """The status of a control for each odd value in the place of each member of an example."""
    connection = untyped()
    for name, number, path in places(example):
        columns = {column.name: column for column in tables_by_name()[name].columns}
        for odd in ODD:
            if odd is MISSING and len(path) == 1:
                continue
            item = replaced(dict(example.rows[name][number]), path, odd)
            rows = rows_of(example)
            rows[name][number][path[0]] = (columns[path[0]].convert or plain)(item[path[0]])
            connection.execute("begin")
            fill(connection, rows)
            for finding in findings(connection, control, example):
                assert finding.reason.strip()
                yield path, odd, finding.status
            connection.execute("rollback")


def is_fine(control: str, path: Path, odd: object) -> bool:
    return any(odd is one or odd == one for one in FINE.get((control, path), ()))


@pytest.mark.parametrize("control", CONTROLS, ids=lambda control: control.name)
def test_no_odd_member_of_an_example_makes_a_control_say_ok(control: SavedQuery) -> None:
    good = [one for one in examples_of(control) if one.wanted and one.wanted[0][0] == OK]
    assert good, "it needs an example that is ok"
    wrong: list[Any] = [
        (example.place, path, odd, status)
        for example in good
        for path, odd, status in odd_statuses(control, example)
        if status in (OK, SKIP) and not is_fine(control.name, path, odd)
    ]
    assert wrong == []
