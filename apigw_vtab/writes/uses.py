"""Who uses a resource that is to be deleted, read anew before the first one goes."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import CancelledError

from apigw_vtab.aws.accounts import Lane
from apigw_vtab.aws.call import Call
from apigw_vtab.aws.failures import CallFailed
from apigw_vtab.aws.local_executor import LocalExecutor
from apigw_vtab.errors import ApigwVtabError
from apigw_vtab.scan.whole_lists import scan_of_list
from apigw_vtab.tables.declaration import Table
from apigw_vtab.tables.registry import TABLES
from apigw_vtab.tables.values import SqlValue
from apigw_vtab.writes.changes import Change
from apigw_vtab.writes.pending_rows import Overlay

# A user of a resource, as it is named to people.
User = str
MOST_NAMED = 3


class Uses:
    """What uses the resources of one account and region; each kind is read once.

    AWS does not say whether it refuses to delete a client certificate that a stage presents, so
    that nothing is deleted whose users could not all be read.
    """

    def __init__(
        self, executor: LocalExecutor, planned: Callable[[Table], Overlay | None] | None = None
    ) -> None:
        """`planned` returns the changes of a table that go before: AWS does not have them yet."""
        self._executor = executor
        self._planned = planned
        self._users: dict[str, dict[SqlValue, list[User]]] = {}
        self._unread: list[CallFailed] = []

    def why_not(self, change: Change) -> str:
        """Return why a change must not be sent, because something uses what it deletes."""
        if not change.write.used_by:
            return ""
        column = change.table.key[-1]
        if column not in self._users:
            self._users[column] = self._read(change, column)
        if self._unread:
            return f"who uses it could not be read: {self._unread[0]}"
        users = self._users[column].get(change.key[column], [])
        if not users:
            return ""
        more = f" and {len(users) - MOST_NAMED} more" if len(users) > MOST_NAMED else ""
        return f"still in use by {', '.join(users[:MOST_NAMED])}{more}."

    def _read(self, change: Change, column: str) -> dict[SqlValue, list[User]]:
        users: dict[SqlValue, list[User]] = {}
        for table in (one for one in TABLES if one.name in change.write.used_by):
            try:
                for value, key in self._with_planned(table, change.lane, column):
                    if value is not None:
                        users.setdefault(value, []).append(f"{_named(table)} {'/'.join(key)}")
            except (CancelledError, ApigwVtabError) as error:
                failure = Call(change.lane, table.reads[-1]).failed(type(error).__name__, "")
                self._unread.append(error if isinstance(error, CallFailed) else failure)
        return users

    def _with_planned(
        self, table: Table, lane: Lane, column: str
    ) -> list[tuple[SqlValue, tuple[str, ...]]]:
        rows = self._rows(table, lane, column)
        overlay = self._planned(table) if self._planned else None
        if overlay is None:
            return rows
        where = (lane.account.label, lane.region)
        return [
            (overlay.updated.get((*where, *key), {}).get(column, value), key)
            for value, key in rows
            if (*where, *key) not in overlay.deleted
        ]

    def _rows(
        self, table: Table, lane: Lane, column: str
    ) -> list[tuple[SqlValue, tuple[str, ...]]]:
        """Read a table of one account and region anew; return a column and the key of each row."""
        reads = {read for one in (table, *table.ancestors) for read in one.reads}
        self._executor.forget_those(lambda call: call.lane is lane and call.operation in reads)
        columns = (column, *table.key)
        scan = scan_of_list(table, lane, self._executor, columns, self._failed)
        found: list[tuple[SqlValue, tuple[str, ...]]] = []
        scan.start()
        try:
            for batch in scan.batches():
                cells = [batch.cells(table.index[name]) for name in columns]
                found += [(value, tuple(map(str, key))) for value, *key in zip(*cells, strict=True)]
        finally:
            scan.close()
        return found

    def _failed(self, _call: Call, failure: CallFailed) -> None:
        self._unread.append(failure)


def _named(table: Table) -> str:
    """Return what people call a resource of a table: the WebSocket stage, not v2_stages.

    Of version 2's APIs only WebSocket APIs have client certificates:
    https://docs.aws.amazon.com/apigatewayv2/latest/api-reference/apis-apiid-stages-stagename.html
    """
    kind = {"v2_stages": "WebSocket stages"}.get(table.name) or table.name.removeprefix("v2_")
    return f"the {kind.removesuffix('s').replace('_', ' ')}"
