"""The connections over which calls come in."""

from __future__ import annotations

import asyncio
import socket
import struct
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import cast

from .admin import ADMIN_PATH, administer
from .plane import ControlPlane, PlannedAnswer
from .wire import HttpAnswer, HttpRequest, MalformedError, parse

BACKLOG = 4_096
# SO_LINGER of 0 seconds: closing sends a RST instead of a FIN.
LINGER_NOT = struct.pack("ii", 1, 0)


@asynccontextmanager
async def listening(plane: ControlPlane, port: int = 0) -> AsyncIterator[str]:
    """Serve on loopback and yield the URL; port 0 takes any port that is free."""
    loop = asyncio.get_running_loop()
    connections: set[HttpConnection] = set()
    server = await loop.create_server(
        lambda: HttpConnection(plane, loop, connections), "127.0.0.1", port, backlog=BACKLOG
    )
    host, bound_port = server.sockets[0].getsockname()
    try:
        yield f"http://{host}:{bound_port}"
    finally:
        server.close()
        for connection in list(connections):
            connection.abort()


class HttpConnection(asyncio.Protocol):
    """One client's connection; its requests are answered in turn."""

    def __init__(
        self, plane: ControlPlane, loop: asyncio.AbstractEventLoop, connections: set[HttpConnection]
    ) -> None:
        self._plane = plane
        self._loop = loop
        self._connections = connections
        self._buffer = b""
        self._seen = 0.0
        self._pending: PlannedAnswer | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._stays_open = True

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """A client connected."""
        self._transport = cast(asyncio.Transport, transport)
        self._connections.add(self)
        self._plane.log.connect()

    def connection_lost(self, exc: Exception | None) -> None:
        """The client disconnected, or was disconnected."""
        self._connections.discard(self)
        self._plane.log.disconnect()
        if self._timer:
            self._timer.cancel()
        if self._pending:
            self._plane.log.drop()

    def data_received(self, data: bytes) -> None:
        """Some bytes of a request, or a whole one."""
        if not self._buffer:
            self._seen = self._loop.time()
        self._buffer += data
        if self._pending is None:
            self._next()

    def abort(self) -> None:
        """Drop the connection."""
        self._transport.abort()

    def _next(self) -> None:
        try:
            parsed = parse(self._buffer)
        except MalformedError as malformed:
            self._transport.write(
                HttpAnswer(400, "text/plain", str(malformed).encode()).encode("-")
            )
            self._transport.close()
            return
        if parsed is None:
            return
        request, end = parsed
        self._buffer = self._buffer[end:]
        self._stays_open = request.stays_open
        if request.target.startswith(ADMIN_PATH):
            self._write(administer(self._plane, request).encode("-"))
        else:
            self._receive(request)

    def _receive(self, request: HttpRequest) -> None:
        outcome = self._plane.receive(request, self._seen)
        self._pending = outcome
        if outcome.breaks == "silence":
            return
        if outcome.delay > 0:
            self._timer = self._loop.call_later(outcome.delay, self._finish, outcome)
        else:
            self._finish(outcome)

    def _finish(self, outcome: PlannedAnswer) -> None:
        self._pending = None
        answer = outcome.answer
        status = 0 if outcome.breaks == "reset" else answer.status
        self._plane.log.close(outcome.call, status, self._loop.time())
        if outcome.breaks == "reset":
            connection: socket.socket = self._transport.get_extra_info("socket")
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, LINGER_NOT)
            self._transport.abort()
            return
        encoded = answer.encode(outcome.request_id)
        if outcome.breaks == "cut-off":
            encoded = encoded[: len(encoded) - (len(answer.body) + 1) // 2]
            self._stays_open = False
        self._write(encoded)

    def _write(self, encoded: bytes) -> None:
        self._transport.write(encoded)
        if not self._stays_open:
            self._transport.close()
        elif self._buffer:
            self._seen = self._loop.time()
            self._loop.call_soon(self._next)
