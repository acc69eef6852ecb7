"""The column remediation: what a remedy would do, found out without doing it."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import Any

import pytest

from apigw_vtab.controls.findings import Finding
from apigw_vtab.controls.library import all_queries, find_queries
from apigw_vtab.controls.run import report_of, run_controls
from apigw_vtab.controls.saved_query import SavedQuery, read_query
from apigw_vtab.errors import UsageError
from apigw_vtab.sqlite.connection import Connection
from tests.conftest import REGIONS, Connect, operations, rows
from tests.control_plane import Fault, Plane, ServedEstate

ACCOUNT, REGION = "111122223333", REGIONS[0]
Stages = dict[str, dict[str, Any]]


@pytest.fixture
def given(plane: Plane, connect: Connect) -> Iterator[Any]:
    """Connect to one REST API with some stages."""
    usual = plane.estate

    def run(stages: Stages, **api: Any) -> Connection:
        made = [{"stageName": name, **members} for name, members in stages.items()]
        api = {"id": "api0000001", "name": "orders", "stages": made, **api}
        plane.estate = ServedEstate.declared({(ACCOUNT, REGION): {"rest_apis": [api]}})
        plane.reset()
        return connect(regions=REGION, allow_writes=True, on_error="warn")

    yield run
    plane.estate = usual


def findings(connection: Connection, control: str | SavedQuery, **more: Any) -> dict[str, Finding]:
    """What a control finds, by stage."""
    query = find_queries([control], all_queries())[0] if isinstance(control, str) else control
    parameters = more.pop("parameters", {})
    outcomes = list(run_controls(connection, [query], parameters, **more))
    found = report_of(connection, outcomes).findings
    return {str(one.more.get("stage_name", one.resource)): one for one in found}


def patches(finding: Finding) -> list[tuple[str, str]]:
    """The paths and values of the one command of a finding."""
    (line, *notes) = finding.remediation.splitlines()
    assert all(note.startswith(": '") for note in notes)
    text = line.partition("--cli-input-json ")[2].strip("'")
    operations: Sequence[dict[str, str]] = json.loads(text)["patchOperations"]
    return [(one["path"], one["value"]) for one in operations]


OVERRIDDEN = {
    "*/*": {
        "loggingLevel": "INFO",
        "metricsEnabled": True,
        "cachingEnabled": False,
        "cacheDataEncrypted": True,
        "throttlingRateLimit": 5.0,
    },
    "~1pets~1{petId}/GET": {
        "loggingLevel": "OFF",
        "metricsEnabled": False,
        "cachingEnabled": True,
        "cacheDataEncrypted": False,
    },
    "~1pets/GET": {"loggingLevel": "ERROR", "metricsEnabled": False, "cachingEnabled": False},
}


@pytest.mark.parametrize(
    ("control", "expected"),
    [
        (
            "stage-execution-logging",
            [("/~1pets~1{petId}/GET/logging/loglevel", "ERROR")],
        ),
        (
            "stage-detailed-metrics",
            [
                ("/~1pets~1{petId}/GET/metrics/enabled", "true"),
                ("/~1pets/GET/metrics/enabled", "true"),
            ],
        ),
        (
            "stage-cache-encrypted",
            [("/~1pets~1{petId}/GET/caching/dataEncrypted", "true")],
        ),
    ],
)
def test_each_method_in_alarm_is_named_and_nothing_else_is_set(
    given: Any, control: str, expected: list[tuple[str, str]]
) -> None:
    connection = given({"prod": {"methodSettings": OVERRIDDEN, "cacheClusterEnabled": True}})
    assert sorted(patches(findings(connection, control)["prod"])) == sorted(expected)


CHOSEN = {"caching_enabled": 1, "cache_cluster_size": "0.5"}
HALF = {
    "*/*": {"cachingEnabled": True, "cacheDataEncrypted": True},
    "a/GET": {"cachingEnabled": False},
    "b/GET": {"cachingEnabled": True},
}


def test_a_method_that_may_go_without_a_cache_is_not_cached(given: Any) -> None:
    connection = given({"prod": {"methodSettings": HALF, "cacheClusterEnabled": True}})
    chosen = {**CHOSEN, "methods": "default"}
    found = findings(connection, "stage-cache-enabled-and-encrypted", parameters=chosen)
    assert patches(found["prod"]) == [("/b/GET/caching/dataEncrypted", "true")]


@pytest.mark.parametrize("control", ["stage-methods-cached", "stage-cache-enabled-and-encrypted"])
def test_where_the_cluster_is_not_looked_at_none_is_bought(given: Any, control: str) -> None:
    connection = given({"prod": {"methodSettings": {"*/*": {"cachingEnabled": False}}}})
    chosen = {**CHOSEN, "cluster": "any"}
    found = findings(connection, control, parameters=chosen, proven=True)
    assert sorted(patches(found["prod"])) == [
        ("/*/*/caching/dataEncrypted", "true"),
        ("/*/*/caching/enabled", "true"),
    ]


def test_what_logs_more_than_is_asked_for_is_left_as_it_is(given: Any) -> None:
    settings = {"*/*": {"loggingLevel": "INFO"}, "a/GET": {"loggingLevel": "ERROR"}}
    connection = given({"prod": {"methodSettings": settings}})
    found = findings(connection, "stage-execution-logging", parameters={"loggingLevel": "INFO"})
    assert patches(found["prod"]) == [("/a/GET/logging/loglevel", "INFO")]


GROUP = "arn:aws:logs:{region}:{account_id}:log-group:access-logs"
HERE = f"arn:aws:logs:{REGION}:{ACCOUNT}:log-group:access-logs"
STREAM = f"arn:aws:firehose:{REGION}:{ACCOUNT}:deliverystream/amazon-apigateway-orders"
ARN, FORMAT = "/accessLogSettings/destinationArn", "/accessLogSettings/format"


def logged(connection: Connection, arn: str = GROUP) -> Finding:
    """What the control of access logs finds, where the user has chosen a destination."""
    found = findings(connection, "stage-access-logging", parameters={"log_group_arn": arn})
    return found["prod"]


def test_a_format_that_is_there_stays(given: Any) -> None:
    connection = given({"prod": {"accessLogSettings": {"format": "$context.requestId"}}})
    assert patches(logged(connection)) == [(ARN, HERE)]


@pytest.mark.parametrize("settings", [{}, {"format": ""}, {"format": "$context.status"}])
def test_a_format_without_a_request_id_which_aws_refuses_gives_way_to_one_with(
    given: Any, settings: dict[str, str]
) -> None:
    arn, form = patches(logged(given({"prod": {"accessLogSettings": settings}})))
    assert arn == (ARN, HERE)
    assert form[0] == FORMAT and "$context.requestId" in form[1]


@pytest.mark.parametrize("more", [{}, {"format": ""}, {"format": "  "}])
def test_a_destination_without_a_format_is_in_alarm_and_kept(
    given: Any, more: dict[str, str]
) -> None:
    own = f"arn:aws:logs:{REGION}:{ACCOUNT}:log-group:mine"
    connection = given({"prod": {"accessLogSettings": {"destinationArn": own, **more}}})
    finding = logged(connection)
    assert finding.status == "alarm"
    assert [path for path, _ in patches(finding)] == [FORMAT]


def test_an_account_that_aws_does_not_tell_gets_no_commands_with_a_made_up_one(
    given: Any, plane: Plane
) -> None:
    connection = given({"prod": {}})
    plane.faults = [Fault("denied", operation="GetCallerIdentity")]
    finding = logged(connection)
    assert not finding.remediation
    assert "the account's id, which AWS did not tell" in finding.reason


@pytest.mark.parametrize("arn", [GROUP, HERE, STREAM, f"{GROUP}:*", f"{HERE}:*"])
def test_a_destination_of_the_stages_own_account_and_region_is_taken(given: Any, arn: str) -> None:
    (_, value), _ = patches(logged(given({"prod": {}}), arn))
    assert value in (HERE, STREAM)


@pytest.mark.parametrize(
    "arn",
    [
        HERE.replace(REGION, "ap-south-1"),
        HERE.replace(ACCOUNT, "999999999999"),
        HERE.replace("arn:aws:", "arn:aws-cn:"),
        STREAM.replace(REGION, "ap-south-1"),
    ],
)
def test_a_destination_of_elsewhere_gets_no_commands_and_the_row_says_what_fits(
    given: Any, arn: str
) -> None:
    finding = logged(given({"prod": {}}), arn)
    assert not finding.remediation
    assert "is not of its account and region" in finding.reason
    assert f"arn:aws:logs:{REGION}:{ACCOUNT}:log-group:*" in finding.reason


@pytest.mark.parametrize(
    "arn",
    [
        *("access-logs", "arn:aws:s3:::bucket", f"{HERE}:log-stream:x", HERE.replace(ACCOUNT, "1")),
        *(
            STREAM.replace("amazon-apigateway-", ""),
            f"{HERE} ",
            "arn:aws:logs:{region}:log-group:x",
        ),
    ],
)
def test_what_is_no_destination_is_refused_before_anything_is_read(
    given: Any, plane: Plane, arn: str
) -> None:
    with pytest.raises(UsageError, match="takes an ARN of the form"):
        logged(given({"prod": {}}), arn)
    assert not plane.calls


@pytest.mark.parametrize(
    ("policy", "mode"),
    [
        ("TLS_1_2", []),
        ("SecurityPolicy_TLS13_1_2_2021_06", [("/endpointAccessMode", "BASIC")]),
    ],
)
def test_a_newer_security_policy_brings_its_access_mode(
    given: Any, policy: str, mode: list[tuple[str, str]]
) -> None:
    connection = given({}, securityPolicy="TLS_1_0")
    parameters = {"security_policy": policy}
    (found,) = findings(connection, "rest-api-tls-security-policy", parameters=parameters).values()
    assert patches(found) == [("/securityPolicy", policy), *mode]


def test_it_costs_no_call(given: Any, plane: Plane) -> None:
    stages = {"prod": {}, "beta": {"tracingEnabled": True}, "dev": {}}
    findings(given(stages), "stage-xray-tracing", commands=False)
    without = operations(plane)
    connection = given(stages)
    found = findings(connection, "stage-xray-tracing", proven=True)
    assert operations(plane) == without
    assert [name for name, one in found.items() if one.remediation] == ["prod", "dev"]


def test_a_stage_that_cannot_be_written_down_stops_no_other(given: Any) -> None:
    odd = {"methodSettings": {"*/*": {"newSetting": True}}}
    connection = given({f"s{number}": {} for number in range(5)} | {"odd": odd})
    found = findings(connection, "stage-detailed-metrics")
    assert [name for name, one in found.items() if not one.remediation] == ["odd"]
    assert "no 'newSetting'" in found["odd"].reason
    assert found["odd"].status == "alarm"


def test_what_would_not_be_ok_afterwards_has_no_commands_once_it_is_tried(given: Any) -> None:
    connection = given({}, endpointConfiguration={"types": ["REGIONAL"]})
    parameters = {"security_policy": "TLS_1_0"}
    (found,) = findings(
        connection, "rest-api-tls-security-policy", parameters=parameters, proven=True
    ).values()
    assert "it would not be ok afterwards" in found.reason
    assert found.more["remediation"] is None


LEAVING = """-- title: Mine
-- severity: low
-- remedy: update stages set description = 'x'
-- remedy-leaves:
--   iif({why}, 'it is ' || stage_name, null)

