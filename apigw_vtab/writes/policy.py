"""Whether and how a connection may write."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from apigw_vtab.aws.local_executor import LocalExecutor
from apigw_vtab.writes.changes import Change
from apigw_vtab.writes.results import ChangeResult

FLAG = "--allow-writes (in Python: connect(allow_writes=True))"


@dataclass(frozen=True)
class WritePolicy:
    """How to write.

    `dry_run` takes the changes instead of AWS. `ask` returns whether to send them, and is told
    which are refused. `shown` shows the progress while they are sent, `told` is told what was made.
    """

    allowed: bool = False
    dry_run: Callable[[Sequence[Change]], None] | None = None
    ask: Callable[[Sequence[Change], Sequence[ChangeResult]], bool] | None = None
    shown: Callable[[LocalExecutor], contextlib.AbstractContextManager[object]] | None = None
    told: Callable[[Sequence[ChangeResult]], None] | None = None
    journal: Path | None = None
