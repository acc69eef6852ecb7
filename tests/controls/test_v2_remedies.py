"""What the remedies of the controls over version 2 set, keep, and leave alone."""

from __future__ import annotations

import json
import shlex
from collections.abc import Mapping, Sequence
from typing import Any

import pytest

import apigw_vtab
from apigw_vtab.controls.library import all_queries, find_queries
from apigw_vtab.controls.run import run_controls
from tests.controls.test_odd_members import IDENTITY
from tests.promises.hostile_endpoint import endpoint, routing

Item = dict[str, Any]
# When each expires, in seconds since 1970.
CERTIFICATES = {"valid": 4_000_000_000, "expired": 1_000_000_000}
GROUP = "arn:aws:logs:us-east-1:111122223333:log-group:mine"
CHOSEN_GROUP = "arn:aws:logs:{region}:{account_id}:log-group:access-logs"


@pytest.fixture(autouse=True)
def profile(monkeypatch: pytest.MonkeyPatch, aws_configuration: object) -> None:
    monkeypatch.setenv("AWS_PROFILE", "first")


def remedied(
    control: str, parameters: Mapping[str, str | int], kind: str = "HTTP", **lists: Sequence[Item]
) -> tuple[dict[str, Any], Mapping[str, int]]:
    """What is sent for each resource in alarm, or why nothing is; and how often AWS is asked.

    `lists` are the parts of the one API, but for `apis`, which are members of its own.
    """
    (more,) = lists.pop("apis", [{}])
    answers: dict[str, Any] = {
        "/v2/apis": [{"apiId": "a1", "name": "shop", "protocolType": kind, **more}],
        **{f"/v2/apis/a1/{name}": items for name, items in lists.items()},
    }
    answers = {path: {"items": items} for path, items in answers.items()}
    certificates = [
        {"clientCertificateId": name, "expirationDate": expires}
        for name, expires in CERTIFICATES.items()
    ]
    answers["/clientcertificates"] = {"item": certificates}
    routes = {path: (200, json.dumps(one).encode()) for path, one in answers.items()}
    with endpoint(routing({"/": (200, IDENTITY.encode()), **routes})) as url:
        connection = apigw_vtab.connect(regions="us-east-1", endpoint_url=url, max_rps=1000)
        controls = find_queries([control], all_queries())
        (result,) = run_controls(connection, controls, parameters, proven=True)
        found = {
            one.resource.rpartition("/")[2]: sent(one.remediation) or one.reason
            for one in result.findings(1)
            if one.status == "alarm"
        }
        calls = dict(connection.execute("select operation, count(*) from api_calls group by 1"))
        connection.close()
    calls.pop("GetCallerIdentity")
    return found, calls


def sent(commands: str) -> dict[str, Any]:
    """The parameters of the one command, but for those that name the resource."""
    line = commands.splitlines()[0] if commands else ""
    words = shlex.split(line)[4:]
    given = dict(zip(words[::2], words[1::2], strict=True))
    members: dict[str, Any] = json.loads(given.pop("--cli-input-json", "{}"))
    own = ("--authorization-type", "--authorizer-id", "--client-certificate-id")
    return members | {name: given[name] for name in own if name in given}


