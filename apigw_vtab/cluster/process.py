"""The main program of a worker process on this machine."""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import sys
import threading
from typing import Any

# What a worker of ours has no use for, and what it costs CPU.
DASK_SETTINGS = {
    "distributed.worker.profile.enabled": False,
    "distributed.worker.memory.target": False,
    "distributed.worker.memory.spill": False,
    "distributed.worker.memory.pause": False,
    "distributed.worker.memory.terminate": False,
    "distributed.admin.system-monitor.interval": "60s",
    "distributed.admin.system-monitor.log-length": 2,
    "distributed.admin.tick.interval": "10s",
    "distributed.admin.event-loop": "asyncio",
    "distributed.scheduler.http.routes": [],
    "distributed.worker.http.routes": [],
}
# Where Dask's servers of pages listen until they are stopped, with no page in them.
NO_PAGES = "127.0.0.1:0"


def main() -> None:
    """Work until standard input ends, or the scheduler is gone."""
    # Both take their time, and are needed whatever comes.
    import dask

    import apigw_vtab.aws.accounts

    dask.config.set(DASK_SETTINGS)
    import distributed  # noqa: F401

    import apigw_vtab.cluster.worker  # noqa: F401

    line = sys.stdin.readline()
    if not line:
        return
    told = json.loads(line)
    threading.Thread(
        target=_end_with_input, args=[told["folder"]], name="apigw-vtab input", daemon=True
    ).start()
    try:
        asyncio.run(_work(told))
    finally:
        # Threads of calls that nobody waits for any more must not keep the process alive.
        sys.stderr.flush()
        os._exit(0)


async def _work(told: dict[str, Any]) -> None:
    from distributed import Security, Worker

    certificate, key = told["certificate"], told["key"]
    security = Security(
        require_encryption=True,
        tls_ca_file=certificate,
        tls_worker_cert=certificate,
        tls_worker_key=key,
    )
    worker = Worker(
        told["address"],
        name=told["name"],
        nthreads=1,
        local_directory=told["folder"],
        memory_limit=0,
        security=security,
        dashboard=False,
        dashboard_address=NO_PAGES,
        host="127.0.0.1",
        death_timeout=30,
    )
    async with worker:
        worker.http_server.stop()
        await worker.finished()


def _end_with_input(folder: str) -> None:
    """End when the process that started this one closes the pipe, or has ended."""
    while sys.stdin.readline():
        pass
    shutil.rmtree(folder, ignore_errors=True)
    os._exit(0)
