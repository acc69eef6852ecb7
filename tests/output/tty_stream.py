"""A text stream that says it is a terminal."""

from __future__ import annotations

import io


class TtyStream(io.StringIO):
    """Keeps what is written to it, and says it is a terminal."""

    def isatty(self) -> bool:
        return True