@pytest.mark.parametrize(
    ("control", "parameters", "kind", "stage", "expected"),
    [
        (
            "v2-stage-detailed-metrics",
            {},
            "HTTP",
            {
                "defaultRouteSettings": {"detailedMetricsEnabled": False},
                "routeSettings": {
                    "GET /a": {"detailedMetricsEnabled": False, "throttlingBurstLimit": 5},
                    "GET /b": {"detailedMetricsEnabled": True},
                },
            },
            {
                "DefaultRouteSettings": {"DetailedMetricsEnabled": True},
                "RouteSettings": {
                    "GET /a": {"DetailedMetricsEnabled": True, "ThrottlingBurstLimit": 5}
                },
            },
        ),
        (
            "v2-stage-execution-logging",
            {},
            "WEBSOCKET",
            {
                "defaultRouteSettings": {"loggingLevel": "INFO"},
                "routeSettings": {"ping": {"loggingLevel": "OFF", "dataTraceEnabled": False}},
            },
            {"RouteSettings": {"ping": {"LoggingLevel": "ERROR", "DataTraceEnabled": False}}},
        ),
        (
            "v2-stage-execution-logging",
            {"loggingLevel": "INFO"},
            "WEBSOCKET",
            {"defaultRouteSettings": {"loggingLevel": "ERROR"}},
            {"DefaultRouteSettings": {"LoggingLevel": "INFO"}},
        ),
        (
            "v2-stage-throttling",
            {"throttle_rate": 10, "throttle_burst": 20},
            "HTTP",
            {"defaultRouteSettings": {"throttlingRateLimit": 5.5}},
            {"DefaultRouteSettings": {"ThrottlingRateLimit": 5.5, "ThrottlingBurstLimit": 20}},
        ),
        (
            "v2-stage-access-logging",
            {"log_group_arn": CHOSEN_GROUP, "format": "$context.requestId $context.status"},
            "HTTP",
            {},
            {
                "AccessLogSettings": {
                    "DestinationArn": CHOSEN_GROUP.format(
                        region="us-east-1", account_id="111122223333"
                    ),
                    "Format": "$context.requestId $context.status",
                }
            },
        ),
        (
            "v2-stage-access-logging",
            {"log_group_arn": CHOSEN_GROUP},
            "HTTP",
            {"accessLogSettings": {"destinationArn": GROUP, "format": " "}},
            {
                "AccessLogSettings": {
                    "DestinationArn": GROUP,
                    "Format": "$context.identity.sourceIp $context.requestTime "
                    '"$context.routeKey" $context.status $context.requestId',
                }
            },
        ),
        (
            "v2-stage-tagged",
            {"tags": "team=orders, env=prod", "requiredKeyTags": "team,env"},
            "HTTP",
            {"tags": {"team": "shop", "aws:x": "1"}},
            {"Tags": {"env": "prod"}},
        ),
    ],
)
def test_a_stage_gets_what_is_missing_and_keeps_what_is_there(
    control: str,
    parameters: dict[str, str | int],
    kind: str,
    stage: Item,
    expected: dict[str, Any],
) -> None:
    found, _ = remedied(control, parameters, kind, stages=[{"stageName": "live", **stage}])
    found["live"].pop("ResourceArn", None)
    assert found == {"live": expected}


def test_a_format_without_a_request_id_is_not_promised() -> None:
    chosen = {"log_group_arn": CHOSEN_GROUP, "format": "$context.status"}
    found, _ = remedied("v2-stage-access-logging", chosen, stages=[{"stageName": "live"}])
    assert "it would not be ok afterwards" in found["live"]


def test_named_origins_take_the_place_of_those_that_are_any_website() -> None:
    cors = {
        "allowOrigins": ["https://shop.example.com", "HTTPS://*", "null"],
        "allowCredentials": True,
        "maxAge": 60,
    }
    chosen = "https://a.example.com,https://shop.example.com"
    found, calls = remedied(
        "v2-cors-any-origin", {"allowed_origins": chosen}, apis=[{"corsConfiguration": cors}]
    )
    assert found["a1"]["CorsConfiguration"] == {
        "AllowOrigins": ["https://shop.example.com", "https://a.example.com"],
        "AllowCredentials": True,
        "MaxAge": 60,
    }
    assert calls == {"GetApis": 1}


def test_any_website_is_not_promised_to_end_the_alarm() -> None:
    cors = {"allowOrigins": ["*"], "allowCredentials": True}
    found, _ = remedied(
        "v2-cors-any-origin", {"allowed_origins": "https://*"}, apis=[{"corsConfiguration": cors}]
    )
    assert "it would not be ok afterwards" in found["a1"]


