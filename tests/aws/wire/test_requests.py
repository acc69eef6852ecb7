"""What an operation's request is made from: botocore's serializer, or the form that it was once."""

from __future__ import annotations

import uuid
from typing import Any

import pytest

from apigw_vtab.aws.wire import requests
from apigw_vtab.tables.model import service_model

PLAIN = "aZ09_-"


def sent(made: dict[str, Any]) -> tuple[Any, ...]:
    """Return what goes over the wire: a number in a query is its text."""
    query = {name: str(value) for name, value in (made["query_string"] or {}).items()}
    return made["method"], made["url_path"], query, dict(made["headers"]), made["body"]


@pytest.mark.parametrize("service", ["apigateway", "apigatewayv2"])
def test_a_form_gives_what_botocore_serializes(service: str) -> None:
    model, compared = service_model(service), 0
    for name in model.operation_names:
        operation = model.operation_model(name)
        members = operation.input_shape.members.items()
        given = {
            one: PLAIN if shape.type_name == "string" else 25
            for one, shape in members
            if shape.type_name in ("string", "integer")
        }
        made = requests._made_by_form(operation, given)
        if made is not None:
            assert sent(made) == sent(requests._serialized(operation, given))
            compared += 1
    assert compared > 40


@pytest.mark.parametrize("value", ["a.b", "..", "a/b", "", "é", 1.5, True, None, ["x"]])
def test_another_value_is_left_to_botocore(value: object) -> None:
    operation = service_model("apigateway").operation_model("GetStages")
    assert requests._made_by_form(operation, {"restApiId": value}) is None


def test_what_has_a_body_is_left_to_botocore() -> None:
    operation = service_model("sts").operation_model("AssumeRole")
    given = {"RoleArn": PLAIN, "RoleSessionName": PLAIN}
    assert requests._made_by_form(operation, given) is None


def test_a_random_id_is_a_uuid_of_version_4() -> None:
    found = [requests._random_id() for _ in range(3)]
    assert [(str(uuid.UUID(one)), uuid.UUID(one).version) for one in found] == [
        (one, 4) for one in found
    ]
    assert len(set(found)) == 3