select arn as resource, 'alarm' as status, 'no' as reason, account_id, region, rest_api_id,
  stage_name
from stages;
"""


def test_what_a_control_leaves_alone_has_the_reason_and_no_commands(
    given: Any, plane: Plane
) -> None:
    connection = given({"prod": {}, "beta": {}, "dev": {}})
    found = findings(connection, read_query("mine", LEAVING.format(why="stage_name = 'beta'")))
    assert [name for name, one in found.items() if one.remediation] == ["prod", "dev"]
    assert "(There are no commands for it: it is beta)" in found["beta"].reason
    assert operations(plane)["GetStages"] == 1


def test_where_it_cannot_be_said_what_is_left_alone_only_that_row_has_no_commands(
    given: Any,
) -> None:
    connection = given({"prod": {}, "beta": {"description": "{"}, "dev": {"description": "{}"}})
    query = read_query("mine", LEAVING.format(why="json_extract(description, '$.a')"))
    found = findings(connection, query)
    assert [name for name, one in found.items() if one.remediation] == ["prod", "dev"]
    assert "malformed JSON" in found["beta"].reason


def test_nothing_is_pending_afterwards(given: Any, plane: Plane) -> None:
    connection = given({"prod": {}})
    findings(connection, "stage-xray-tracing")
    assert not connection.context.transaction.changes.pending
    assert not connection.in_transaction
    assert rows(connection, "select tracing_enabled from stages") == [(None,)]
    assert all(call.operation.startswith("Get") for call in plane.calls)


def test_a_transaction_of_the_user_goes_on_as_if_nothing_had_been(given: Any, plane: Plane) -> None:
    connection = given({"prod": {}, "beta": {}})
    connection.execute("begin; update stages set description = 'x' where stage_name = 'prod'")
    found = findings(connection, "stage-xray-tracing")
    assert {name for name, one in found.items() if one.remediation} == {"prod", "beta"}
    connection.execute("commit")
    changed = [call.params for call in plane.calls if call.operation == "UpdateStage"]
    assert [one["stageName"] for one in changed] == ["prod"]
    assert [one["path"] for one in changed[0]["patchOperations"]] == ["/description"]


def test_a_write_after_a_rehearsal_in_its_transaction_reads_anew(given: Any, plane: Plane) -> None:
    connection = given({"prod": {}})
    connection.execute("begin")
    findings(connection, "stage-xray-tracing")
    plane.reset()
    connection.execute("update stages set description = 'x'; commit")
    assert operations(plane) == {"GetStages": 1, "UpdateStage": 1}


def test_a_connection_that_may_not_write_has_the_commands_too(given: Any, connect: Connect) -> None:
    given({"prod": {}})
    connection = connect(regions=REGION)
    assert findings(connection, "stage-xray-tracing")["prod"].remediation


MINE = """-- title: Mine
-- severity: low
-- remedy: {remedy}