AUTHORIZERS = [
    {"authorizerId": "j1", "name": "customers", "authorizerType": "JWT"},
    {"authorizerId": "r1", "name": "guests", "authorizerType": "REQUEST"},
    {"authorizerId": "r2", "name": "twins", "authorizerType": "REQUEST"},
    {"authorizerId": "r3", "name": "twins", "authorizerType": "REQUEST"},
]
OPEN = {"routeId": "one", "routeKey": "GET /", "authorizationType": "NONE"}
SIGNED = {"routeId": "one", "routeKey": "GET /", "authorizationType": "AWS_IAM"}


@pytest.mark.parametrize(
    ("control", "route", "chosen", "expected"),
    [
        ("v2-route-authorization", OPEN, "AWS_IAM", {"--authorization-type": "AWS_IAM"}),
        (
            "v2-route-authorization",
            OPEN,
            "customers",
            {"--authorization-type": "JWT", "--authorizer-id": "j1"},
        ),
        (
            "v2-route-authorization",
            OPEN,
            "r2",
            {"--authorization-type": "CUSTOM", "--authorizer-id": "r2"},
        ),
        (
            "v2-route-authorizer",
            SIGNED,
            "guests",
            {"--authorization-type": "CUSTOM", "--authorizer-id": "r1"},
        ),
        ("v2-route-authorization", OPEN, "nobody", "its API has no authorizer nobody"),
        ("v2-route-authorizer", OPEN, "AWS_IAM", "its API has no authorizer AWS_IAM"),
        ("v2-route-authorizer", OPEN, "twins", "has several authorizers twins: choose one by"),
        (
            "v2-route-authorization",
            {**OPEN, "routeKey": "OPTIONS /{proxy+}"},
            "AWS_IAM",
            "browsers send no credentials with OPTIONS",
        ),
    ],
)
def test_a_route_gets_what_was_chosen_or_the_reason_why_not(
    control: str, route: Item, chosen: str, expected: str | dict[str, str]
) -> None:
    parameter = control.rpartition("-")[2]
    found, calls = remedied(control, {parameter: chosen}, routes=[route], authorizers=AUTHORIZERS)
    if isinstance(expected, str):
        assert expected in found["one"]
    else:
        assert found == {"one": expected}
    # For IAM, and where it is clear without, nobody asks for them.
    asks = chosen != "AWS_IAM" or (control == "v2-route-authorizer")
    assert calls == {"GetApis": 1, "GetRoutes": 1, **({"GetAuthorizers": 1} if asks else {})}


def test_only_connect_of_a_web_socket_api_can_be_authorized() -> None:
    later = {"routeId": "later", "routeKey": "ping"}
    found, calls = remedied(
        "v2-route-authorization", {"authorization": "AWS_IAM"}, "WEBSOCKET", routes=[later]
    )
    assert "at its route $connect alone" in found["later"]
    assert calls == {"GetApis": 1, "GetRoutes": 1}


@pytest.mark.parametrize("chosen", ["expired", "elsewhere"])
def test_a_certificate_that_is_not_valid_in_the_stages_region_is_not_attached(chosen: str) -> None:
    found, calls = remedied(
        "v2-stage-client-certificate",
        {"client_certificate_id": chosen},
        "WEBSOCKET",
        stages=[{"stageName": "live"}],
    )
    assert f"no valid client certificate {chosen}" in found["live"]
    assert calls == {"GetApis": 1, "GetStages": 1, "GetClientCertificates": 1}


def test_a_valid_certificate_is_attached() -> None:
    found, calls = remedied(
        "v2-stage-client-certificate",
        {"client_certificate_id": "valid"},
        "WEBSOCKET",
        stages=[{"stageName": "live"}, {"stageName": "test"}],
    )
    assert found == {name: {"--client-certificate-id": "valid"} for name in ("live", "test")}
    assert calls == {"GetApis": 1, "GetStages": 1, "GetClientCertificates": 1}
