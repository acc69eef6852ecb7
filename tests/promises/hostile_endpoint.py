"""Endpoints on loopback that are not a control plane: slow, endless, deep, or not HTTP at all."""

from __future__ import annotations

import contextlib
import socket
import threading
from collections.abc import Callable, Iterator, Mapping

Behaviour = Callable[[socket.socket, threading.Event], None]
HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
DRIP_SECONDS = 0.2


@contextlib.contextmanager
def endpoint(behaviour: Behaviour) -> Iterator[str]:
    """Serve every connection with a behaviour; yield the URL."""
    over = threading.Event()
    listener = socket.create_server(("127.0.0.1", 0), backlog=128)

    def serve_one(connection: socket.socket) -> None:
        with connection, contextlib.suppress(OSError):
            behaviour(connection, over)

    def accept() -> None:
        with contextlib.suppress(OSError):
            while True:
                connection, _ = listener.accept()
                threading.Thread(target=serve_one, args=(connection,), daemon=True).start()

    threading.Thread(target=accept, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    finally:
        over.set()
        # Closing alone would not wake the thread that accepts connections.
        with contextlib.suppress(OSError):
            listener.shutdown(socket.SHUT_RDWR)
        listener.close()


def saying(answer: bytes) -> Behaviour:
    """Send one answer to a request, and close."""

    def behave(connection: socket.socket, _: threading.Event) -> None:
        connection.recv(1 << 16)
        connection.sendall(answer)

    return behave


def answering(body: bytes, *headers: bytes) -> Behaviour:
    """Send 200 with a body."""
    lines = [b"Content-Length: %d" % len(body), b"Connection: close", *headers]
    return saying(HEAD + b"\r\n".join(lines) + b"\r\n\r\n" + body)


def dripping(start: bytes) -> Behaviour:
    """Begin an answer, then send a byte now and then, forever."""

    def behave(connection: socket.socket, over: threading.Event) -> None:
        connection.recv(1 << 16)
        connection.sendall(start)
        while not over.wait(DRIP_SECONDS):
            connection.sendall(b" ")

    return behave


def endless(connection: socket.socket, over: threading.Event) -> None:
    """Send an endless body, as fast as it is read."""
    connection.recv(1 << 16)
    connection.sendall(HEAD + b'\r\n{"item": [')
    while not over.is_set():
        connection.sendall(b" " * (1 << 20))


def silent(_: socket.socket, over: threading.Event) -> None:
    """Accept, and say nothing."""
    over.wait()


def closing(_connection: socket.socket, _over: threading.Event) -> None:
    """Accept, and close at once."""


Route = tuple[int, bytes] | Callable[[str], tuple[int, bytes]]


def routing(routes: Mapping[str, Route], *headers: str) -> Behaviour:
    """Answer by the longest route that the request's path begins with, with these headers."""

    def behave(connection: socket.socket, _: threading.Event) -> None:
        head = b""
        while b"\r\n\r\n" not in head:
            data = connection.recv(1 << 16)
            if not data:
                return
            head += data
        path = head.split(b" ", 2)[1].decode()
        route = routes[max((one for one in routes if path.startswith(one)), key=len)]
        status, body = route(path) if callable(route) else route
        size = f"Content-Length: {len(body)}"
        lines = [f"HTTP/1.1 {status} Odd", size, *headers, "Connection: close", "", ""]
        connection.sendall("\r\n".join(lines).encode() + body)

    return behave
