"""The bytes of an answer: bounded in size and in time, whatever urllib3 can do."""

from __future__ import annotations

import io
import time
from typing import Any

import pytest
from botocore.exceptions import ReadTimeoutError, ResponseStreamingError

from apigw_vtab.aws import response as wire
from apigw_vtab.aws.response import Body


class Raw:
    """urllib3's answer, as it was before it had read1()."""

    def __init__(self, data: bytes) -> None:
        self._data = io.BytesIO(data)
        self.closed = self.released = False

    def read(self, amount: int, decode_content: bool) -> bytes:
        assert decode_content is False
        return self._data.read(amount)

    def close(self) -> None:
        self.closed = True

    def release_conn(self) -> None:
        self.released = True


class NewerRaw(Raw):
    """urllib3's answer: read1() returns what is there."""

    def read1(self, amount: int, decode_content: bool) -> bytes:
        return self.read(min(amount, 7), decode_content)


def later(seconds: float) -> float:
    return time.monotonic() + seconds


@pytest.mark.parametrize("kind", [Raw, NewerRaw])
def test_an_answer_is_read_whole_and_its_connection_used_again(kind: type[Raw]) -> None:
    raw = kind(b"x" * 200_000)
    assert b"".join(Body(raw, "url", later(60)).stream()) == b"x" * 200_000
    assert raw.released
    assert not raw.closed


def test_one_that_is_too_large_is_not_read_to_its_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(wire, "MOST_BYTES", 100_000)
    raw: Any = Raw(b"x" * 200_000)
    with pytest.raises(ResponseStreamingError, match="and was not read"):
        b"".join(Body(raw, "url", later(60)).stream())
    assert raw.closed


def test_one_that_comes_too_slowly_is_given_up() -> None:
    raw: Any = Raw(b"x" * 200_000)
    with pytest.raises(ReadTimeoutError, match="url"):
        b"".join(Body(raw, "url", later(-1)).stream())
    assert raw.closed
