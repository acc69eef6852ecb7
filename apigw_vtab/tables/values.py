"""AWS's values as SQLite values."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Mapping
from datetime import datetime, timezone
from typing import Any, cast

from apigw_vtab.errors import ApigwVtabError

SqlValue = str | int | float | bytes | None


Item = Mapping[str, Any]


class HashableDict(dict[str, Any]):
    """A structure among the parameters of a call, which is a key of the cache; never changed."""

    def __hash__(self) -> int:  # type: ignore[override]
        return hash(tuple(sorted(self.items())))


# https://sqlite.org/datatype3.html: an integer has 64 bits.
SQLITE_INTEGERS = range(-(2**63), 2**63)


# Seconds, or a date with or without a time: botocore would read anything less as a time today.
_TIME = re.compile(r"\d{4}-\d\d-\d\d([T ][\d:.]+(Z|[+-][\d:]+)?)?\Z|\d{1,12}(\.\d+)?\Z")


def timestamp(value: Any) -> SqlValue:
    """Return a time as UTC text, as SQLite's own datetime('now') writes it."""
    if isinstance(value, (int, float, str)):
        value = _time_as_sent(value)
    if not isinstance(value, datetime):
        return plain(value)
    aware = value if value.tzinfo else value.replace(tzinfo=timezone.utc)
    return aware.astimezone(timezone.utc).isoformat(" ", "seconds").removesuffix("+00:00")


def _time_as_sent(value: float | str) -> datetime | float | str:
    """Return the time that seconds or ISO 8601 text stand for, and anything else unchanged."""
    try:
        if isinstance(value, str):
            if not _TIME.match(value):
                return value
            from botocore.utils import parse_timestamp

            time = cast(datetime, parse_timestamp(value))
            return time.astimezone(timezone.utc) if time.tzinfo else time
        return datetime.fromtimestamp(value, timezone.utc)
    except (ValueError, OverflowError, OSError, RuntimeError):
        return value


def json_text(value: Any) -> str | None:
    """Return a structure, list or map as JSON text with AWS's member names, keys sorted.

    Raises ApigwVtabError for one nested hundreds of levels deep, which AWS never sends.
    """
    if value is None:
        return None
    try:
        text = json.dumps(
            value, ensure_ascii=False, separators=(",", ":"), sort_keys=True, default=_json_leaf
        )
    except RecursionError:
        raise ApigwVtabError(
            "An answer is nested too deeply to be shown: check any proxy between here and AWS."
        ) from None
    return whole_text(text)


def _json_leaf(value: Any) -> SqlValue | list[Any]:
    if isinstance(value, (bytes, bytearray)):
        return base64.b64encode(value).decode("ascii")
    return sorted(value, key=str) if isinstance(value, (set, frozenset)) else timestamp(value)


def plain(value: Any) -> SqlValue:
    """Return a scalar unchanged, and anything that SQLite cannot hold as JSON or plain text.

    AWS can answer with values that its model does not allow; they must not end a scan.
    """
    if isinstance(value, str):
        return value if value.isascii() else whole_text(value)
    if isinstance(value, int):
        return int(value) if value in SQLITE_INTEGERS else str(value)
    if value is None or isinstance(value, (float, bytes)):
        return value
    if isinstance(value, (dict, list, tuple, set, frozenset)):
        return json_text(value)
    return timestamp(value) if isinstance(value, datetime) else str(value)


def whole_text(text: str) -> str:
    """Return a text that can be encoded: half a surrogate pair becomes U+FFFD."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return text


def now_text() -> str:
    """Return the current time as the tables show it: UTC, to the second."""
    return str(timestamp(datetime.now(timezone.utc)))
