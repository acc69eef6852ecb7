"""The link to the workers: Dask brings bytes there and back. The one file that knows its client.

An event loop on a thread of its own; with --workers, the scheduler is in this process, too.
"""

from __future__ import annotations

import asyncio
import contextlib
import errno
import importlib.metadata
import logging
import os
import sys
import threading
import warnings
from collections.abc import Callable, Coroutine
from concurrent.futures import Future
from typing import Any
from urllib.parse import urlsplit

from apigw_vtab.cluster.certificate import new_certificate
from apigw_vtab.cluster.choice import ClusterChoice
from apigw_vtab.cluster.process import DASK_SETTINGS, NO_PAGES
from apigw_vtab.cluster.processes import WorkerProcesses
from apigw_vtab.cluster.sender import ClusterSender, RemoteWorker
from apigw_vtab.cluster.worker import CallingWorker, WorkerSettings
from apigw_vtab.errors import UsageError

# Seconds.
CONNECTING = 10.0
STARTING = 60.0
# Seconds without any word after which a worker counts as lost: it says something every two.
SILENCE, STEPS = 30.0, 6
# Seconds in which calls come together when a worker has others to do, and when it has none.
GATHERING, FIRST_GATHERING = 0.02, 0.002
CLOSING = 2.0
_LOGGERS = ("distributed", "distributed.client", "distributed.gc", "tornado.application")


class WorkerLost(Exception):  # noqa: N818
    """A worker cannot be reached any more, or does not do what it should."""