select arn as resource, 'alarm' as status, 'no' as reason, account_id, region, {columns}
from stages;
"""


@pytest.mark.parametrize(
    ("remedy", "columns", "complaint"),
    [
        ("update stages set tracing_enabled = 1", "stage_name", "needs the column rest_api_id"),
        ("update stages set tracing_enabled = 1 where 1", "1", "without a WHERE"),
        ("update stages set tracing_enabled = 1; drop table x", "1", "is not valid"),
        ("delete from client_certificates", "1", "is not valid"),
        ("update nothing set x = 1", "1", "is not valid"),
        ("update regions set region = 'x'", "1", "is not valid"),
    ],
)
def test_a_remedy_that_is_not_valid_is_a_warning_and_takes_no_verdict(
    given: Any, remedy: str, columns: str, complaint: str
) -> None:
    connection = given({"prod": {}})
    query = read_query("mine", MINE.format(remedy=remedy, columns=columns))
    (found,) = findings(connection, query).values()
    assert found.status == "alarm"
    (warning,) = connection.executor.log.new_warnings()
    assert complaint in warning


def test_a_remedy_of_somebody_else_can_do_nothing_but_change_its_rows(given: Any) -> None:
    connection = given({"prod": {}})
    text = MINE.format(
        remedy="update stages set description = load_extension('/x')",
        columns="rest_api_id, stage_name",
    )
    found = findings(connection, read_query("mine", text))["prod"]
    assert "LOAD_EXTENSION is not allowed" in found.reason
    with pytest.raises(UsageError, match="may only read"), connection.rehearsal("mine"):
        connection.execute("create table x (y)")
