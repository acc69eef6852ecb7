"""Sessions of botocore's that get ready for clients only when one is made."""

from __future__ import annotations

from typing import Any

from botocore.session import Session


class ReadingSession(Session):  # type: ignore[misc]
    """A session of a profile, or of botocore's own choice.

    botocore's handlers are for what clients do. To register them takes 5 ms, and what reads has no
    client, unless its credentials need one.
    """

    def __init__(self, profile: str | None) -> None:
        super().__init__(include_builtin_handlers=False, profile=profile)
        # A list, because a copy of the session has the same events.
        self._left_out = [self._events]

    def create_client(self, *arguments: Any, **options: Any) -> Any:
        """Return a client, as botocore does; before the first, register its handlers."""
        while self._left_out:
            self._register_builtin_handlers(self._left_out.pop())
        return super().create_client(*arguments, **options)
