"""The remedies of the controls over methods, with an authorizer or a validator of one API."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest

import apigw_vtab
from apigw_vtab.controls.library import all_queries, find_queries
from apigw_vtab.controls.run import run_controls
from apigw_vtab.sqlite.connection import Connection
from tests.conftest import rows
from tests.controls.test_odd_members import IDENTITY
from tests.promises.hostile_endpoint import Route, endpoint, routing

OPEN = {"authorizationType": "NONE", "apiKeyRequired": False}
AUTHORIZERS = [
    {"id": "123456", "name": "tokens", "type": "TOKEN"},
    {"id": "pool01", "name": "users", "type": "COGNITO_USER_POOLS"},
    {"id": "jwt001", "name": "issuer", "type": "JWT"},
    {"id": "odd001", "name": "odd", "type": "ORACLE"},
    {"id": "twin01", "name": "twin", "type": "TOKEN"},
    {"id": "twin02", "name": "twin", "type": "TOKEN"},
]
PARAMETERS, NO_PARAMETERS = (
    {"validateRequestParameters": True},
    {"validateRequestParameters": False},
)
VALIDATORS = [
    {"id": "all001", "name": "all", "validateRequestBody": True, "validateRequestParameters": True},
    {"id": "idle01", "name": "idle", "validateRequestBody": False},
    {"id": "body01", "name": "body", "validateRequestBody": True, **NO_PARAMETERS},
    {"id": "para01", "name": "twin", "validateRequestBody": False, **PARAMETERS},
    {"id": "twin02", "name": "twin", **PARAMETERS},
]
PATCHED = {
    "/authorizationType": "authorization_type",
    "/authorizerId": "authorizer_id",
    "/apiKeyRequired": "api_key_required",
    "/requestValidatorId": "request_validator_id",
}


def answers() -> dict[str, Route]:
    """An AWS with two REST APIs: one with authorizers and validators, and one without."""
    found: dict[str, object] = {"/restapis": {"item": [{"id": "shop"}, {"id": "bare"}]}}
    for api, verbs in (("shop", ("GET", "OPTIONS")), ("bare", ("GET",))):
        methods = {verb: {"httpMethod": verb, **OPEN} for verb in verbs}
        if api == "shop":
            methods["POST"] = {"httpMethod": "POST", **OPEN, "requestValidatorId": "body01"}
        root = {"id": "root01", "path": "/", "resourceMethods": methods}
        found[f"/restapis/{api}/resources"] = {"item": [root]}
        found[f"/restapis/{api}/authorizers"] = {"item": AUTHORIZERS if api == "shop" else []}
        found[f"/restapis/{api}/requestvalidators"] = {"item": VALIDATORS if api == "shop" else []}
    routes = {path: (200, json.dumps(answer).encode()) for path, answer in found.items()}
    return {"/": (200, IDENTITY.encode()), **routes}


@pytest.fixture
def connection(monkeypatch: pytest.MonkeyPatch, aws_configuration: object) -> Iterator[Connection]:
    monkeypatch.setenv("AWS_PROFILE", "first")
    with endpoint(routing(answers())) as url:
        one = apigw_vtab.connect(
            regions="us-east-1", endpoint_url=url, on_error="warn", max_rps=1000
        )
        yield one
        one.close()


def commanded(connection: Connection, control: str, **values: str | int) -> dict[str, str]:
    """For each method, what its command sets, or why there is none."""
    controls = find_queries([control], all_queries())
    (result,) = run_controls(connection, controls, values, proven=True)
    found = {}
    for row in result.rows:
        named = dict(zip(result.columns, row, strict=True))
        method = f"{named['rest_api_id']!s} {named['http_method']!s}"
        if command := named["remediation"]:
            text = str(command).splitlines()[0].partition("--cli-input-json ")[2].strip("'")
            patches = json.loads(text)["patchOperations"]
            found[method] = ", ".join(f"{PATCHED[one['path']]}={one['value']}" for one in patches)
        else:
            found[method] = str(named["reason"])
    return found


def test_the_type_of_an_authorizer_says_the_type_of_authorization(connection: Connection) -> None:
    set_to = {
        value: commanded(connection, "method-authorization", authorization=value)["shop GET"]
        for value in ("AWS_IAM", "tokens", 123456, "users", "issuer")
    }
    assert set_to == {
        "AWS_IAM": "authorization_type=AWS_IAM",
        "tokens": "authorization_type=CUSTOM, authorizer_id=123456",
        123456: "authorization_type=CUSTOM, authorizer_id=123456",
        "users": "authorization_type=COGNITO_USER_POOLS, authorizer_id=pool01",
        "issuer": "authorization_type=JWT, authorizer_id=jwt001",
    }


@pytest.mark.parametrize("control", ["method-authorization", "method-authorization-or-key"])
def test_an_authorizer_that_says_too_little_is_not_set(
    connection: Connection, control: str
) -> None:
    odd, twin = (
        commanded(connection, control, authorization=value)["shop GET"] for value in ("odd", "twin")
    )
    assert "the type of authorizer odd is not known here: ORACLE" in odd
    assert "its API has several authorizers twin: choose one by its id" in twin


def test_an_api_without_the_authorizer_is_left_alone(connection: Connection) -> None:
    for control in ("method-authorization", "method-authorization-or-key"):
        found = commanded(connection, control, authorization="users")
        assert "no commands for it: its API has no authorizer users" in found["bare GET"]


@pytest.mark.parametrize(
    ("control", "name", "value"),
    [
        ("method-authorization", "authorization", "AWS_IAM"),
        ("method-authorization-or-key", "authorization", "API_KEY"),
        ("method-api-key", "api_key_required", 1),
    ],
)
def test_preflight_requests_keep_what_they_have(
    connection: Connection, control: str, name: str, value: str | int
) -> None:
    found = commanded(connection, control, **{name: value, "options": "require"})
    assert "browsers send preflight requests without" in found["shop OPTIONS"]
    assert found["bare GET"] == found["shop GET"]
    assert "no commands" not in found["shop GET"]


def test_a_key_is_enough_where_the_control_says_so(connection: Connection) -> None:
    found = commanded(connection, "method-authorization-or-key", authorization="API_KEY")
    assert found["shop GET"] == found["bare GET"] == "api_key_required=true"


@pytest.mark.parametrize("value", ["all", "all001"])
def test_a_validator_is_named_or_given_by_its_id(connection: Connection, value: str) -> None:
    found = commanded(connection, "method-request-validated", request_validator=value)
    assert found["shop GET"] == "request_validator_id=all001"
    assert f"its API has no request validator {value}" in found["bare GET"]


def test_a_validator_that_checks_nothing_ends_no_alarm(connection: Connection) -> None:
    found = commanded(connection, "method-request-validated", request_validator="idle")
    assert "with request_validator=idle, it would not be ok afterwards" in found["shop GET"]


def test_a_validator_is_not_replaced_by_one_that_checks_less(connection: Connection) -> None:
    wanted = {"checks": "parameters"}
    less, more = (
        commanded(connection, "method-request-validated", request_validator=value, **wanted)
        for value in ("para01", "all")
    )
    assert "validator para01 does not check all that body01 checks" in less["shop POST"]
    assert less["shop GET"] == "request_validator_id=para01"
    assert more["shop POST"] == "request_validator_id=all001"


def test_of_two_validators_of_one_name_none_is_chosen(connection: Connection) -> None:
    found = commanded(connection, "method-request-validated", request_validator="twin")
    assert "its API has several request validators twin: choose one" in found["shop GET"]


def test_without_an_authorizer_to_look_up_nothing_more_is_asked(connection: Connection) -> None:
    asked = "select count(*) from api_calls where operation = 'GetAuthorizers'"
    for value, calls in (("AWS_IAM", 0), ("tokens", 2)):
        commanded(connection, "method-authorization", authorization=value)
        assert rows(connection, asked) == [(calls,)]
