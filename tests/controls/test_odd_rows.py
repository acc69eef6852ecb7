"""Each control over its own examples, with a member missing, empty, unknown or of a wrong type.

Every example of one row that is wanted ok is tried, over plain SQLite tables without types, which
keep what they are given as a virtual table does; test_odd_members.py has what AWS's answers become.
A control that is added with examples is tested here without another word.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import pytest

from apigw_vtab.controls.examples import (
    Example,
    examples_of,
    fill,
    findings,
    plain_tables,
    rows_of,
    tables_by_name,
    without_lines,
)
from apigw_vtab.controls.findings import OK, SKIP
from apigw_vtab.controls.library import all_queries
from apigw_vtab.controls.saved_query import SavedQuery
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
    ("v2-route-authorization", ("authorizer_id",)): ODD,
    ("stage-client-certificate-http", ("client_certificate_id",)): WORDS,
    ("method-authorization", ("authorizer_id",)): (*WORDS, 7),
    ("method-authorization-or-key", ("authorizer_id",)): (*WORDS, 7),
    # What is there already, or is not asked for, is enough.
    ("account-cloudwatch-role", ("method_settings",)): ODD,
    ("account-cloudwatch-role", ("method_settings", "*/*")): ODD,
    ("account-cloudwatch-role", ("method_settings", "*/*", "loggingLevel")): ODD,
    ("method-authorization-or-key", ("api_key_required",)): (None,),
    ("stage-client-certificate-http", ("type",)): ODD,
    # The internet can reach it by one of its types, and it has an authorizer.
    ("rest-api-public-authorizer", ("endpoint_configuration", "types")): (["PRIVATE", "EDGE"],),
    # Each type is allowed.
    ("rest-api-endpoint-type", ("endpoint_configuration", "types")): (["PRIVATE", "EDGE"],),
    # Without a web ACL, a certificate, a policy, variables or a cache there is nothing to say.
    ("stage-waf-log4j", ("web_acl_arn",)): (None, ""),
    ("stage-client-certificate-expiring", ("client_certificate_id",)): (None, ""),
    ("stage-client-certificate-valid", ("client_certificate_id",)): (None, ""),
    # Times in the past, of which the numbers are seconds since 1970.
    ("stage-client-certificate-valid", ("not_before",)): ("now", -1, 7, 1.5),
    ("rest-api-policy-cross-account", ("policy",)): (None,),
    ("rest-api-policy-public", ("policy",)): (None,),
    ("stage-variable-secrets", ("variables",)): (*ABSENT, {}),
    ("stage-cache-encrypted", ("cache_cluster_enabled",)): (None,),
    ("stage-data-trace", ("method_settings",)): (None, {}),
    ("stage-data-trace", ("method_settings", "*/*")): (MISSING,),
    # Whether it is cached or not, it would be encrypted.
    ("stage-cache-encrypted", ("method_settings", "*/*", "cachingEnabled")): ODD,
    ("stage-variable-secrets", ("variables", "host")): (*ABSENT, " ", *TEXTS),
    ("stage-variable-secrets", ("variables", "commit")): (*ABSENT, " ", *TEXTS),
    ("stage-variable-secrets", ("canary_settings",)): (*ABSENT, {}, {"nonsense": 1}),
    ("stage-variable-secrets", ("canary_settings", "percentTraffic")): ODD,
    ("stage-variable-secrets", ("canary_settings", "stageVariableOverrides")): (MISSING, None, {}),
    ("stage-variable-secrets", ("canary_settings", "stageVariableOverrides", "host")): (
        *(*ABSENT, " ", *TEXTS),
    ),
    # Sizes, limits and times that AWS allows.
    ("rest-api-content-encoding", ("minimum_compression_size",)): (7,),
    ("usage-plan-quota", ("quota", "limit")): (7,),
    ("usage-plan-throttle", ("throttle", "rateLimit")): (7, 1.5, 1e300),
    ("usage-plan-throttle", ("throttle", "burstLimit")): (7,),
    ("stage-deployed-lately", ("last_updated_date",)): ("now",),
    # Any tag will do, whatever it says, and any text.
    ("rest-api-tagged", ("tags", "more")): ODD,
    ("stage-tagged", ("tags", "more")): ODD,
    ("stage-description", ("description",)): (*TEXTS, *AS_TEXT),
    # Any text will do, or any that is there.
    ("v2-stage-description", ("description",)): (*TEXTS, *AS_TEXT),
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


def places(example: Example) -> Iterator[tuple[str, int, Path]]:
    """The table, row and path of each member that an example gives, but for keys."""
    for name, rows in example.rows.items():
        table = tables_by_name()[name]
        for number, row in enumerate(rows):
            given = {
                column: value
                for column, value in without_lines(row).items()
                if column in table.index and column not in (*table.key, "account_id", "region")
            }
            for path in paths(given):
                yield name, number, path


def odd_statuses(control: SavedQuery, example: Example) -> Iterator[tuple[Path, object, str]]:
    """The status of a control for each odd value in the place of each member of an example."""
    connection = plain_tables(typed=False)
    for name, number, path in places(example):
        columns = {column.name: column for column in tables_by_name()[name].columns}
        for odd in ODD:
            if odd is MISSING and len(path) == 1:
                continue
            item = replaced(without_lines(example.rows[name][number]), path, odd)
            rows = rows_of(example)
            rows[name][number][path[0]] = (columns[path[0]].convert or plain)(item[path[0]])
            connection.execute("begin")
            fill(connection, rows)
            for finding in findings(connection, control, example):
                assert finding.reason.strip()
                yield path, odd, finding.status
            connection.execute("rollback")


def is_fine(control: str, path: Path, odd: object) -> bool:
    # A tag may have any text, and none.
    usual = (*TEXTS, " ", "") if path[0] == "tags" and len(path) > 1 else ()
    return any(odd is one or odd == one for one in FINE.get((control, path), usual))


@pytest.mark.parametrize("control", CONTROLS, ids=lambda control: control.name)
def test_no_odd_member_of_an_example_makes_a_control_say_ok(control: SavedQuery) -> None:
    # With more than one row, another one would still be ok.
    good = [one for one in examples_of(control) if [verdict for verdict, _ in one.wanted] == [OK]]
    assert good, "it needs an example of one row that is ok"
    wrong: list[Any] = [
        (example.place, path, odd, status)
        for example in good
        for path, odd, status in odd_statuses(control, example)
        if status in (OK, SKIP) and not is_fine(control.name, path, odd)
    ]
    assert wrong == []


def statuses(name: str, row: dict[str, Any], path: Path) -> set[str]:
    """The statuses of a control over a row with every odd value at a path."""
    (control,) = (one for one in CONTROLS if one.name == name)
    table = "stages" if name.startswith("stage-") else "rest_apis"
    example = Example(name, "", {table: [row]}, {}, ())
    return {status for where, _, status in odd_statuses(control, example) if where == path}


def test_what_is_not_said_to_be_off_is_cached() -> None:
    settings = {"*/*": {"cachingEnabled": True, "cacheDataEncrypted": False}}
    row = {"cache_cluster_enabled": True, "method_settings": settings}
    path = ("method_settings", "*/*", "cachingEnabled")
    assert statuses("stage-cache-encrypted", row, path) == {"alarm"}


@pytest.mark.parametrize("path", [("endpoint_configuration", "types"), ("endpoint_configuration",)])
def test_without_a_policy_only_what_is_known_to_be_private_has_tls_1_2(path: Path) -> None:
    row = {"endpoint_configuration": {"types": ["PRIVATE"]}}
    assert statuses("rest-api-tls-security-policy", row, path) == {"alarm"}
