"""What AWS would refuse, ignore or misunderstand is refused in words before anything is sent."""

from __future__ import annotations

from typing import Any

import boto3
import pytest

from apigw_vtab import UsageError
from apigw_vtab.aws.accounts import Account, Lane
from apigw_vtab.sqlite.connection import Connection
from apigw_vtab.tables.registry import TABLES
from apigw_vtab.tables.tagging import ARN, TAGS
from apigw_vtab.tables.values import SqlValue
from apigw_vtab.writes.changes import Change
from apigw_vtab.writes.pending_changes import PendingChanges
from apigw_vtab.writes.sequence import read_beside
from tests.control_plane import Plane
from tests.writes.aws_cli_cases import REGION

BY_NAME = {table.name: table for table in TABLES}
Row = dict[str, SqlValue]


@pytest.fixture(scope="module")
def where() -> Lane:
    return Account(boto3.Session(region_name=REGION)).lane(REGION)


def planned(where: Lane, table: str, row: Row, new: Row) -> list[Change]:
    """The operations of an UPDATE of a row that has these values."""
    declared, changes = BY_NAME[table], PendingChanges()
    key: dict[str, str | None] = dict.fromkeys(declared.key, "x")
    old = {name: row.get(name) for name in new}
    beside = {name: row.get(name) for name in read_beside(declared, new)}
    changes.update(declared, where, key, old, new, beside)
    return changes.pending


