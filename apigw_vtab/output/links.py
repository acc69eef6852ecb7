"""Text from elsewhere in which no link works: a name must not lead a report's reader away."""

from __future__ import annotations

import re

_MARKS = re.compile(r"([\\|`*_~$<>&\[\]])")
# GitHub makes links of these without being asked, and tells those whom an @ names:
# https://github.github.com/gfm/#autolinks-extension-
_ADDRESS = re.compile(r"(?<=[a-z]):(?=//)|(?<!:)/(?=/)|(?<=\bwww)\.", re.IGNORECASE)
_WITH_AT = re.compile(r"([\w.+:-]*@[\w.+-]+)")


def markdown_text(text: str) -> str:
    """Return Markdown that shows a text as it is: nothing in it is a mark or a link."""
    parts = _WITH_AT.split(text)
    # Of all marks, only those of code keep an address from becoming a link.
    parts[1::2] = [f"`{one}`" for one in parts[1::2]]
    parts[::2] = [
        _ADDRESS.sub(lambda found: f"\\{found[0]}", _MARKS.sub(r"\\\1", one)) for one in parts[::2]
    ]
    return "".join(parts)


def sarif_text(text: str) -> str:
    """Return a SARIF message without links, which are written [text](target).

    https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html, 3.11.6. A text that has none
    stays as it is: not every viewer takes the backslashes away, and commands are copied from it.
    """
    if "](" not in text:
        return text
    return re.sub(r"(\\*)([\[\]])", lambda found: f"{found[1] * 2}\\{found[2]}", text)
