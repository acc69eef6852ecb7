"""A request: botocore's serializer makes it of an operation and its parameters.

It looks at each value in many ways, and takes a tenth of a call's time. So it is asked once how an
operation is sent with such parameters (`_Form`); the usual ids are then put in their places.
"""

from __future__ import annotations

import functools
import random
import re
import time
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import urlencode

from apigw_vtab.aws.wire.endpoints import Endpoint
from apigw_vtab.aws.wire.signatures import SigningKeys, signed

if TYPE_CHECKING:
    from botocore.model import OperationModel


# An id that is sent as it is, in a path and in a query.
_PLAIN = re.compile(r"[A-Za-z0-9_-]+")
# Stands for the value of a parameter, by its number.
_PLACE = re.compile("PLACE([0-9]+)OF")


class WireRequest(NamedTuple):
    """A request as it is sent; `target` is the path with the query."""

    method: str
    url: str
    target: str
    headers: dict[str, str]
    body: bytes

    def as_bytes(self, host: str) -> bytes:
        """Return what goes over a connection. Raises ValueError for a break within a line."""
        lines = [
            f"{self.method} {self.target} HTTP/1.1",
            f"Host: {host}",
            "Accept-Encoding: identity",
            *(f"{name}: {value}" for name, value in self.headers.items()),
        ]
        head = "\n".join(lines)
        if head.count("\n") >= len(lines) or "\r" in head:
            raise ValueError("There is a line break in a header, such as that of a session token.")
        return head.replace("\n", "\r\n").encode() + b"\r\n\r\n" + self.body


def request_of(
    operation: OperationModel,
    parameters: Mapping[str, Any],
    endpoint: Endpoint,
    keys: SigningKeys,
    user_agent: str,
) -> WireRequest:
    """Return the request that boto3's client would send for an operation, signed.

    Raises botocore's ParamValidationError.
    """
    from botocore.handlers import add_accept_header, add_recursion_detection_header

    made = _made_by_form(operation, parameters) or _serialized(operation, parameters)
    headers: dict[str, str] = made["headers"]
    if operation.service_model.service_name == "apigateway":
        add_accept_header(operation, made)
    body = made["body"]
    if isinstance(body, dict):
        body = urlencode(body, doseq=True)
    body = body.encode() if isinstance(body, str) else body or b""
    path, query = _path_and_query(made, endpoint)
    moment = time.strftime("%Y%m%dT%H%M%SZ", time.gmtime())
    method = made["method"]
    headers |= signed(method, path, query, headers, body, endpoint, keys, moment)
    add_recursion_detection_header(made)
    # What is not signed: who asks, and which attempt it is, as botocore tells it.
    headers["User-Agent"] = user_agent
    headers["amz-sdk-invocation-id"] = _random_id()
    headers["amz-sdk-request"] = "attempt=1; max=1"
    if method not in ("GET", "HEAD", "OPTIONS"):
        headers["Content-Length"] = str(len(body))
    target = f"{path}?{query}" if query else path
    return WireRequest(method, f"{endpoint.origin}{target}", _encoded(target), headers, body)


class _Form(NamedTuple):
    """How an operation is sent with some parameters, as botocore makes it.

    `path` has texts and, between them, the numbers of parameters; `query` a number or a value for
    each name.
    """

    method: str
    path: tuple[str | int, ...]
    query: tuple[tuple[str, int | str], ...]
    headers: Mapping[str, str]


def _made_by_form(
    operation: OperationModel, parameters: Mapping[str, Any]
) -> dict[str, Any] | None:
    """Return what `_serialized` would, if each value is a plain id or a number; else None."""
    fixed: list[tuple[str, int | None]] = []
    for name, value in parameters.items():
        if type(value) is str and _PLAIN.fullmatch(value):
            fixed.append((name, None))
        elif type(value) is int:
            fixed.append((name, value))
        else:
            return None
    form = _form(operation, tuple(fixed))
    if form is None:
        return None
    values = list(parameters.values())
    path = (values[part] if isinstance(part, int) else part for part in form.path)
    query = {name: values[place] if isinstance(place, int) else place for name, place in form.query}
    return {
        "method": form.method,
        "url_path": "".join(path),
        "query_string": query,
        "headers": dict(form.headers),
        "body": b"",
    }


@functools.cache
def _form(operation: OperationModel, fixed: tuple[tuple[str, int | None], ...]) -> _Form | None:
    """Return how an operation is sent with such parameters; None where there is more to it."""
    from botocore.exceptions import ParamValidationError

    given = {
        name: f"PLACE{number}OF" if value is None else value
        for number, (name, value) in enumerate(fixed)
    }
    try:
        made = _serialized(operation, given)
    except ParamValidationError:
        # It says which value is wrong.
        return None
    if made["body"] or not isinstance(made["query_string"], dict):
        return None
    parts = _PLACE.split(made["url_path"])
    path = tuple(int(part) if at % 2 else part for at, part in enumerate(parts))
    query = []
    for name, value in made["query_string"].items():
        place = _PLACE.fullmatch(str(value))
        query.append((name, int(place[1]) if place else str(value)))
    places = [one for one in (*path, *(place for _, place in query)) if isinstance(one, int)]
    wanted = [number for number, (_, value) in enumerate(fixed) if value is None]
    return (
        None
        if sorted(places) != wanted
        else _Form(made["method"], path, tuple(query), made["headers"])
    )


def _random_id() -> str:
    """Return a UUID of version 4. It tells attempts apart, and need not be hard to guess."""
    drawn = f"{random.getrandbits(128):032x}"
    return f"{drawn[:8]}-{drawn[8:12]}-4{drawn[13:16]}-a{drawn[17:20]}-{drawn[20:]}"


def _serialized(operation: OperationModel, parameters: Mapping[str, Any]) -> dict[str, Any]:
    serializer = _serializer(operation.service_model.resolved_protocol)
    made: dict[str, Any] = serializer.serialize_to_request(dict(parameters), operation)
    return made


def _path_and_query(made: Mapping[str, Any], endpoint: Endpoint) -> tuple[str, str]:
    """Return where a serialized request goes, below the path of its endpoint."""
    from botocore.utils import percent_encode_sequence

    below, _, fixed = made["url_path"].partition("?")
    base = endpoint.path
    if below in ("", "/"):
        path = base or "/"
    else:
        path = base[:-1] + below if base.endswith("/") and below.startswith("/") else base + below
    encoded = percent_encode_sequence(made["query_string"]) if made["query_string"] else ""
    return path, "&".join(filter(None, (endpoint.query, fixed, encoded)))


def _encoded(target: str) -> str:
    """Return a target that HTTP allows, also where a given endpoint's path is none."""
    if target.isascii() and target.isprintable() and " " not in target:
        return target
    from urllib3.util import parse_url

    return str(parse_url(target).request_uri)


@functools.cache
def _serializer(protocol: str) -> Any:
    from botocore.serialize import create_serializer

    return create_serializer(protocol)
