"""Identifiers, dates and absent members, as API Gateway writes them."""

from __future__ import annotations

import secrets
import string
import time
from collections.abc import Collection
from datetime import datetime, timezone
from typing import Any

REST_API_ID_LENGTH = 10
SHORT_ID_LENGTH = 6
ID_CHARACTERS = string.digits + string.ascii_lowercase


def new_id(length: int, taken: Collection[str] = ()) -> str:
    """Make an identifier in API Gateway's alphabet that is not among `taken`."""
    while True:
        candidate = "".join(secrets.choice(ID_CHARACTERS) for _ in range(length))
        if candidate not in taken:
            return candidate


def now() -> int:
    """Return epoch seconds: API Gateway's dates have no fractions."""
    return int(time.time())


def iso_date(when: int) -> str:
    """Return epoch seconds as version 2 of API Gateway sends a date."""
    return f"{datetime.fromtimestamp(when, timezone.utc):%Y-%m-%dT%H:%M:%SZ}"


def present(members: dict[str, Any], but: Collection[str] = ()) -> dict[str, Any]:
    """Leave out what is not set, as API Gateway does: null, empty text, empty collections.

    What is in `but` stays, though it is empty.
    """
    return {
        name: value
        for name, value in members.items()
        if name in but or value not in (None, "", {}, [])
    }
