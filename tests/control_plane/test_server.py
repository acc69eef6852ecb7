"""The control plane's HTTP connections."""

from __future__ import annotations

import http.client
import socket
from urllib.parse import urlsplit

from tests.control_plane import Plane


def raw(plane: Plane, *requests: bytes) -> bytes:
    """What comes back for these bytes, sent one after the other, until the server closes."""
    host, port = urlsplit(plane.url).netloc.split(":")
    with socket.create_connection((host, int(port)), timeout=10) as connection:
        for part in requests:
            connection.sendall(part)
        return b"".join(iter(lambda: connection.recv(65_536), b""))


def test_a_connection_is_used_again(plane: Plane) -> None:
    connection = http.client.HTTPConnection(urlsplit(plane.url).netloc)
    for _ in range(3):
        connection.request("GET", "/_control")
        assert connection.getresponse().read()
    connection.close()


def test_a_request_may_come_in_pieces_or_with_the_next_one(plane: Plane) -> None:
    request = b"GET /restapis HTTP/1.1\r\nHost: x\r\n\r\n"
    last = b"GET /restapis HTTP/1.1\r\nConnection: close\r\n\r\n"
    answers = raw(plane, request[:9], request[9:] + request + last)
    assert answers.count(b"MissingAuthenticationTokenException") == 3
    assert plane.count() == 3


def test_what_is_no_request_closes_the_connection(plane: Plane) -> None:
    assert raw(plane, b"\x16\x03\x01 not HTTP\r\n\r\n").startswith(b"HTTP/1.1 400 ")
