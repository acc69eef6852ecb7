"""Patch operations: how a column's old value becomes the new one."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest

from apigw_vtab.errors import UsageError
from apigw_vtab.tables.model import service_model
from apigw_vtab.tables.v1.method_settings import METHOD_SETTINGS
from apigw_vtab.tables.v1.rest_apis import REST_APIS
from apigw_vtab.tables.v1.stages import STAGES
from apigw_vtab.writes.patches import operations

LOGS = {"loggingLevel": "ERROR", "metricsEnabled": True}


def replace(path: str, value: str) -> dict[str, str]:
    return {"op": "replace", "path": path, "value": value}


def remove(path: str) -> dict[str, str]:
    return {"op": "remove", "path": path}


def text(value: Any) -> Any:
    return json.dumps(value) if isinstance(value, dict) else value


CASES: list[tuple[str, Any, Any, list[dict[str, str]]]] = [
    ("client_certificate_id", None, "abc", [replace("/clientCertificateId", "abc")]),
    ("client_certificate_id", "abc", None, [replace("/clientCertificateId", "")]),
    ("client_certificate_id", "abc", "abc", []),
    ("tracing_enabled", 0, 1, [replace("/tracingEnabled", "true")]),
    ("tracing_enabled", 1, 0, [replace("/tracingEnabled", "false")]),
    ("tracing_enabled", None, 0, []),
    ("cache_cluster_size", "0.5", 1.6, [replace("/cacheClusterSize", "1.6")]),
    ("variables", None, {"a": "1"}, [replace("/variables/a", "1")]),
    (
        "variables",
        {"a": "1", "b": "2"},
        {"b": "3"},
        [remove("/variables/a"), replace("/variables/b", "3")],
    ),
    ("variables", {"a": "1"}, None, [remove("/variables/a")]),
    (
        "method_settings",
        {"*/*": LOGS},
        {"*/*": LOGS | {"loggingLevel": "INFO"}},
        [replace("/*/*/logging/loglevel", "INFO")],
    ),
    (
        "method_settings",
        {},
        {"~1pets/GET": {"cachingEnabled": False}},
        [replace("/~1pets/GET/caching/enabled", "false")],
    ),
    (
        "method_settings",
        {},
        {"pets/dogs/GET": {"throttlingRateLimit": 5}},
        [replace("/pets~1dogs/GET/throttling/rateLimit", "5")],
    ),
    ("method_settings", {"*/*": LOGS}, {}, [remove("/*/*")]),
    (
        "method_settings",
        {"*/*": LOGS, "~1pets~1{petId}/GET": LOGS, "~1{proxy+}/ANY": LOGS, "~1/GET": LOGS},
        {
            "*/*": LOGS,
            "~1pets~1{petId}/GET": LOGS | {"loggingLevel": "INFO"},
            "~1{proxy+}/ANY": LOGS | {"loggingLevel": "OFF"},
        },
        [
            remove("/~1/GET"),
            replace("/~1pets~1{petId}/GET/logging/loglevel", "INFO"),
            replace("/~1{proxy+}/ANY/logging/loglevel", "OFF"),
        ],
    ),
    (
        "method_settings",
        {"~1{key}/GET": {"throttlingRateLimit": 5}},
        None,
        [remove("/~1{key}/GET")],
    ),
    (
        "method_settings",
        {"*/*": {"throttlingRateLimit": 5.0}},
        {"*/*": {"throttlingRateLimit": 5}},
        [],
    ),
    (
        "canary_settings",
        {"percentTraffic": 10.0, "stageVariableOverrides": {"a": "b", "c": "d"}},
        {"percentTraffic": 10.0, "stageVariableOverrides": {"c": "d"}},
        [remove("/canarySettings/stageVariableOverrides/a")],
    ),
    (
        "access_log_settings",
        None,
        {"destinationArn": "arn:x", "format": "$context.requestId"},
        [
            replace("/accessLogSettings/destinationArn", "arn:x"),
            replace("/accessLogSettings/format", "$context.requestId"),
        ],
    ),
    ("access_log_settings", {"format": "x"}, None, [remove("/accessLogSettings")]),
    (
        "canary_settings",
        {"percentTraffic": 10.0},
        {"percentTraffic": 20.5, "stageVariableOverrides": {"a": "b"}},
        [
            replace("/canarySettings/percentTraffic", "20.5"),
            replace("/canarySettings/stageVariableOverrides/a", "b"),
        ],
    ),
]


@pytest.mark.parametrize(("column", "old", "new", "expected"), CASES)
def test_a_new_value_is_these_operations(column: str, old: Any, new: Any, expected: Any) -> None:
    assert operations(STAGES, {column: text(old)}, {column: text(new)}) == expected


@pytest.mark.parametrize(
    ("column", "old", "new"),
    [
        ("method_settings", {"*/*": LOGS}, {"*/*": {}}),
        ("access_log_settings", {"destinationArn": "a", "format": "f"}, {"destinationArn": "a"}),
        (
            "access_log_settings",
            {"destinationArn": "a", "format": "f"},
            {"format": "", "destinationArn": "a"},
        ),
        ("method_settings", {"*/*": LOGS}, {"*/*": LOGS | {"loggingLevel": None}}),
        ("variables", {"a": "1"}, {"a": ""}),
        ("deployment_id", "abc123", None),
        ("cache_cluster_size", "0.5", ""),
    ],
)
def test_a_change_that_no_patch_operation_makes_is_refused(column: str, old: Any, new: Any) -> None:
    with pytest.raises(UsageError, match="cannot be"):
        operations(STAGES, {column: text(old)}, {column: text(new)})


@pytest.mark.parametrize(
    ("column", "value", "complaint"),
    [
        ("tracing_enabled", "yes", "must be 0 or 1"),
        ("variables", "{", "is not JSON"),
        ("variables", "[1]", "a JSON object"),
        ("variables", '{"a": {}}', "text or a number"),
        ("method_settings", '{"*/*": {"logginglevel": "INFO"}}', "Did you mean loggingLevel"),
        ("method_settings", '{"*/*": 1}', "a JSON object"),
        ("canary_settings", '{"stageVariableOverrides": 1}', "a JSON object"),
    ],
)
def test_a_value_that_cannot_be_is_refused(column: str, value: str, complaint: str) -> None:
    with pytest.raises(UsageError, match=complaint):
        operations(STAGES, {column: None}, {column: value})


def test_every_member_of_the_model_has_its_path() -> None:
    stage = service_model("apigateway").shape_for("Stage")
    settings: Any = stage.members["methodSettings"]
    assert set(METHOD_SETTINGS) == set(settings.value.members)
    assert STAGES.update
    for name, patch in STAGES.update.patches.items():
        column = STAGES.columns[STAGES.index[name]]
        shape: Any = stage.members[column.member]
        if shape.type_name == "structure":
            assert set(patch.members) == set(shape.members), name
        else:
            root = re.split(r"/", patch.path)[1]
            assert root in (column.member, "{key}"), name


REST_API_CASES: list[tuple[str, Any, Any, list[dict[str, str]]]] = [
    ("security_policy", None, "TLS_1_2", [replace("/securityPolicy", "TLS_1_2")]),
    ("endpoint_access_mode", None, "BASIC", [replace("/endpointAccessMode", "BASIC")]),
    ("endpoint_access_mode", None, None, []),
    ("minimum_compression_size", None, 0, [replace("/minimumCompressionSize", "0")]),
    ("minimum_compression_size", 0, 1024, [replace("/minimumCompressionSize", "1024")]),
    ("disable_execute_api_endpoint", 0, 1, [replace("/disableExecuteApiEndpoint", "true")]),
    ("disable_execute_api_endpoint", None, 0, []),
]


@pytest.mark.parametrize(("column", "old", "new", "expected"), REST_API_CASES)
def test_a_rest_api_is_patched(
    column: str, old: Any, new: Any, expected: list[dict[str, str]]
) -> None:
    assert operations(REST_APIS, {column: old}, {column: new}) == expected


@pytest.mark.parametrize("column", ["security_policy", "minimum_compression_size"])
def test_what_aws_cannot_take_away_from_a_rest_api_is_refused(column: str) -> None:
    with pytest.raises(UsageError, match="cannot be NULL or empty"):
        operations(REST_APIS, {column: "1"}, {column: None})
