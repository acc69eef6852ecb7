"""Fixtures for the tests of the sandbox: an empty sandbox, and a client for it."""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import Any

import pytest

from apigw_vtab.sandbox import process
from apigw_vtab.sandbox.server import SandboxServer
from tests.sandbox.clients import reach


@pytest.fixture(scope="module", autouse=True)
def no_environment() -> Iterator[None]:
    """No variable, profile or file of the person who runs the tests has any effect."""
    with pytest.MonkeyPatch.context() as environment:
        for name in [name for name in os.environ if name.startswith(("AWS_", "MOTO_"))]:
            environment.delenv(name)
        environment.setenv("AWS_CONFIG_FILE", os.devnull)
        environment.setenv("AWS_SHARED_CREDENTIALS_FILE", os.devnull)
        yield


@pytest.fixture(autouse=True)
def aws_configuration() -> None:
    """No profiles here, unlike elsewhere: a session of one test must serve the next one too."""


@pytest.fixture(name="server")
def server_fixture() -> Iterator[SandboxServer]:
    """An empty sandbox."""
    server = process.serve()
    yield server
    server.stop()


@pytest.fixture(name="gateway")
def gateway_fixture(server: SandboxServer) -> Any:
    """API Gateway's client of that sandbox."""
    return reach(server.endpoint_url, "apigateway")