LOGS = '{"DestinationArn":"arn:x","Format":"f"}'
CASES: list[tuple[str, Row, Row, str]] = [
    # What AWS does not list
    ("methods", {}, {"authorization_type": "IAM"}, "cannot be 'IAM'. .*It takes: NONE, AWS_IAM"),
    ("v2_routes", {}, {"authorization_type": "AWS_IAMM"}, "Did you mean AWS_IAM"),
    ("domain_names", {}, {"security_policy": "TLS_1_3"}, "It takes: TLS_1_0, TLS_1_2"),
    ("rest_apis", {}, {"security_policy": "TLS"}, "security_policy cannot be 'TLS'"),
    (
        "v2_stages",
        {},
        {"default_route_settings": '{"LoggingLevel":"DEBUG"}'},
        "LoggingLevel of default_route_settings cannot be 'DEBUG'. It takes: ERROR, INFO, OFF",
    ),
    # What is of another type
    ("v2_stages", {}, {"auto_deploy": "yes"}, "auto_deploy must be 0 or 1"),
    ("v2_stages", {}, {"description": b"x"}, "must be a text, not a BLOB"),
    ("v2_stages", {}, {"access_log_settings": "{"}, "is not JSON"),
    ("v2_stages", {}, {"access_log_settings": "[]"}, "needs a JSON object"),
    ("v2_stages", {}, {"access_log_settings": '{"destinationArn":"x"}'}, "Did you mean"),
    ("v2_stages", {}, {"access_log_settings": '{"Format":1}'}, "must be a text, not 1"),
    ("v2_stages", {}, {"stage_variables": '{"a":1}'}, "a of stage_variables must be a text"),
    ("v2_stages", {}, {"stage_variables": '{"a":""}'}, "a of stage_variables cannot be empty"),
    (
        "v2_stages",
        {},
        {"route_settings": '{"GET /":{"ThrottlingBurstLimit":1.5}}'},
        "ThrottlingBurstLimit of GET / of route_settings must be a whole number",
    ),
    (
        "v2_stages",
        {},
        {"route_settings": '{"GET /":{"DataTraceEnabled":"true"}}'},
        "must be true or false",
    ),
    (
        "v2_stages",
        {},
        {"route_settings": '{"GET /":{"ThrottlingRateLimit":true}}'},
        "must be a number",
    ),
    ("v2_routes", {}, {"authorization_scopes": "read"}, "must be a JSON list or NULL"),
    ("v2_routes", {}, {"authorization_scopes": "[1]"}, "an item of authorization_scopes must be"),
    ("rest_apis", {}, {"minimum_compression_size": "much"}, "must be a number"),
    ("rest_apis", {}, {"minimum_compression_size": 1.5}, "must be a whole number"),
    ("stages", {}, {"tags": '{"a":1}'}, "'a' must be a text, not 1"),
    ("stages", {}, {"tags": "team"}, "is not JSON"),
    # What is of another form, or less than AWS takes
    (
        "account_settings",
        {},
        {"cloudwatch_role_arn": "foo"},
        "cannot be 'foo': write it in the form arn:aws:iam::111122223333:role/",
    ),
    ("account_settings", {}, {"cloudwatch_role_arn": "arn:aws:iam::1:role/x"}, "in the form"),
    (
        "stages",
        {},
        {"method_settings": '{"*/*":{"throttlingRateLimit":-2}}'},
        r"throttlingRateLimit of \*/\* of method_settings must be a number of -1 or more, not -2",
    ),
    (
        "stages",
        {},
        {"method_settings": '{"*/*":{"throttlingBurstLimit":"fast"}}'},
        "of -1 or more, not 'fast'",
    ),
    ("usage_plans", {}, {"throttle": '{"rateLimit":-1}'}, "rateLimit of throttle must be a number"),
    ("usage_plans", {}, {"quota": '{"limit":-1}'}, "limit of quota must be a number of 0 or more"),
    (
        "v2_stages",
        {},
        {"default_route_settings": '{"ThrottlingRateLimit":-0.5}'},
        "ThrottlingRateLimit of default_route_settings must be a number of 0 or more, not -0.5",
    ),
    (
        "v2_stages",
        {"route_settings": '{"GET /":{"ThrottlingBurstLimit":5}}'},
        {"route_settings": '{"GET /":{"ThrottlingBurstLimit":-5}}'},
        "ThrottlingBurstLimit of GET / of route_settings must be",
    ),
    ("stages", {ARN: "arn"}, {TAGS: '{"":"a"}'}, "key of the tag 'a' cannot be empty"),
    ("v2_apis", {ARN: "arn"}, {TAGS: '{" ":"a"}'}, "key of the tag 'a' cannot be empty"),
    # What AWS offers no way to take away
    ("v2_stages", {"description": "x"}, {"description": None}, "AWS would keep what it has"),
    ("v2_stages", {"deployment_id": "x"}, {"deployment_id": ""}, "cannot be NULL or empty"),
    (
        "v2_stages",
        {"default_route_settings": '{"LoggingLevel":"INFO"}'},
        {"default_route_settings": None},
        "cannot be NULL or empty",
    ),
    (
        "v2_stages",
        {"access_log_settings": LOGS},
        {"access_log_settings": '{"Format":"f"}'},
        "DestinationArn of access_log_settings cannot be removed by itself",
    ),
    (
        "v2_stages",
        {"route_settings": '{"GET /":{"LoggingLevel":"INFO","ThrottlingBurstLimit":5}}'},
        {"route_settings": '{"GET /":{"ThrottlingBurstLimit":5}}'},
        "LoggingLevel of GET / of route_settings cannot be removed by itself",
    ),
    ("v2_routes", {"authorization_type": "NONE"}, {"authorization_type": None}, "cannot be NULL"),
    ("methods", {"authorization_type": "NONE"}, {"authorization_type": ""}, "cannot be NULL"),
    ("domain_names", {"security_policy": "TLS_1_2"}, {"security_policy": None}, "cannot be NULL"),
    # What AWS ignores, or takes only with something else
    ("methods", {}, {"authorization_type": "CUSTOM"}, "CUSTOM needs authorizer_id"),
    ("v2_routes", {}, {"authorization_type": "JWT"}, "JWT needs authorizer_id"),
    (
        "methods",
        {"authorization_type": "CUSTOM", "authorizer_id": "a"},
        {"authorizer_id": None},
        "set both in one UPDATE",
    ),
    (
        "methods",
        {"authorization_type": "NONE"},
        {"authorizer_id": "a"},
        "taken with authorization_type CUSTOM or COGNITO_USER_POOLS or JWT only, and it is NONE",
    ),
    (
        "domain_names",
        {},
        {"security_policy": "SecurityPolicy_TLS13_1_3_2025_09"},
        "needs endpoint_access_mode",
    ),
    (
        "rest_apis",
        {"security_policy": "SecurityPolicy_TLS13_1_3_2025_09", "endpoint_access_mode": "BASIC"},
        {"endpoint_access_mode": None},
        "needs endpoint_access_mode",
    ),
    # What is AWS's own
    ("stages", {ARN: "arn"}, {TAGS: '{"aws:x":"y"}'}, "'aws:x' is AWS's own"),
    ("stages", {ARN: "arn"}, {TAGS: '{"AWS:x":"y"}'}, "'AWS:x' is AWS's own"),
    (
        "v2_apis",
        {ARN: "arn", TAGS: '{"aws:cloudformation:stack-name":"shop","a":"b"}'},
        {TAGS: None},
        "is AWS's own and cannot be changed: leave it",
    ),
    ("v2_portals", {}, {TAGS: '{"a":"b"}'}, "without an ARN"),
]


@pytest.mark.parametrize(("table", "row", "new", "complaint"), CASES)
def test_a_value_is_refused(where: Lane, table: str, row: Row, new: Row, complaint: str) -> None:
    with pytest.raises(UsageError, match=complaint):
        planned(where, table, row, new)


