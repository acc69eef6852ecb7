"""Sends a request and reads its answer; what goes wrong on the way are botocore's exceptions."""

from __future__ import annotations

import functools
import http.client
import os
import socket
import ssl
import threading
import time
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

from apigw_vtab.aws.response import CHUNK, Body, check_read
from apigw_vtab.aws.wire.connections import MOST_CONNECTIONS, Connections, Dialling, WireConnection
from apigw_vtab.aws.wire.endpoints import Endpoint, Errand, endpoint_of
from apigw_vtab.aws.wire.requests import WireRequest
from apigw_vtab.aws.wire.settings import WireSettings

if TYPE_CHECKING:
    from botocore.httpsession import URLLib3Session


class WireAnswer(NamedTuple):
    """What came back; the names of headers are in lower case."""

    status: int
    headers: Mapping[str, str]
    body: bytes


class WireRoute(NamedTuple):
    """The way to an endpoint: directly, or through what sends by way of a proxy."""

    endpoint: Endpoint
    dialling: Dialling
    proxied: URLLib3Session | None


class Wires:
    """The ways to AWS, for all accounts of a connection; at most so many connections to a host."""

    def __init__(self, most_connections: int | None = None) -> None:
        self._connections = Connections(most_connections)
        self._lock = threading.Lock()
        self._routes: dict[tuple[Errand, str, str | None, WireSettings], WireRoute] = {}
        self._session = functools.cache(_session)

    def route(
        self, errand: Errand, region: str, given: str | None, settings: WireSettings
    ) -> WireRoute:
        """Return the way to a service in a region, or to the endpoint that is `given`.

        Raises botocore's errors, and ValueError for an endpoint that is none.
        """
        key = errand, region, given, settings
        route = self._routes.get(key)
        if route is None:
            with self._lock:
                route = self._routes[key] = self._route(endpoint_of(*key), settings)
        return route

    def send(self, request: WireRequest, route: WireRoute, seconds: float) -> WireAnswer:
        """Send a request, and return its answer, read for at most `seconds`.

        Raises botocore's HTTPClientError.
        """
        until = time.monotonic() + seconds
        if route.proxied is not None:
            return _through(route.proxied, request, until)
        return self._directly(request, route, until)

    def close(self) -> None:
        """Close the connections that no call is using now."""
        self._connections.close()
        for route in list(self._routes.values()):
            if route.proxied is not None:
                route.proxied.close()

    def _route(self, endpoint: Endpoint, settings: WireSettings) -> WireRoute:
        from botocore.exceptions import SSLError
        from botocore.utils import get_environ_proxies

        proxies = get_environ_proxies(endpoint.origin) if settings.proxies else {}
        if endpoint.scheme in proxies:
            session = self._session(tuple(sorted(proxies.items())), settings)
            return WireRoute(endpoint, _dialling(endpoint, settings, None), session)
        try:
            context = _context(settings.verify) if endpoint.scheme == "https" else None
        except OSError as error:
            raise SSLError(endpoint_url=endpoint.origin, error=error) from error
        return WireRoute(endpoint, _dialling(endpoint, settings, context), None)

    def _directly(self, request: WireRequest, route: WireRoute, until: float) -> WireAnswer:
        """Send a request once: whether AWS has seen one that failed is not known here."""
        connection = self._connections.take(route.dialling)
        try:
            return _exchanged(connection, request, route, until)
        except Exception as error:
            raise _told(error, request, connection) from error


def _exchanged(
    connection: WireConnection, request: WireRequest, route: WireRoute, until: float
) -> WireAnswer:
    """Send a request over a connection, and return its answer. A failure closes the connection."""
    is_whole = False
    try:
        connection.open()
        response = connection.send(request.method, request.as_bytes(route.endpoint.header))
        answer = _read(response, request.url, until)
        is_whole = not response.will_close and not response.length
        response.close()
        return WireAnswer(response.status, response.sent, answer)
    finally:
        # For the answer that comes too late, no other call may wait.
        if is_whole:
            connection.release()
        else:
            connection.drop()


def _read(response: http.client.HTTPResponse, url: str, until: float) -> bytes:
    """Return an answer's bytes, at most MOST_BYTES of them. Raises botocore's errors."""
    from botocore.exceptions import ReadTimeoutError, ResponseStreamingError

    parts, count = [], 0
    try:
        # It returns what is there instead of waiting for a whole chunk.
        while data := response.read1(CHUNK):
            parts.append(data)
            count += len(data)
            check_read(url, count, until)
    except TimeoutError:
        raise ReadTimeoutError(endpoint_url=url) from None
    except (OSError, http.client.HTTPException, ValueError) as error:
        raise ResponseStreamingError(error=error) from error
    return b"".join(parts)


def _told(error: Exception, request: WireRequest, connection: WireConnection) -> Any:
    """Return what botocore's own session raises for an error of the standard library."""
    from botocore import exceptions

    connected = connection.has_connected
    if isinstance(error, exceptions.HTTPClientError):
        return error
    if isinstance(error, ssl.SSLError):
        kind = exceptions.SSLError
    elif isinstance(error, TimeoutError):
        kind = exceptions.ReadTimeoutError if connected else exceptions.ConnectTimeoutError
    elif isinstance(error, (OSError, UnicodeError)) and not connected:
        kind = exceptions.EndpointConnectionError
    elif isinstance(error, (OSError, http.client.HTTPException)):
        kind = exceptions.ConnectionClosedError
    else:
        kind = exceptions.HTTPClientError
    return kind(endpoint_url=request.url, error=error)


def _through(session: URLLib3Session, request: WireRequest, until: float) -> WireAnswer:
    """Send a request with botocore's session, which knows proxies."""
    from botocore.awsrequest import AWSPreparedRequest

    headers = {name: value.encode() for name, value in request.headers.items()}
    prepared = AWSPreparedRequest(request.method, request.url, headers, request.body or None, True)
    response = session.send(prepared)
    body = b"".join(Body(response.raw, request.url, until).stream())
    sent = {name.lower(): value for name, value in response.headers.items()}
    return WireAnswer(response.status_code, sent, body)


def _dialling(
    endpoint: Endpoint, settings: WireSettings, context: ssl.SSLContext | None
) -> Dialling:
    return Dialling(
        endpoint.host,
        endpoint.port,
        context,
        settings.keep_alive,
        settings.connect_timeout,
        settings.read_timeout,
    )


@functools.cache
def _context(verify: str | bool) -> ssl.SSLContext:
    """Return what checks certificates, made once: to read the authorities takes milliseconds."""
    from botocore.httpsession import create_urllib3_context, get_cert_path

    context: ssl.SSLContext = create_urllib3_context()
    path = get_cert_path(verify)
    if os.path.isdir(path):
        context.load_verify_locations(capath=path)
    else:
        context.load_verify_locations(cafile=path)
    context.check_hostname = True
    return context


def _session(proxies: tuple[tuple[str, str], ...], settings: WireSettings) -> URLLib3Session:
    """Return botocore's own session, as its clients have it."""
    from botocore.httpsession import URLLib3Session

    options = [(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)]
    if settings.keep_alive:
        options.append((socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1))
    return URLLib3Session(
        timeout=(settings.connect_timeout, settings.read_timeout),
        proxies=dict(proxies),
        verify=settings.verify,
        max_pool_connections=MOST_CONNECTIONS,
        socket_options=options,
    )
