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


# https://sqlite.org/datatype3.html: an integer has 64 bits.
SQLITE_INTEGERS = range(-(2**63), 2**63)


# Seconds, or a date with or without a time: of less, botocore makes today's.
_TIME = re.compile(r"\d{4}-\d\d-\d\d([T ][\d:.]+(Z|[+-][\d:]+)?)?\Z|\d{1,12}(\.\d+)?\Z")


def timestamp(value: Any) -> SqlValue:
    """Give a time as UTC text, as SQLite's own datetime('now') writes it."""
    if isinstance(value, (int, float, str)):
        value = _time_as_sent(value)
    if not isinstance(value, datetime):
        return plain(value)
    aware = value if value.tzinfo else value.replace(tzinfo=timezone.utc)
    return aware.astimezone(timezone.utc).isoformat(" ", "seconds").removesuffix("+00:00")


def _time_as_sent(value: float | str) -> datetime | float | str:
    """Give the time that a number of seconds or an ISO 8601 text says; what says none, as it is."""
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
    """Give a structure, list or map as JSON text with AWS's member names, keys in order.

    Raises ApigwVtabError for one that is nested hundreds deep, as no answer of AWS is.
    """
    if value is None:
        return None
    try:
        text = json.dumps(
            value, ensure_ascii=False, separators=(",", ":"), sort_keys=True, default=_json_leaf
        )
    except RecursionError:
        raise ApigwVtabError(
            "An answer is nested too deeply to be shown: check what stands between here and AWS."
        ) from None
    return whole_text(text)


def _json_leaf(value: Any) -> SqlValue | list[Any]:
    if isinstance(value, (bytes, bytearray)):
        return base64.b64encode(value).decode("ascii")
    return sorted(value, key=str) if isinstance(value, (set, frozenset)) else timestamp(value)


def plain(value: Any) -> SqlValue:
    """Give a scalar as it is, and whatever SQLite cannot hold as JSON text or plain text.

    AWS can answer with what its model does not say; that must not end a scan.
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
    """Give a text that has an encoding: half a character becomes U+FFFD."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return text


def now_text() -> str:
    """Return the time as the tables show it: UTC, to the second."""
    return str(timestamp(datetime.now(timezone.utc)))
