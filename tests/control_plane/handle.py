"""Starts a control plane in this process or in its own, and makes the handle to it.

Both return the same handle, which speaks to the control plane over its own endpoint.
"""

from __future__ import annotations

import asyncio
import http.client
import json
import os
import subprocess
import sys
import threading
from collections.abc import Iterator, Sequence
from concurrent.futures import Future
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from .admin import ADMIN_PATH
from .estate import ServedEstate
from .faults import Fault
from .log import Counts, ServedCall
from .plane import ControlPlane
from .quota import Quota
from .server import listening
from .settings import Settings

ADMIN_SECONDS = 60
START_SECONDS = 10
STOP_SECONDS = 10


@contextmanager
def serve(
    estate: ServedEstate,
    *,
    latency: float = 0.0,
    quota: Quota | None = None,
    faults: Sequence[Fault] = (),
    seed: int = 0,
    session_seconds: float = 3_600.0,
    own_process: bool = False,
) -> Iterator[Plane]:
    """A running control plane, on a thread or in its own process; see `Settings`.

    In its own process it shares no interpreter lock with its clients, which a benchmark needs.
    """
    settings = Settings(estate, latency, quota, tuple(faults), seed, session_seconds)
    running = _in_process(settings) if own_process else _on_thread(settings)
    with running as url:
        yield Plane(url)


@contextmanager
def _on_thread(settings: Settings) -> Iterator[str]:
    started: Future[tuple[str, asyncio.AbstractEventLoop, asyncio.Event]] = Future()
    control_plane = ControlPlane(settings)
    thread = threading.Thread(
        target=lambda: asyncio.run(_run(control_plane, started)),
        name="control plane",
        daemon=True,
    )
    thread.start()
    url, loop, stop = started.result(START_SECONDS)
    try:
        yield url
    finally:
        loop.call_soon_threadsafe(stop.set)
        thread.join(STOP_SECONDS)


async def _run(
    control_plane: ControlPlane,
    started: Future[tuple[str, asyncio.AbstractEventLoop, asyncio.Event]],
) -> None:
    stop = asyncio.Event()
    try:
        async with listening(control_plane) as url:
            started.set_result((url, asyncio.get_running_loop(), stop))
            await stop.wait()
    except OSError as error:
        started.set_exception(error)


@contextmanager
def _in_process(settings: Settings) -> Iterator[str]:
    package = __name__.rpartition(".")[0]
    root = Path(__file__).resolve().parents[package.count(".") + 1]
    path = os.pathsep.join(filter(None, [str(root), os.environ.get("PYTHONPATH")]))
    with subprocess.Popen(
        [sys.executable, "-m", package, "--settings-from-stdin"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": path},
        text=True,
    ) as process:
        # Leaving the block closes its standard input, and that ends it.
        assert process.stdin and process.stdout
        process.stdin.write(json.dumps(settings.to_json()) + "\n")
        process.stdin.flush()
        url = process.stdout.readline().strip()
        if not url:
            raise RuntimeError("the control plane did not start; see its standard error")
        yield url


class Plane:
    """A running control plane by its URL: what it saw, and settings that can be changed."""

    def __init__(self, url: str) -> None:
        self.url = url
        self._address = urlsplit(url).netloc

    @property
    def calls(self) -> list[ServedCall]:
        """All calls since the last reset."""
        return [ServedCall(*row) for row in self._ask("GET", f"{ADMIN_PATH}/calls")]

    @property
    def counts(self) -> Counts:
        """The calls counted per operation, lane and status; the seconds they took."""
        return Counts.from_json(self._ask("GET", ADMIN_PATH))

    @property
    def seconds(self) -> float:
        """From the first byte of the first call to the last answer, by the server's clock."""
        return self.counts.seconds

    def count(self, operation: str | None = None) -> int:
        """How many calls of an operation came, or how many calls in all."""
        counts = self.counts
        return counts.calls if operation is None else counts.operations[operation]

    def reset(self) -> None:
        """Forget the calls, fill the buckets, begin the faults again; what was written stays."""
        self._ask("DELETE", ADMIN_PATH)

    @property
    def settings(self) -> Settings:
        """The settings in force."""
        return Settings.from_json(self._ask("GET", f"{ADMIN_PATH}/settings"))

    @property
    def faults(self) -> Sequence[Fault]:
        """The faults in force; setting them starts them anew."""
        return self.settings.faults

    @faults.setter
    def faults(self, faults: Sequence[Fault]) -> None:
        self._change("faults", [asdict(fault) for fault in faults])

    @property
    def latency(self) -> float:
        """Seconds from a call to its answer."""
        return self.settings.latency

    @latency.setter
    def latency(self, latency: float) -> None:
        self._change("latency", latency)

    @property
    def quota(self) -> Quota | None:
        """What each lane may do; setting it leaves the tokens that there are."""
        return self.settings.quota

    @quota.setter
    def quota(self, quota: Quota | None) -> None:
        self._change("quota", None if quota is None else asdict(quota))

    def allow(self, **settings: bool) -> None:
        """Change what AWS may or may not do where nobody has written it down; see `Settings`."""
        for name, value in settings.items():
            self._change(name, value)

    @property
    def estate(self) -> ServedEstate:
        """What the accounts hold; setting it discards what was written."""
        return self.settings.estate

    @estate.setter
    def estate(self, estate: ServedEstate) -> None:
        self._change("estate", estate.to_json())

    def _change(self, name: str, data: Any) -> None:
        self._ask("PATCH", ADMIN_PATH, {name: data})

    def _ask(self, method: str, path: str, body: Any = None) -> Any:
        # Not urllib, which would send a call to loopback to the environment's proxy.
        connection = http.client.HTTPConnection(self._address, timeout=ADMIN_SECONDS)
        try:
            connection.request(method, path, None if body is None else json.dumps(body))
            response = connection.getresponse()
            answer = json.loads(response.read())
        finally:
            connection.close()
        if response.status != 200:
            raise ValueError(answer["message"])
        return answer