class ClusterLink:
    """Brings calls to the workers of a cluster, from its start to its end."""

    def __init__(self, choice: ClusterChoice) -> None:
        self._choice = choice
        self._processes: WorkerProcesses | None = None
        self._scheduler: Any = None
        self._loop = asyncio.SelectorEventLoop()
        self._stop = asyncio.Event()
        self._addresses: Future[list[str]] = Future()
        self._begun: Future[tuple[ClusterSender, list[RemoteWorker], WorkerSettings]] = Future()
        self._thread = threading.Thread(target=self._run, name="apigw-vtab cluster", daemon=True)

    def open(self) -> int:
        """Start workers, or find those of a cluster that is there, and return how many they are.

        Raises UsageError where there are none.
        """
        if self._choice.workers is not None:
            try:
                self._processes = WorkerProcesses(self._choice.workers)
            except OSError as error:
                raise UsageError(f"Cannot start the workers: {error.strerror}.") from None
            self._thread.start()
            return self._choice.workers
        self._thread.start()
        return len(self._addresses.result())

    def begin(
        self, sender: ClusterSender, workers: list[RemoteWorker], settings: WorkerSettings
    ) -> None:
        """Have the workers make the calls of a sender."""
        sender.close_link = self.close
        self._begun.set_result((sender, workers, settings))

    @property
    def pids(self) -> list[int]:
        """The ids of the processes that were started here."""
        return self._processes.pids if self._processes else []

    def close(self) -> None:
        """Leave the cluster; what was started for it ends."""
        with contextlib.suppress(RuntimeError):
            self._loop.call_soon_threadsafe(self._stop.set)
        if threading.current_thread() is not self._thread:
            self._thread.join(CLOSING)
        if self._processes:
            self._processes.close()

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        # What Dask leaves behind is nothing that the user could do anything about.
        self._loop.set_exception_handler(lambda *_: None)
        try:
            self._loop.run_until_complete(self._serve())
        except Exception as error:
            self._failed(error)
        finally:
            left = asyncio.all_tasks(self._loop)
            for task in left:
                task.cancel()
            if left:
                self._loop.run_until_complete(asyncio.wait(left, timeout=CLOSING / 2))
            self._loop.close()

    def _failed(self, error: Exception) -> None:
        """Tell whoever waits; with nobody waiting, all workers are lost."""
        if not self._addresses.done():
            told = error if isinstance(error, UsageError) else UsageError(f"Dask: {_said(error)}.")
            self._addresses.set_exception(told)

        def lose_all(begun: Future[Any]) -> None:
            sender, workers, _ = begun.result()
            for worker in workers:
                sender.lose(worker, _said(error))

        # At once, or as soon as there is a sender.
        self._begun.add_done_callback(lose_all)

    async def _serve(self) -> None:
        _silence_dask()
        async with contextlib.AsyncExitStack() as opened:
            if self._choice.workers is not None:
                client = await opened.enter_async_context(await self._started(opened))
                links = [self._of_process(client, one) for one in range(self._choice.workers)]
            else:
                client = await opened.enter_async_context(await self._connected())
                addresses = await self._checked(client)
                self._addresses.set_result(addresses)
                links = [self._of_address(client, one) for one in addresses]
            begun = asyncio.wrap_future(self._begun, loop=self._loop)
            stop = asyncio.ensure_future(self._stop.wait())
            either: list[asyncio.Future[Any]] = [begun, stop]
            await asyncio.wait(either, return_when=asyncio.FIRST_COMPLETED)
            if not self._stop.is_set():
                sender, workers, settings = begun.result()
                serving = [
                    self._loop.create_task(self._serve_one(sender, worker, link(settings)))
                    for worker, link in zip(workers, links, strict=True)
                ]
                await stop
                for task in serving:
                    task.cancel()
                await asyncio.wait(serving)

    async def _started(self, opened: contextlib.AsyncExitStack) -> Any:
        """Return a client of a scheduler in this process, which the workers may join."""
        import dask
        from distributed import Client, Scheduler, Security

        assert self._processes
        run = new_certificate()
        own = {
            f"tls_{role}_{part}": text
            for role in ("client", "scheduler")
            for part, text in (("cert", run.certificate), ("key", run.key))
        }
        security = Security(require_encryption=True, tls_ca_file=run.certificate, **own)
        with dask.config.set(DASK_SETTINGS):
            scheduler = Scheduler(
                host="127.0.0.1",
                port=0,
                security=security,
                protocol="tls",
                dashboard=False,
                dashboard_address=NO_PAGES,
            )
            self._scheduler = await opened.enter_async_context(scheduler)
        scheduler.http_server.stop()
        self._processes.admit(scheduler.address, run._asdict())
        return Client(
            scheduler.address,
            asynchronous=True,
            security=security,
            direct_to_workers=True,
            set_as_default=False,
        )

    async def _connected(self) -> Any:
        """Return a client of the scheduler at the address. Raises UsageError."""
        from distributed import Client

        address = str(self._choice.address)
        client = Client(address, asynchronous=True, set_as_default=False, timeout=CONNECTING)
        try:
            # Dask would try again where nobody listens.
            await asyncio.wait_for(_knock(address), CONNECTING / 2)
            await asyncio.wait_for(client, CONNECTING)
        except Exception as error:
            with contextlib.suppress(Exception):
                await asyncio.wait_for(client._close(fast=True), CLOSING / 2)
            raise UsageError(
                f"No Dask scheduler answers at {address} ({_said(error)}). Check that one runs "
                "there (dask scheduler), that this machine can reach it, and that both have the "
                "same versions of distributed."
            ) from None
        return client

    async def _checked(self, client: Any) -> list[str]:
        """Return the addresses of a cluster's workers. Raises UsageError."""
        address = self._choice.address
        with contextlib.suppress(Exception):
            await client.wait_for_workers(1, timeout=CONNECTING / 2)
        addresses = sorted((await client.scheduler.identity())["workers"])
        if not addresses:
            raise UsageError(
                f"The cluster at {address} has no workers: start some, on machines that have "
                f"apigw-vtab[cluster], with dask worker {address}"
            )
        ours = importlib.metadata.version("apigw-vtab")
        found = await client.run(importlib.metadata.version, "apigw-vtab", on_error="return")
        for worker, theirs in sorted(found.items()):
            if theirs != ours:
                has = "no apigw-vtab" if isinstance(theirs, Exception) else f"apigw-vtab {theirs}"
                raise UsageError(
                    f"Worker {worker} has {has}, and this is {ours}: install the same version "
                    f"there, with pip install 'apigw-vtab[cluster]=={ours}'"
                )
        return addresses

    def _of_process(self, client: Any, number: int) -> Callable[[WorkerSettings], Any]:
        return lambda settings: self._of_started(client, number, settings)

    def _of_address(self, client: Any, address: str) -> Callable[[WorkerSettings], Any]:
        return lambda settings: _actor(client, address, settings)

    async def _of_started(self, client: Any, number: int, settings: WorkerSettings) -> Any:
        """Wait for a process to join, and return the call to its actor. Raises WorkerLost."""
        assert self._processes
        for _ in range(int(STARTING / 0.05)):
            for address, known in self._scheduler.workers.items():
                if known.name == number:
                    return await _actor(client, address, settings)
            if not self._processes.is_running(number):
                raise WorkerLost(self._processes.last_words(number))
            await asyncio.sleep(0.05)
        raise WorkerLost("it did not start")

    async def _serve_one(
        self, sender: ClusterSender, worker: RemoteWorker, opening: Coroutine[Any, Any, Any]
    ) -> None:
        """Bring a worker its calls and take its outcomes, until it is lost."""
        awake = asyncio.Event()
        worker.wake = lambda: self._wake(awake)
        awake.set()
        try:
            ask = await opening
            ways = _bring(sender, worker, ask, awake), _fetch(sender, worker, ask)
            tasks = [self._loop.create_task(one) for one in ways]
            try:
                await asyncio.gather(*tasks)
            finally:
                for task in tasks:
                    task.cancel()
        except Exception as error:
            # Its end may be ours.
            if not self._stop.is_set():
                sender.lose(worker, _why_lost(error))

    def _wake(self, awake: asyncio.Event) -> None:
        with contextlib.suppress(RuntimeError):
            self._loop.call_soon_threadsafe(awake.set)


