"""The sandbox as a whole: its accounts and regions, and how its servers start and stop."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from apigw_vtab.sandbox import process
from apigw_vtab.sandbox.server import SandboxServer
from apigw_vtab.sandbox.shop import ACCOUNTS
from tests.sandbox.clients import (
    REGIONS,
    everything,
    reach,
    refusal,
)

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize("seed", [True, False])
def test_each_profile_leads_to_its_own_account(seed: bool) -> None:
    running = process.start(seed)
    answered = {
        p.name: reach(running.endpoint_url, "sts", p).get_caller_identity()["Account"]
        for p in running.profiles
    }
    assert answered == {account.profile: account.id for account in ACCOUNTS}


def test_describe_regions_gives_the_regions_that_are_enabled() -> None:
    running = process.start()
    for profile in running.profiles:
        regions = reach(running.endpoint_url, "ec2", profile).describe_regions()["Regions"]
        assert {region["OptInStatus"] for region in regions} == {"opt-in-not-required"}
        assert len(regions) == 17
        assert {region["RegionName"] for region in regions} > set(REGIONS)


def test_describe_regions_gives_the_others_only_when_all_are_asked_for() -> None:
    ec2 = reach(process.start().endpoint_url, "ec2")
    regions = {
        r["RegionName"]: r["OptInStatus"] for r in ec2.describe_regions(AllRegions=True)["Regions"]
    }
    assert regions["eu-west-1"] == "opt-in-not-required"
    assert regions["eu-south-1"] == "not-opted-in"
    assert not any(name.startswith(("cn-", "us-gov-")) for name in regions)


def test_describe_regions_filters_and_takes_names() -> None:
    ec2 = reach(process.start().endpoint_url, "ec2")
    opted_out = [{"Name": "opt-in-status", "Values": ["not-opted-in"]}]
    assert ec2.describe_regions(Filters=opted_out)["Regions"] == []
    (region,) = ec2.describe_regions(RegionNames=["eu-south-1"])["Regions"]
    assert region["OptInStatus"] == "not-opted-in"
    assert refusal(ec2.describe_regions, RegionNames=["eu-nowhere-1"]) == (
        400,
        "InvalidParameterValue",
    )


def test_the_sandbox_listens_on_the_loopback_interface_alone(server: SandboxServer) -> None:
    host, port = server.endpoint_url.removeprefix("http://").split(":")
    assert host == "127.0.0.1"
    # At another address of the same machine, nobody listens on the port.
    with pytest.raises(OSError), socket.create_connection(("127.0.0.2", int(port)), timeout=1):
        pass


def test_starting_again_gives_the_sandbox_that_runs() -> None:
    assert process.start() is process.start()
    assert process.start(seed=False) is process.start(seed=False)
    assert process.start().endpoint_url != process.start(seed=False).endpoint_url


def test_a_sandbox_without_seed_is_empty() -> None:
    process.start()
    bare = process.start(seed=False)
    for profile in bare.profiles:
        gateway = reach(bare.endpoint_url, "apigateway", profile)
        assert everything(gateway) == ([], [], [])


def test_servers_share_nothing(server: SandboxServer, gateway: Any) -> None:
    gateway.create_rest_api(name="here")
    other = process.serve()
    try:
        assert reach(other.endpoint_url, "apigateway").get_rest_apis()["items"] == []
    finally:
        other.stop()


def test_a_stopped_server_answers_no_more() -> None:
    server = process.serve()
    port = int(server.endpoint_url.rsplit(":", 1)[1])
    server.stop()
    with pytest.raises(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
        pass


def test_moto_itself_is_left_as_it_was(server: SandboxServer) -> None:
    from moto.apigateway.models import apigateway_backends
    from moto.apigateway.responses import APIGatewayResponse
    from moto.apigateway.urls import url_paths

    assert not any("clientcertificates" in path for path in url_paths)
    assert not hasattr(APIGatewayResponse, "generate_client_certificate")
    assert ACCOUNTS[0].id not in apigateway_backends


def test_moto_is_not_imported_before_a_sandbox_starts() -> None:
    code = (
        "import sys, apigw_vtab.sandbox; assert not {'moto', 'boto3', 'flask'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=True)


def test_a_sandbox_writes_nothing_and_lets_the_process_go() -> None:
    """Not even when the environment names a profile that does not exist, or a call fails."""
    code = """
from urllib.error import HTTPError
from urllib.request import urlopen
from apigw_vtab.sandbox import process
try:
    urlopen(process.start().endpoint_url + "/restapis/none/stages")
except HTTPError:
    pass
"""
    environment = {**os.environ, "AWS_PROFILE": "no-such-profile"}
    ran = subprocess.run(
        [sys.executable, "-c", code],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        timeout=30,
        check=True,
    )
    assert (ran.stdout, ran.stderr) == (b"", b"")
