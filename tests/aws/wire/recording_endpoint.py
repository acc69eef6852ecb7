"""An endpoint on loopback that keeps the bytes of each request, by the connection it came over."""

from __future__ import annotations

import contextlib
import socket
import ssl
import threading
from collections.abc import Iterator

from tests.promises.hostile_endpoint import endpoint

EMPTY = b'{"item":[]}'
PLAIN = b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s" % (len(EMPTY), EMPTY)
CHUNKED = (
    b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
    b'7\r\n{"item"\r\n4;x=y\r\n:[]}\r\n0\r\nTrailer: 1\r\n\r\n'
)


class RecordingEndpoint:
    """Answers all requests alike, and counts them and its connections.

    It closes a connection after each answer, without a word, where `closes` says so; and before
    the answer to the requests of these numbers, counted over all connections from 0.
    """

    def __init__(
        self,
        answer: bytes = PLAIN,
        *,
        closes: bool = False,
        silent: frozenset[int] = frozenset(),
        context: ssl.SSLContext | None = None,
    ) -> None:
        self.requests: list[bytes] = []
        self.connections = self.open = self.most_open = 0
        self.closed = threading.Event()
        self._answer, self._closes, self._silent = answer, closes, silent
        self._context = context
        self._lock = threading.Lock()

    def __call__(self, connection: socket.socket, over: threading.Event) -> None:
        """Serve one connection."""
        with self._lock:
            self.connections += 1
            self.open += 1
            self.most_open = max(self.open, self.most_open)
        try:
            with contextlib.suppress(OSError):
                served = connection
                if self._context:
                    served = self._context.wrap_socket(connection, server_side=True)
                with served:
                    self._serve(served)
        finally:
            with self._lock:
                self.open -= 1
            self.closed.set()

    def _serve(self, connection: socket.socket) -> None:
        while (request := _read(connection)) is not None:
            with self._lock:
                number = len(self.requests)
                self.requests.append(request)
            if number in self._silent:
                return
            connection.sendall(self._answer)
            if self._closes:
                return

    @contextlib.contextmanager
    def running(self) -> Iterator[str]:
        """Serve while the block runs; yield the URL."""
        with endpoint(self) as url:
            yield url


def _read(connection: socket.socket) -> bytes | None:
    head = b""
    while b"\r\n\r\n" not in head:
        data = connection.recv(1 << 16)
        if not data:
            return None
        head += data
    return head