async def _knock(address: str) -> None:
    """Open a connection and close it. Raises OSError."""
    parts = urlsplit(address)
    _, writer = await asyncio.open_connection(parts.hostname, parts.port)
    writer.close()


async def _bring(sender: ClusterSender, worker: RemoteWorker, ask: Any, awake: Any) -> None:
    while True:
        await awake.wait()
        await asyncio.sleep(GATHERING if worker.open else FIRST_GATHERING)
        awake.clear()
        data = sender.batch_for(worker)
        if data is not None:
            await ask("take", data)


async def _fetch(sender: ClusterSender, worker: RemoteWorker, ask: Any) -> None:
    while True:
        sender.arrived(worker, await ask("give"))


async def _actor(client: Any, address: str, settings: WorkerSettings) -> Any:
    """Put an actor on a worker, and return how it is asked. Raises WorkerLost."""
    from distributed.protocol.serialize import to_serialize

    future = client.submit(
        CallingWorker,
        settings,
        actor=True,
        workers=[address],
        allow_other_workers=False,
        pure=False,
    )
    await _put(client, address, asyncio.ensure_future(_result(future)))

    async def ask(what: str, *data: bytes) -> Any:
        # Not by the actor's own methods: for a worker that is gone they wait for another one.
        message = {
            "function": what,
            "actor": future.key,
            "args": [to_serialize(one) for one in data],
            "kwargs": {},
        }
        if client.direct_to_workers:
            sent = client.rpc(address).actor_execute(**message)
        else:
            sent = client.scheduler.proxy(worker=address, msg={"op": "actor_execute", **message})
        result = await _answered(sent)
        if result["status"] != "OK":
            raise WorkerLost(_said(result["exception"]))
        return result["result"]

    # Without the future, Dask would end the actor.
    ask.future = future  # type: ignore[attr-defined]
    return ask


async def _answered(sent: Coroutine[Any, Any, Any]) -> Any:
    """Return an answer. Raises TimeoutError without one in SILENCE seconds of this process's time.

    Seconds in which this process was stopped, as by Ctrl-Z, are not the worker's.
    """
    asked = asyncio.ensure_future(sent)
    for _ in range(STEPS):
        done, _ = await asyncio.wait([asked], timeout=SILENCE / STEPS)
        if done:
            return asked.result()
    asked.cancel()
    raise asyncio.TimeoutError


async def _result(future: Any) -> Any:
    return await future


async def _put(client: Any, address: str, actor: asyncio.Future[Any]) -> None:
    """Wait until an actor is there. Raises WorkerLost: without its worker, Dask would wait."""
    for _ in range(int(STARTING)):
        done, _ = await asyncio.wait([actor], timeout=1)
        if done:
            actor.result()
            return
        if address not in (await client.scheduler.identity())["workers"]:
            break
    actor.cancel()
    raise WorkerLost("it did not start")


def _silence_dask() -> None:
    """Keep what Dask logs from the terminal, unless this process uses it for something else."""
    is_ours = "distributed" not in sys.modules
    import distributed  # noqa: F401

    if is_ours:
        warnings.filterwarnings("ignore", module=r"distributed(\.|$)")
        for name in _LOGGERS:
            logger = logging.getLogger(name)
            logger.handlers = [logging.NullHandler()]
            logger.propagate = False


def _why_lost(error: Exception) -> str:
    """Return what the user is told of a loss; nothing where Dask alone knows words for it."""
    if isinstance(error, asyncio.TimeoutError):
        return f"no word from it in {SILENCE:.0f} seconds"
    if isinstance(error, WorkerLost):
        return str(error)
    return "" if isinstance(error, OSError) else _said(error)


def _said(error: BaseException) -> str:
    """Return the first line of what an error says, or what it is called."""
    if isinstance(error, asyncio.TimeoutError):
        return "no answer in time"
    text = getattr(error, "strerror", "") or str(error)
    number = error.errno if isinstance(error, OSError) else None
    if number is not None and number in errno.errorcode:
        # asyncio's own text is about its call.
        text = os.strerror(number)
    return text.strip().splitlines()[0].rstrip(".") if text.strip() else type(error).__name__
