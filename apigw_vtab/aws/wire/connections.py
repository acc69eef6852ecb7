"""Connections: they belong to a host and not to an account, and each serves one call at a time."""

from __future__ import annotations

import contextlib
import http.client
import socket
import ssl
import threading
from typing import Any, NamedTuple

# As many as there are threads that make calls.
MOST_CONNECTIONS = 128
# As the standard library has them.
MOST_HEADERS, LONGEST_LINE = 100, 65_536


class Dialling(NamedTuple):
    """How a connection is made; those that are made alike are used by any call.

    `context` is None without TLS. Timeouts are in seconds.
    """

    host: str
    port: int
    context: ssl.SSLContext | None
    keep_alive: bool
    connect_timeout: float
    read_timeout: float


class Connections:
    """The open connections: at most `most` or MOST_CONNECTIONS to a host."""

    def __init__(self, most: int | None = None) -> None:
        self._most = most or MOST_CONNECTIONS
        self._hosts: dict[tuple[str, int], HostConnections] = {}

    def take(self, dialling: Dialling) -> WireConnection:
        """Return a connection that no other call uses; wait while there are too many."""
        host = self._hosts.setdefault((dialling.host, dialling.port), HostConnections(self._most))
        return host.take(dialling)

    def close(self) -> None:
        """Close all that no call is using now."""
        for host in list(self._hosts.values()):
            host.close()


class HostConnections:
    """The connections to one host, at most so many."""

    def __init__(self, most: int | None = None) -> None:
        self._most = most or MOST_CONNECTIONS
        # Of those made alike, the one that was used last is first to be used again.
        self._idle: dict[Dialling, list[WireConnection]] = {}
        self._open = 0
        self._lock = threading.Lock()
        self._freed = threading.Condition(self._lock)

    def take(self, dialling: Dialling) -> WireConnection:
        """Return a connection that no other call uses, and that the other side has not closed."""
        while True:
            with self._lock:
                connection = self._next(dialling)
            if connection.is_fresh or not connection.is_dropped():
                return connection
            connection.drop()

    def give_back(self, connection: WireConnection) -> None:
        """Let another call use a connection."""
        with self._lock:
            self._idle.setdefault(connection.dialling, []).append(connection)
            self._freed.notify()

    def dropped(self) -> None:
        """Note that a connection is closed."""
        with self._lock:
            self._open -= 1
            self._freed.notify()

    def close(self) -> None:
        """Close all that no call is using now."""
        with self._lock:
            idle, self._idle = self._idle, {}
        for connection in (one for alike in idle.values() for one in alike):
            connection.drop()

    def _next(self, dialling: Dialling) -> WireConnection:
        while True:
            alike = self._idle.get(dialling)
            if alike:
                connection = alike.pop()
                connection.is_fresh = False
                return connection
            if self._open < self._most:
                self._open += 1
                return WireConnection(dialling, self)
            if others := next(filter(None, self._idle.values()), None):
                # One that this call cannot use makes room.
                others.pop(0).close_socket()
                return WireConnection(dialling, self)
            self._freed.wait()


class WireConnection:
    """One connection. `is_fresh`: no call has used it before.

    `has_connected` stays true when it is closed.
    """

    def __init__(self, dialling: Dialling, host: HostConnections) -> None:
        self.dialling = dialling
        self.is_fresh = True
        self.has_connected = False
        self._host = host
        self._socket: socket.socket | None = None

    def open(self) -> None:
        """Connect, where that has not happened. Raises OSError."""
        if self._socket is not None:
            return
        to = self.dialling
        # As bytes, it needs no codec for other alphabets, which takes 3 ms to import.
        host: Any = to.host.encode() if to.host.isascii() else to.host
        found = socket.create_connection((host, to.port), to.connect_timeout)
        try:
            found.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            if to.keep_alive:
                found.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
            if to.context:
                found = to.context.wrap_socket(found, server_hostname=to.host)
            found.settimeout(to.read_timeout)
        except BaseException:
            found.close()
            raise
        self._socket = found
        self.has_connected = True

    def send(self, method: str, request: bytes) -> HttpResponse:
        """Send the bytes of a request and return its answer, whose body is not read yet.

        Raises OSError and HTTPException.
        """
        assert self._socket is not None
        self._socket.sendall(request)
        response = HttpResponse(self._socket, method=method)
        try:
            response.begin()
        except BaseException:
            response.close()
            raise
        return response

    def is_dropped(self) -> bool:
        """Return whether the other side has closed it, or has sent what nobody asked for."""
        from urllib3.util.wait import wait_for_read

        found = self._socket
        if found is None:
            return True
        try:
            if not wait_for_read(found, 0.0):
                return False
            if not isinstance(found, ssl.SSLSocket):
                return True
            # It may be of TLS itself, such as a ticket for a session to come.
            found.settimeout(0.0)
            found.recv(1)
        except (BlockingIOError, ssl.SSLWantReadError):
            found.settimeout(self.dialling.read_timeout)
            return False
        except (OSError, ValueError):
            pass
        return True

    def release(self) -> None:
        """Let another call use it, after an answer that was read whole."""
        self._host.give_back(self)

    def drop(self) -> None:
        """Close it; it is used no more."""
        self.close_socket()
        self._host.dropped()

    def close_socket(self) -> None:
        """Close it, while it still counts as open."""
        if self._socket is not None:
            with contextlib.suppress(OSError):
                self._socket.close()


class HttpResponse(http.client.HTTPResponse):
    """An answer. Its head is read faster than as an e-mail, as the standard library reads it."""

    def begin(self) -> None:
        """Read the head; `sent` are its headers, by their names in lower case.

        Raises HTTPException.
        """
        status = 100
        while status == 100:
            # Before the answer itself there may be others, which have no body.
            version, status, self.reason = self._read_status()  # type: ignore[attr-defined]
            self.sent = self._head()
        self.code = self.status = status
        self.version = 10 if version in ("HTTP/1.0", "HTTP/0.9") else 11
        self.chunked = self.sent.get("transfer-encoding", "").lower() == "chunked"
        self.chunk_left = None
        length = self.sent.get("content-length", "")
        self.length = int(length) if length.isdecimal() and not self.chunked else None
        if status in (http.client.NO_CONTENT, http.client.NOT_MODIFIED) or status < 200:
            self.length = 0
        said = self.sent.get("connection", "").lower()
        stays = "close" not in said if self.version == 11 else "keep-alive" in said
        self.will_close = not stays or (not self.chunked and self.length is None)

    def _head(self) -> dict[str, str]:
        sent: dict[str, str] = {}
        name = ""
        for _ in range(MOST_HEADERS):
            line = self.fp.readline(LONGEST_LINE + 1)
            if len(line) > LONGEST_LINE:
                raise http.client.LineTooLong("header line")
            if line in (b"\r\n", b"\n", b""):
                return sent
            text = line.decode("latin-1")
            if text[0] in " \t" and name:
                # What goes on from the line before.
                sent[name] += f" {text.strip()}"
            else:
                name, _, value = text.partition(":")
                name = name.strip().lower()
                sent.setdefault(name, value.strip())
        raise http.client.HTTPException(f"got more than {MOST_HEADERS} headers")
