"""moto's server with the sandbox's API Gateway, EC2, ACM and WAF in place of moto's own."""

from __future__ import annotations

import functools
import logging
from collections.abc import Callable, Sequence
from threading import Thread
from typing import TYPE_CHECKING, Any

from flask import Flask
from moto.core.utils import convert_to_flask_response, get_service_model
from moto.moto_server.werkzeug_app import (
    HTTP_METHODS,
    DomainDispatcherApplication,
    create_backend_app,
)
from werkzeug.serving import ThreadedWSGIServer, WSGIRequestHandler

from apigw_vtab.sandbox.estate import SandboxAccount
from apigw_vtab.sandbox.gateway import GatewayBackends
from apigw_vtab.sandbox.neighbours import OPERATIONS, NeighbourResources, NeighbourResponse
from apigw_vtab.sandbox.organization import SandboxOrganization
from apigw_vtab.sandbox.regions import regions_app
from apigw_vtab.sandbox.responses import GatewayResponse
from apigw_vtab.sandbox.sign_in import TOKEN_HEADER, TOKEN_VARIABLE, SignInApplication

if TYPE_CHECKING:
    from moto.backends import SERVICE_NAMES

LOOPBACK = "127.0.0.1"

# How often the server checks whether to stop: werkzeug's 0.5 s is too long in tests.
POLL_SECONDS = 0.02

log = logging.getLogger(__name__)


def service_app(dispatch: Callable[..., Any]) -> Flask:
    """Make a Flask application that hands every request to one of moto's dispatchers."""
    app = Flask(__name__)
    # moto's releases expect different request classes; that of any service is the right one.
    app.request_class = create_backend_app("sts").request_class
    # Flask would write the traceback to stderr; the server below knows where it belongs.
    app.config["PROPAGATE_EXCEPTIONS"] = True
    view = convert_to_flask_response(dispatch)
    for path in ("/", "/<path:route>"):
        app.add_url_rule(path, endpoint=path, methods=HTTP_METHODS, view_func=view)
    return app


class QuietRequestHandler(WSGIRequestHandler):
    """Writes no request log: stderr belongs to the program that the sandbox runs in."""

    # A header and a body in two packets would otherwise wait for each other's acknowledgement.
    disable_nagle_algorithm = True

    def make_environ(self) -> dict[str, Any]:
        """Keep the token of a sign-in: werkzeug drops headers with an underscore in their name."""
        token = self.headers.get(TOKEN_HEADER, "")
        return {**super().make_environ(), TOKEN_VARIABLE: token}

    def log(self, type: str, message: str, *args: Any) -> None:
        """Show werkzeug's lines only in debug logging."""
        log.debug(message, *args)


class QuietServer(ThreadedWSGIServer):
    """Writes no tracebacks to stderr either; the client gets a status of 500."""

    def log(self, type: str, message: str, *args: Any) -> None:
        """Show werkzeug's lines only in debug logging."""
        log.debug(message, *args)


class SandboxServer:
    """A made-up AWS on a free port of the loopback interface, with its own state.

    API Gateway's resources are in `backends` and disappear with the server. Identities (STS, IAM)
    are moto's, which keeps them for the whole process; the roles of `accounts` may be assumed.
    """

    def __init__(
        self, accounts: Sequence[SandboxAccount], organization: SandboxOrganization | None = None
    ) -> None:
        self.backends = GatewayBackends()
        app = SignInApplication(
            DomainDispatcherApplication(self._create_app), accounts, organization
        )
        self._server = QuietServer(LOOPBACK, 0, app, QuietRequestHandler)
        self._thread = Thread(
            target=self._server.serve_forever, args=(POLL_SECONDS,), name="sandbox", daemon=True
        )

    @property
    def endpoint_url(self) -> str:
        """The value for boto3's `endpoint_url`."""
        return f"http://{LOOPBACK}:{self._server.port}"

    def start(self) -> None:
        """Answer requests from a daemon thread."""
        self._thread.start()

    def stop(self) -> None:
        """Stop answering and give the port back."""
        self._server.shutdown()
        self._thread.join()

    def _create_app(self, service: SERVICE_NAMES) -> Flask:
        if service == "apigateway":
            # moto caches the model, but simultaneous requests would each load it first. This runs
            # under the dispatcher's lock, so it is loaded once.
            get_service_model(service)
            return service_app(self._dispatch_gateway)
        if service == "ec2":
            return regions_app()
        if service in OPERATIONS:
            return service_app(functools.partial(self._dispatch_neighbour, service))
        return create_backend_app(service)

    def _dispatch_neighbour(self, service: str, request: Any, full_url: str, headers: Any) -> Any:
        return NeighbourResponse(service, self._neighbours)._dispatch(request, full_url, headers)

    def _neighbours(self, account: str, region: str) -> NeighbourResources:
        return self.backends[account, region].neighbours

    def _dispatch_gateway(self, request: Any, full_url: str, headers: Any) -> Any:
        return GatewayResponse(self.backends).answer(request, full_url, headers)
