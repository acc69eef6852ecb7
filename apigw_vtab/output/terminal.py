"""Text that is safe to print on a terminal, and a terminal's width."""

from __future__ import annotations

import json
import re
import shutil
from typing import IO

CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]")


def terminal_width(file: IO[str]) -> int | None:
    """Return the width in characters of a file that is a terminal, or None if it is not one."""
    return shutil.get_terminal_size().columns if file.isatty() else None


def harmless(text: str) -> str:
    """Return text with its control characters escaped, so that it cannot steer a terminal."""
    return CONTROL.sub(lambda found: escaped(found[0]), text)


def harmless_lines(text: str) -> str:
    """Return text of several lines, each made harmless."""
    return "\n".join(map(harmless, text.split("\n")))


def escaped(character: str) -> str:
    """Return the escape that stands for a control character, as JSON writes it."""
    return json.dumps(character)[1:-1] if character < "\x7f" else f"\\u{ord(character):04x}"
