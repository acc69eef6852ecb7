"""Reads an answer: bounded in size and time, checked to be complete, and taken as it was sent.

botocore itself waits as long as bytes keep coming, however slowly, and keeps all of them.
"""

from __future__ import annotations

import html
import json
import re
import time
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from apigw_vtab.tables.model import translator, wire_names

if TYPE_CHECKING:
    from botocore.awsrequest import AWSPreparedRequest, AWSRequest, AWSResponse
    from botocore.model import OperationModel

# A page of 500 REST APIs, each with the largest possible policy, takes less than half of this.
MOST_BYTES = 64 * 1024 * 1024
CHUNK = 1 << 16
# An answer that has one of these is AWS's.
AWS_HEADERS = ("x-amzn-errortype", "x-amzn-requestid", "x-amz-request-id")
# Letters of a foreign answer that are worth showing.
LONGEST_TEXT = 200


class ForeignAnswer(Exception):  # noqa: N818
    """A refusal that does not come from AWS: its HTTP status, and its text without markup."""

    def __init__(self, status: int, text: str) -> None:
        super().__init__(f"{status} {text}")
        self.status = status
        self.text = text


def read_bounded(client: Any, seconds: float) -> None:
    """Let a client read at most MOST_BYTES of an answer, and for at most `seconds`."""
    # botocore offers no other way to the session that a client sends with.
    session = client._endpoint.http_session

    def send(request: AWSPreparedRequest, **_: Any) -> AWSResponse:
        response: AWSResponse = session.send(request)
        response.raw = Body(response.raw, request.url, time.monotonic() + seconds)
        return response

    client.meta.events.register("request-created", _leave_unread)
    client.meta.events.register("before-send", send)
    client.meta.events.register("before-parse", _read_whole)


class Body:
    """The bytes of an answer, as botocore reads them."""

    def __init__(self, raw: Any, url: str, until: float) -> None:
        self._raw = raw
        self._url = url
        self._until = until

    def stream(self) -> Iterator[bytes]:
        """Yield the bytes as they come. Raises urllib3's errors as botocore's."""
        from botocore.exceptions import ReadTimeoutError, ResponseStreamingError
        from urllib3 import exceptions

        try:
            yield from self._bytes()
        except exceptions.ReadTimeoutError:
            raise ReadTimeoutError(endpoint_url=self._url) from None
        except exceptions.HTTPError as error:
            raise ResponseStreamingError(error=error) from error

    def _bytes(self) -> Iterator[bytes]:
        # read1, where urllib3 has it, returns what is there instead of waiting for a whole chunk.
        read = getattr(self._raw, "read1", self._raw.read)
        count = 0
        while data := read(CHUNK, decode_content=False):
            count += len(data)
            try:
                check_read(self._url, count, self._until)
            except Exception:
                self._raw.close()
                raise
            yield data
        self._raw.release_conn()


def check_read(url: str, count: int, until: float) -> None:
    """Raise botocore's errors if an answer has too many bytes so far, or takes too long."""
    from botocore.exceptions import ReadTimeoutError, ResponseStreamingError

    if count > MOST_BYTES:
        raise ResponseStreamingError(
            error=f"the answer has more than {MOST_BYTES >> 20} MiB, and was not read"
        )
    if time.monotonic() > until:
        raise ReadTimeoutError(endpoint_url=url)


def _leave_unread(request: AWSRequest, **_: Any) -> None:
    request.stream_output = True


def _read_whole(
    operation_model: OperationModel,
    response_dict: dict[str, Any],
    customized_response_dict: dict[str, Any],
    **_: Any,
) -> None:
    """Refuse an incomplete answer, and bypass botocore's parser where it is not needed."""
    status, headers = response_dict["status_code"], response_dict["headers"]
    found = taken_as_sent(operation_model, status, headers, response_dict["body"])
    if found is not None:
        response_dict["body"] = b"{}"
        customized_response_dict.update(found)


def taken_as_sent(
    operation: OperationModel, status: int, headers: Mapping[str, str], body: bytes
) -> dict[str, Any] | None:
    """Return an answer's members; None if only botocore's parser can read it.

    botocore tells urllib3 not to compare the body with its Content-Length, and reads JSON that
    does not parse, or is about something else, as an empty answer: here both raise botocore's
    errors, and a refusal that is not AWS's ForeignAnswer. Its parser walks through every member of
    every item, which takes longer than everything else in a call; instead, cells are made from the
    JSON itself, and only those that are read. Names in JSON become the model's.
    """
    from botocore.exceptions import IncompleteReadError
    from botocore.parsers import ResponseParserError

    length = headers.get("content-length")
    if length is not None and len(body) != int(length):
        raise IncompleteReadError(actual_bytes=len(body), expected_bytes=int(length))
    service = operation.service_model
    if status >= 300 and not _is_of_aws(headers, body):
        raise ForeignAnswer(status, _text(body))
    if status < 300 and status != operation.http.get("responseCode", 200):
        raise ResponseParserError(f"{operation.name} was answered with status {status}.")
    if status != 200 or "json" not in service.protocol:
        return None
    try:
        answer = json.loads(body)
    except ValueError as error:
        raise ResponseParserError(f"The answer is not JSON ({error}).") from None
    names = wire_names(service.service_name, operation.name)
    if not isinstance(answer, dict) or (answer and answer.keys().isdisjoint(names)):
        raise ResponseParserError(f"The answer does not fit {operation.name}.")
    translate = translator(service.service_name, operation.name)
    return translate(answer) if translate else None


def _is_of_aws(headers: Mapping[str, str], body: bytes) -> bool:
    """Return whether a refusal has a header of AWS, or an error code where AWS writes it."""
    if any(name in headers for name in AWS_HEADERS) or b"<Code>" in body:
        return True
    try:
        refusal = json.loads(body)
    except ValueError:
        return False
    return isinstance(refusal, dict) and any(
        isinstance(refusal.get(name), str) for name in ("__type", "code", "Code")
    )


def _text(body: bytes) -> str:
    """Return the words of a page, without its markup."""
    page = re.sub(r"(?is)<(script|style)\b.*?</\1>|<[^>]*>", " ", body.decode("utf-8", "replace"))
    text = " ".join(html.unescape(page).split())
    return text if len(text) <= LONGEST_TEXT else f"{text[:LONGEST_TEXT]}..."
