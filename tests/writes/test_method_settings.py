"""UPDATE of method_settings: one patch operation for what changed, whatever the path is."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from apigw_vtab.sqlite.connection import Connection
from tests.conftest import REGIONS, Connect, rows
from tests.control_plane import Plane, ServedEstate, access_key, serve

ACCOUNT = "111122223333"
OFF = {"loggingLevel": "OFF"}
Serve = Callable[[dict[str, Any]], tuple[Plane, Connection]]
# A proxy, a plain path, a path with a parameter, the root, and a wildcard in the middle.
METHODS = ["~1{proxy+}/ANY", "~1pets/GET", "~1pets~1{petId}/OPTIONS", "~1/GET", "~1a~1{b}~1c/*"]


@pytest.fixture
def with_settings(connect: Connect, monkeypatch: pytest.MonkeyPatch) -> Iterator[Serve]:
    """A stage with these method settings, and a connection that may write to it."""
    served = []

    def start(settings: dict[str, Any]) -> tuple[Plane, Connection]:
        stage = {"stageName": "prod", "deploymentId": "d1", "methodSettings": settings}
        api = {"id": "abcde12345", "name": "orders", "stages": [stage]}
        context = serve(ServedEstate.declared({(ACCOUNT, REGIONS[0]): {"rest_apis": [api]}}))
        plane = context.__enter__()
        served.append(context)
        monkeypatch.setenv("AWS_ENDPOINT_URL", plane.url)
        monkeypatch.delenv("AWS_PROFILE")
        monkeypatch.setenv("AWS_ACCESS_KEY_ID", access_key(ACCOUNT))
        monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "secret")
        return plane, connect(regions=REGIONS[0], allow_writes=True)

    yield start
    for context in served:
        context.__exit__(None, None, None)


def sent(plane: Plane) -> list[Any]:
    """The patch operations of each UpdateStage."""
    return [
        call.params["patchOperations"]
        for call in plane.calls
        if call.status == 200 and call.operation == "UpdateStage"
    ]


@pytest.mark.parametrize("method", METHODS)
def test_a_change_of_all_methods_sends_nothing_for_one_that_overrides_them(
    with_settings: Serve, method: str
) -> None:
    plane, connection = with_settings({"*/*": OFF, method: OFF | {"metricsEnabled": False}})
    connection.execute(
        "update stages set method_settings ="
        """ json_set(method_settings, '$."*/*".loggingLevel', 'ERROR')"""
        " where stage_name = 'prod'"
    )
    change = {"op": "replace", "path": "/*/*/logging/loglevel", "value": "ERROR"}
    assert sent(plane) == [[change]]


@pytest.mark.parametrize("method", METHODS)
def test_a_change_of_a_method_is_sent_with_the_key_that_aws_gave(
    with_settings: Serve, method: str
) -> None:
    plane, connection = with_settings({"*/*": dict(OFF), method: dict(OFF)})
    connection.execute(
        "update stages set method_settings ="
        " json_set(method_settings, '$.\"' || ? || '\".loggingLevel', 'INFO')",
        (method,),
    )
    assert sent(plane) == [
        [{"op": "replace", "path": f"/{method}/logging/loglevel", "value": "INFO"}]
    ]
    ((text,),) = rows(connection, "select method_settings from stages")
    assert json.loads(text)[method]["loggingLevel"] == "INFO"
    assert json.loads(text)["*/*"] == OFF


@pytest.mark.parametrize("method", METHODS)
def test_a_method_whose_settings_are_taken_away_is_one_removal(
    with_settings: Serve, method: str
) -> None:
    plane, connection = with_settings({"*/*": dict(OFF), method: dict(OFF)})
    connection.execute(
        "update stages set method_settings = json_remove(method_settings, '$.\"' || ? || '\"')",
        (method,),
    )
    assert sent(plane) == [[{"op": "remove", "path": f"/{method}"}]]
