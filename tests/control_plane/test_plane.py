"""A running control plane: its log of the calls, its settings, its process."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.control_plane import Fault, Plane, Quota, ServedEstate, serve
from tests.control_plane.clients import ACCOUNT, REGION, client, first_api, refused
from tests.control_plane.conftest import STANDSTILL


def test_each_call_is_logged_with_lane_operation_and_parameters(plane: Plane) -> None:
    api = first_api(plane)
    client(plane).get_stage(restApiId=api, stageName="prod")
    listed, read = plane.calls
    assert (listed.operation, listed.params) == ("GetRestApis", {"limit": "1"})
    assert (read.account, read.region, read.service) == (ACCOUNT, REGION, "apigateway")
    assert (read.operation, read.status) == ("GetStage", 200)
    assert read.params == {"restApiId": api, "stageName": "prod"}
    assert read.answered is not None
    assert listed.seen < read.seen <= read.answered


def test_calls_are_counted_by_operation_and_status(plane: Plane) -> None:
    gateway, api = client(plane), first_api(plane)
    gateway.get_stages(restApiId=api)
    gateway.get_stages(restApiId=api)
    with refused("NotFoundException", 404):
        gateway.get_stages(restApiId="nothere")
    assert (plane.count("GetStages"), plane.count("GetStage"), plane.count()) == (3, 0, 4)
    assert plane.counts.statuses == {200: 3, 404: 1}


def test_seconds_run_from_the_first_call_to_the_last_answer(plane: Plane) -> None:
    assert plane.seconds == 0
    plane.latency = 0.1
    first_api(plane)
    call = plane.calls[0]
    assert call.answered is not None
    assert plane.seconds == pytest.approx(call.answered - call.seen)


def test_reset_forgets_the_calls_and_fills_the_buckets(plane: Plane) -> None:
    plane.quota = Quota(rate=STANDSTILL, burst=1)
    first_api(plane)
    plane.reset()
    assert plane.count() == 0
    first_api(plane)


def test_settings_can_be_read_and_changed_while_it_runs(written: Plane) -> None:
    written.estate = ServedEstate.numbered(rest_apis=1)
    written.faults = [Fault("denied", operation="GetStages", probability=0.5)]
    assert len(client(written).get_rest_apis()["items"]) == 1
    assert list(written.faults) == [Fault("denied", operation="GetStages", probability=0.5)]
    assert (written.quota, written.latency) == (None, 0)


def test_a_wrong_setting_is_refused_and_changes_nothing(plane: Plane) -> None:
    with pytest.raises(ValueError, match="GetStagess"):
        plane.faults = [Fault("denied", operation="GetStagess")]
    assert list(plane.faults) == []


def test_it_runs_in_a_process_of_its_own_with_the_same_handle() -> None:
    lane = {"rest_apis": [{"id": "api1"}]}
    with serve(ServedEstate.declared({(ACCOUNT, REGION): lane}), own_process=True) as plane:
        plane.faults = [Fault("denied", operation="GetStages")]
        assert first_api(plane) == "api1"
        with refused("AccessDeniedException", 403):
            client(plane).get_stages(restApiId="api1")
        assert [call.status for call in plane.calls] == [200, 403]


def test_it_can_be_started_by_hand() -> None:
    command = [sys.executable, "-m", "tests.control_plane", "--rest-apis", "3", "--rate", "10"]
    root = Path(__file__).parents[2]
    with subprocess.Popen(command, cwd=root, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout
        plane = Plane(process.stdout.readline().strip())
        assert len(client(plane).get_rest_apis()["items"]) == 3
        assert plane.quota == Quota(rate=10, burst=40)
        process.terminate()
        assert process.wait(20) == 0
