"""A JSON array that is written item by item."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from typing import Any

from apigw_vtab.output.terminal import harmless_json


def array(items: Iterable[Any], depth: int = 0) -> Iterator[str]:
    """Yield the text that json.dumps makes with an indent of 1, this deep inside of something."""
    margin = "\n" + " " * (depth + 1)
    between = f"[{margin}"
    for item in items:
        text = json.dumps(harmless_json(item), indent=1)
        yield between + text.replace("\n", margin)
        between = f",{margin}"
    yield "[]" if between.startswith("[") else "\n" + " " * depth + "]"
