"""What the tests share: a control plane, an AWS configuration that leads to it, connections."""

from __future__ import annotations

import faulthandler
import functools
import os
import sys
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import botocore.session
import pytest
from botocore.loaders import create_loader

import apigw_vtab
from apigw_vtab.sqlite.connection import Connection
from tests import reliability
from tests.control_plane import Plane, ServedEstate, access_key, serve

SMALL = ServedEstate.numbered(accounts=2, regions=3, rest_apis=4, stages=3, certificates=3)
ACCOUNT, OTHER_ACCOUNT = SMALL.accounts
REGIONS = tuple(SMALL.regions)
Connect = Callable[..., Connection]
# Seconds that a process of the tests has to end, coverage report included.
ENDING = 120


def pytest_addoption(parser: pytest.Parser) -> None:
    reliability.add_options(parser)


def pytest_xdist_auto_num_workers() -> int:
    """Two for each core: tests spend half of the time waiting for what they test."""
    return 2 * (os.cpu_count() or 1)


def pytest_configure(config: pytest.Config) -> None:
    reliability.configure(config)


@pytest.hookimpl(tryfirst=True)
def pytest_sessionfinish() -> None:
    """If this process does not end, show the stack of each of its threads and end it."""
    assert sys.__stderr__
    faulthandler.dump_traceback_later(ENDING, exit=True, file=sys.__stderr__)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    reliability.mark_items(items)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Iterator[None]:
    """Do not trace promises and random cases for the coverage report.

    Tracing makes them take up to six times as long, and other tests run the same lines. The mark
    no_cover of pytest-cov has no effect in the workers of pytest-xdist.
    """
    is_random = "many" in getattr(item, "fixturenames", ())
    is_traced = not is_random and item.get_closest_marker("promise") is None
    trace, trace_of_threads = sys.gettrace(), threading.gettrace()
    if not is_traced:
        sys.settrace(None)
        threading.settrace(None)
    try:
        return (yield)
    finally:
        if not is_traced:
            sys.settrace(trace)
            threading.settrace(trace_of_threads)


proof = pytest.fixture(reliability.proof)


@pytest.fixture(scope="session")
def many(request: pytest.FixtureRequest) -> int:
    """How many times as many random cases a long run has."""
    return 10 if request.config.getoption("--long") else 1


class OncePaths(list[str]):
    """Folders with models, each once: every session of boto3 adds its own."""

    def append(self, path: str) -> None:
        if path not in self:
            super().append(path)


@pytest.fixture(scope="session", autouse=True)
def one_loader() -> Iterator[None]:
    """Read AWS's models once for all sessions of boto3: they take 0.1 s of CPU for each.

    Measured for one `remediate` over one region: 0.17 s of CPU without, 0.07 s with.
    """

    @functools.cache
    def loader(search_path: str | None) -> Any:
        made = create_loader(search_path)
        made._search_paths = OncePaths(made.search_paths)
        return made

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(botocore.session, "create_loader", loader)
        yield


@pytest.fixture(autouse=True)
def aws_configuration(
    tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> Path:
    """Two profiles, one for each account, and nothing else of the machine's AWS settings."""
    for name in list(os.environ):
        if name.startswith(("AWS_", "APIGW_VTAB_")):
            monkeypatch.delenv(name)
    folder = tmp_path_factory.mktemp("aws")
    config = folder / "config"
    config.write_text(
        "".join(
            f"[profile {name}]\nregion = {REGIONS[0]}\n"
            f"aws_access_key_id = {access_key(account)}\naws_secret_access_key = secret\n"
            for name, account in (("first", ACCOUNT), ("second", OTHER_ACCOUNT))
        )
    )
    monkeypatch.setenv("AWS_CONFIG_FILE", str(config))
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(folder / "none"))
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.setenv("AWS_PROFILE", "first")
    return config


@pytest.fixture(scope="session")
def running_plane() -> Iterator[Plane]:
    """One control plane for all tests that do not need their own estate."""
    with serve(SMALL) as plane:
        yield plane


@pytest.fixture
def plane(running_plane: Plane, monkeypatch: pytest.MonkeyPatch) -> Plane:
    """The control plane: two accounts, three regions, 4 REST APIs a lane, 3 stages an API."""
    running_plane.faults = []
    running_plane.reset()
    monkeypatch.setenv("AWS_ENDPOINT_URL", running_plane.url)
    return running_plane


@pytest.fixture
def connect() -> Iterator[Connect]:
    """Connections that are closed after the test."""
    opened: list[Connection] = []

    def open_one(**options: Any) -> Connection:
        opened.append(apigw_vtab.connect(**options))
        return opened[-1]

    yield open_one
    for connection in opened:
        connection.close()


@pytest.fixture
def own_threads() -> Callable[[], list[str]]:
    """The names of the threads that connections have started since the test began.

    A thread of another test may be stuck for as long as nobody answers it.
    """
    before = set(threading.enumerate())

    def names() -> list[str]:
        new = set(threading.enumerate()) - before
        return [one.name for one in new if one.name.startswith("apigw-vtab")]

    return names


def rows(connection: Connection, sql: str, *bindings: Any) -> list[tuple[Any, ...]]:
    """All rows of a statement."""
    return list(connection.execute(sql, *bindings))


def operations(plane: Plane) -> Counter[str]:
    """How many calls of each operation the control plane saw; none of them twice."""
    seen = [(c.account, c.region, c.operation, str(sorted(c.params.items()))) for c in plane.calls]
    assert len(set(seen)) == len(seen), "a call was made twice"
    return Counter(operation for _, _, operation, _ in seen)


@pytest.fixture
def httpserver() -> Iterator[Callable[[bytes], str]]:
    """Endpoints that answer every call with 200 and the same body."""
    running: list[ThreadingHTTPServer] = []

    def serve_body(body: bytes) -> str:
        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                self.send_response(200)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_: object) -> None:
                """Say nothing."""

        server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
        running.append(server)
        return f"http://127.0.0.1:{server.server_port}"

    yield serve_body
    for server in running:
        server.shutdown()
        server.server_close()
