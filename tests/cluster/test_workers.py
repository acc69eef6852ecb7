"""Processes that read for us: the same rows, and all others when one is killed."""

from __future__ import annotations

import asyncio
import contextlib
import os
import ssl
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import psutil
import pytest

import apigw_vtab
from apigw_vtab import UsageError
from apigw_vtab.cluster.link import ClusterLink
from apigw_vtab.cluster.sender import ClusterSender
from apigw_vtab.commands.exit_codes import INCOMPLETE
from apigw_vtab.commands.incomplete import tell
from apigw_vtab.sqlite.connection import Connection
from tests.conftest import operations, rows
from tests.control_plane import Fault, Plane, ServedEstate, serve

ESTATE = ServedEstate.numbered(accounts=12, regions=2, rest_apis=2, stages=3)
REFUSING, DENIED = ESTATE.accounts[3], ESTATE.accounts[5]
REGIONS = list(ESTATE.regions)
BY_REGION = "select account_id, region, count(*) from stages group by 1, 2 order by 1, 2"
# Seconds: far more than it takes.
PATIENCE = 60.0


@pytest.fixture(scope="module", name="plane")
def plane_fixture() -> Iterator[Plane]:
    with serve(ESTATE) as plane:
        yield plane


@pytest.fixture(autouse=True)
def organization(plane: Plane, monkeypatch: pytest.MonkeyPatch) -> None:
    """Twelve accounts, which the profile reaches by a role."""
    plane.estate, plane.faults, plane.latency = ESTATE, [], 0.0
    plane.reset()
    monkeypatch.setenv("AWS_ENDPOINT_URL", plane.url)


def opened(**options: Any) -> Connection:
    return apigw_vtab.connect(
        regions=REGIONS,
        organization=True,
        assume_role="audit",
        credential_cache=False,
        on_error="warn",
        **options,
    )


def link_of(connection: Connection) -> ClusterLink:
    sender = connection.executor._sender
    assert isinstance(sender, ClusterSender)
    link = getattr(sender.close_link, "__self__", None)
    assert isinstance(link, ClusterLink)
    return link


def listeners(pid: int) -> list[str]:
    """The addresses on which a process listens."""
    connections = psutil.Process(pid).net_connections()
    return [one.laddr.ip for one in connections if one.status == "LISTEN"]


def wait_for(what: Any) -> None:
    until = time.monotonic() + PATIENCE
    while not what():
        assert time.monotonic() < until
        time.sleep(0.01)


def test_the_rows_and_the_calls_are_those_of_one_process(
    plane: Plane, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # What lies in the current folder is not ours to run.
    monkeypatch.chdir(tmp_path)
    for name in ("json", "boto3", "distributed"):
        (tmp_path / f"{name}.py").write_text("raise SystemExit('not this one')")
    with contextlib.closing(opened()) as alone:
        wanted = rows(alone, BY_REGION)
        counts = operations(plane)
    plane.reset()
    with contextlib.closing(opened(workers=2)) as connection:
        link = link_of(connection)
        assert rows(connection, BY_REGION) == wanted
        assert operations(plane) == counts
        # A second time nothing is asked, and what was is in the log, with its attempts.
        assert rows(connection, BY_REGION) == wanted
        assert operations(plane) == counts
        logged = "select operation, sum(attempts) from api_calls group by 1"
        made = dict(rows(connection, logged))
        assert made == counts
        assert connection.executor.log.new_warnings() == []
    for pid in link.pids:
        with pytest.raises(ProcessLookupError):
            os.kill(pid, 0)
    assert len(list(tmp_path.iterdir())) == 3
    assert link._processes is not None
    assert not link._processes._folder.exists()


def test_all_other_rows_are_there_when_a_worker_is_killed(
    plane: Plane, capsys: pytest.CaptureFixture[str]
) -> None:
    plane.estate = replace(ESTATE, refusing=[REFUSING])
    plane.faults = [Fault("denied", account=DENIED, region=REGIONS[1])]
    with contextlib.closing(opened()) as alone:
        wanted = rows(alone, BY_REGION)
    assert len(wanted) == 21
    plane.reset()
    # The first worker has the first of the accounts behind roles, and waits until it is killed.
    faults, held = plane.faults, ESTATE.accounts[1]
    plane.faults = [*faults, Fault("silence", account=held, operation="GetStages")]
    with contextlib.closing(opened(workers=2)) as connection:
        link = link_of(connection)

        def kill() -> None:
            wait_for(lambda: (held, "GetStages") in [(c.account, c.operation) for c in plane.calls])
            plane.faults = faults
            os.kill(link.pids[0], 9)

        killer = threading.Thread(target=kill)
        killer.start()
        assert rows(connection, BY_REGION) == wanted
        killer.join()
        assert tell(connection) == INCOMPLETE
    told = capsys.readouterr().err.splitlines()
    assert told[0].startswith(
        "apigw-vtab: A worker was lost: the others read on with its 6 accounts"
    )
    assert told[0].endswith("that it had not answered are made again.")
    causes = [line for line in told if line.startswith("  ") and "scan_errors" not in line]
    assert len(causes) == 2
    assert REFUSING in causes[0] and "sts:AssumeRole was refused" in causes[0]
    assert DENIED in causes[1] and "access denied" in causes[1]


def test_what_listens_is_on_this_machine_alone_and_wants_the_certificate() -> None:
    with contextlib.closing(opened(workers=1)) as connection:
        assert rows(connection, "select count(*) from rest_apis") == [(48,)]
        link = link_of(connection)
        # Dask's servers of pages are not among them.
        assert [listeners(worker) for worker in link.pids] == [["127.0.0.1"]]
        assert set(listeners(os.getpid())) == {"127.0.0.1"}
        host, port = link._scheduler.address.removeprefix("tls://").split(":")
        anyone = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        anyone.check_hostname, anyone.verify_mode = False, ssl.CERT_NONE

        async def knock() -> bytes:
            reader, _ = await asyncio.open_connection(host, int(port), ssl=anyone)
            return await reader.read(1)

        # In TLS 1.3, the refusal comes with the first that is read.
        with pytest.raises(ssl.SSLError, match="certificate required"):
            asyncio.run(knock())


def test_a_cluster_that_is_there_is_used(plane: Plane) -> None:
    from distributed import LocalCluster

    with contextlib.closing(opened()) as alone:
        wanted = rows(alone, BY_REGION)
    plane.reset()
    local: Any = LocalCluster
    in_threads = {"processes": False, "protocol": "tcp", "dashboard_address": ":0"}
    with (
        local(n_workers=1, threads_per_worker=1, **in_threads) as there,
        contextlib.closing(opened(cluster=there.scheduler_address)) as connection,
    ):
        assert rows(connection, BY_REGION) == wanted
        assert connection.executor.log.new_warnings() == []
        assert operations(plane)["AssumeRole"] == len(ESTATE.accounts) - 1


def test_a_cluster_that_is_not_there_is_said_at_once() -> None:
    with pytest.raises(UsageError, match="No Dask scheduler answers"):
        opened(cluster="tcp://127.0.0.1:9")
