"""Text that is safe to print on a terminal, and a terminal's width."""

from __future__ import annotations

import json
import re
from typing import IO, Any

# Control characters, those that turn the direction of text, those that nobody can see, and halves
# of a pair: https://www.unicode.org/reports/tr9/#Directional_Formatting_Characters. The joiners
# U+200C and U+200D stay, because words and emoji are made with them.
CONTROL = re.compile(
    "[\x00-\x1f\x7f-\x9f\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb"
    "\ud800-\udfff\U000e0000-\U000e007f]"
)


def terminal_width(file: IO[str]) -> int | None:
    """Return the width in characters of a file that is a terminal, or None if it is not one."""
    if not file.isatty():
        return None
    import shutil

    return shutil.get_terminal_size().columns


def harmless(text: str) -> str:
    """Return text with its control characters escaped: it steers nothing, and hides nothing."""
    # What can be printed has none of them; most texts are of that kind.
    return text if text.isprintable() else CONTROL.sub(lambda found: escaped(found[0]), text)


def harmless_lines(text: str) -> str:
    """Return text of several lines, each made harmless."""
    return "\n".join(map(harmless, text.split("\n")))


def harmless_json(value: Any) -> Any:
    """Return data for JSON with each of its texts made harmless, line by line."""
    if isinstance(value, dict):
        return {harmless(key): harmless_json(one) for key, one in value.items()}
    if isinstance(value, list):
        return [harmless_json(one) for one in value]
    return harmless_lines(value) if isinstance(value, str) else value


def escaped(character: str) -> str:
    """Return the escape that stands for a control character, as JSON writes it."""
    return json.dumps(character)[1:-1]
