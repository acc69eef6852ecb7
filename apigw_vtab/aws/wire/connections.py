"""Connections: they belong to a host and not to an account, and each serves one call at a time."""

from __future__ import annotations

import contextlib
import http.client
import socket
import ssl
import threading
from typing import NamedTuple

# As many as there are threads that make calls.
MOST_CONNECTIONS = 128


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
    """The open connections: at most MOST_CONNECTIONS to a host, whoever uses them."""

    def __init__(self) -> None:
        self._hosts: dict[tuple[str, int], HostConnections] = {}

    def take(self, dialling: Dialling, *, is_new: bool = False) -> WireConnection:
        """Return a connection that no other call uses; wait while there are too many."""
        host = self._hosts.setdefault((dialling.host, dialling.port), HostConnections())
        return host.take(dialling, is_new=is_new)

    def close(self) -> None:
        """Close all that no call is using now."""
        for host in list(self._hosts.values()):
            host.close()


class HostConnections:
    """The connections to one host."""

    def __init__(self) -> None:
        # Of those made alike, the one that was used last is first to be used again.
        self._idle: dict[Dialling, list[WireConnection]] = {}
        self._open = 0
        self._lock = threading.Lock()
        self._freed = threading.Condition(self._lock)

    def take(self, dialling: Dialling, *, is_new: bool) -> WireConnection:
        """Return a connection that no other call uses, and that the other side has not closed."""
        while True:
            with self._lock:
                connection = self._next(dialling, is_new)
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

    def _next(self, dialling: Dialling, is_new: bool) -> WireConnection:
        while True:
            alike = self._idle.get(dialling)
            if alike and not is_new:
                connection = alike.pop()
                connection.is_fresh = False
                return connection
            if self._open < MOST_CONNECTIONS:
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
        self._http = http.client.HTTPConnection(dialling.host, dialling.port)

    def open(self) -> None:
        """Connect, where that has not happened. Raises OSError."""
        if self._http.sock is not None:
            return
        to = self.dialling
        found = socket.create_connection((to.host, to.port), to.connect_timeout)
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
        self._http.sock = found
        self.has_connected = True

    def send(
        self, method: str, target: str, host: str, headers: dict[str, str], body: bytes
    ) -> http.client.HTTPResponse:
        """Send a request and return its answer, whose body is not read yet.

        Raises OSError and HTTPException.
        """
        self._http.putrequest(method, target, skip_host=True, skip_accept_encoding=True)
        self._http.putheader("Host", host)
        self._http.putheader("Accept-Encoding", "identity")
        for name, value in headers.items():
            self._http.putheader(name, value.encode())
        self._http.endheaders(body or None)
        return self._http.getresponse()

    def is_dropped(self) -> bool:
        """Return whether the other side has closed it, or has sent what nobody asked for."""
        found = self._http.sock
        if found is None:
            return True
        found.settimeout(0.0)
        try:
            if isinstance(found, ssl.SSLSocket):
                return bool(found.recv(1)) or True
            return bool(found.recv(1, socket.MSG_PEEK)) or True
        except (BlockingIOError, ssl.SSLWantReadError):
            return False
        except OSError:
            return True
        finally:
            with contextlib.suppress(OSError):
                found.settimeout(self.dialling.read_timeout)

    def release(self) -> None:
        """Let another call use it, after an answer that was read whole."""
        self._host.give_back(self)

    def drop(self) -> None:
        """Close it; it is used no more."""
        self.close_socket()
        self._host.dropped()

    def close_socket(self) -> None:
        """Close it, while its place stays taken."""
        with contextlib.suppress(OSError):
            self._http.close()