ALLOWED: list[tuple[str, Row, Row, list[dict[str, Any]]]] = [
    # AWS's own tags may stay
    (
        "stages",
        {ARN: "arn", TAGS: '{"aws:x":"y"}'},
        {TAGS: '{"aws:x":"y","a":"b"}'},
        [{"resourceArn": "arn", "tags": {"a": "b"}}],
    ),
    # another authorizer goes with the type that stays, and a type with its authorizer
    (
        "v2_routes",
        {"authorization_type": "JWT", "authorizer_id": "a"},
        {"authorizer_id": "b"},
        [{"ApiId": "x", "RouteId": "x", "AuthorizerId": "b", "AuthorizationType": "JWT"}],
    ),
    (
        "v2_routes",
        {"authorization_type": "NONE", "authorizer_id": "a"},
        {"authorization_type": "CUSTOM"},
        [{"ApiId": "x", "RouteId": "x", "AuthorizerId": "a", "AuthorizationType": "CUSTOM"}],
    ),
    # a negative limit that AWS has may stay
    (
        "v2_stages",
        {"default_route_settings": '{"ThrottlingRateLimit":-1.0,"LoggingLevel":"OFF"}'},
        {"default_route_settings": '{"ThrottlingRateLimit":-1.0,"LoggingLevel":"INFO"}'},
        [
            {
                "ApiId": "x",
                "StageName": "x",
                "DefaultRouteSettings": {"ThrottlingRateLimit": -1.0, "LoggingLevel": "INFO"},
            }
        ],
    ),
    # nothing is sent for what does not change
    ("v2_stages", {"auto_deploy": None}, {"auto_deploy": 0}, []),
    ("v2_stages", {"stage_variables": None}, {"stage_variables": "{}"}, []),
    ("v2_stages", {"access_log_settings": LOGS}, {"access_log_settings": f" {LOGS}"}, []),
    ("v2_routes", {"authorization_scopes": None}, {"authorization_scopes": "[]"}, []),
    ("v2_apis", {TAGS: None}, {TAGS: "{}"}, []),
    (
        "v2_stages",
        {"route_settings": '{"GET /":{"ThrottlingRateLimit":5.0}}'},
        {"route_settings": '{"GET /":{"ThrottlingRateLimit":5}}'},
        [],
    ),
    # a route's settings go by an operation for each route
    (
        "v2_stages",
        {"route_settings": '{"GET /":{"LoggingLevel":"INFO"},"$default":{"LoggingLevel":"OFF"}}'},
        {"route_settings": '{"GET /":{"LoggingLevel":"ERROR"}}'},
        [
            {
                "ApiId": "x",
                "StageName": "x",
                "RouteSettings": {"GET /": {"LoggingLevel": "ERROR"}},
            },
            {"ApiId": "x", "StageName": "x", "RouteKey": "$default"},
        ],
    ),
]


@pytest.mark.parametrize(("table", "row", "new", "sent"), ALLOWED)
def test_a_value_is_sent(
    where: Lane, table: str, row: Row, new: Row, sent: list[dict[str, Any]]
) -> None:
    assert [change.parameters for change in planned(where, table, row, new)] == sent


def test_two_updates_of_a_row_are_one_of_each_operation(where: Lane) -> None:
    changes, table = PendingChanges(), BY_NAME["v2_stages"]
    key: dict[str, str | None] = {"api_id": "x", "stage_name": "x"}
    row: Row = {"description": "a", TAGS: '{"a":"1"}'}
    updates: list[Row] = [
        {"description": "b", TAGS: '{"a":"2","b":"1"}'},
        {"auto_deploy": 1, TAGS: '{"a":"1","b":"1"}'},
    ]
    for new in updates:
        old = {name: row.get(name) for name in new}
        changes.update(table, where, key, old, new, {ARN: "arn"})
    assert [(one.write.name, one.body) for one in changes.pending] == [
        ("UpdateStage", {"Description": "b", "AutoDeploy": True}),
        ("TagResource", {"Tags": {"b": "1"}}),
    ]


@pytest.mark.parametrize(
    ("sql", "complaint"),
    [
        ("update v2_stages set stage_name = 'x'", "stage_name of v2_stages cannot be changed"),
        ("update methods set http_method = 'GET'", "http_method of methods cannot be changed"),
        ("update v2_routes set route_key = 'x'", "What can be done: UPDATE v2_routes SET"),
        ("update v2_domain_names set domain_name_configurations = '[]'", "Change security_policy"),
        (
            "update usage_plans set api_stages = '[]'",
            "What can be done: UPDATE usage_plans SET name",
        ),
        ("insert into v2_routes (region) values ('eu-west-1')", "INSERT INTO v2_routes is not"),
        ("delete from methods", "DELETE FROM methods is not possible"),
    ],
)
def test_a_column_that_cannot_be_set_is_refused_before_any_call(
    plane: Plane, connection: Connection, sql: str, complaint: str
) -> None:
    with pytest.raises(UsageError, match=complaint):
        connection.execute(sql)
    assert not plane.calls


def test_the_tags_of_a_row_to_come_are_given_in_its_insert(connection: Connection) -> None:
    connection.execute("begin")
    connection.execute("insert into client_certificates (region) values ('eu-west-1')")
    with pytest.raises(UsageError, match="give them in the INSERT"):
        connection.execute(
            "update client_certificates set tags = '{}' where client_certificate_id like '$%'"
        )
    connection.execute("rollback")
