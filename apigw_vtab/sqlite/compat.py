"""What the installed version of apsw can do."""

from __future__ import annotations

import functools
from typing import Any, cast

import apsw


@functools.cache
def sets_may_be_empty() -> bool:
    """Return whether apsw can pass all values of an IN at once, even if there are none.

    apsw 3.54 fails on a subquery without rows. With such a version, SQLite passes one value after
    another: the same rows and calls, but not in parallel.
    """

    class Probe:
        def Create(self, *_: Any) -> tuple[str, Any]:  # noqa: N802
            return "create table x(a)", self

        Connect = Create

        def BestIndexObject(self, index: apsw.IndexInfo) -> bool:  # noqa: N802
            for i in range(index.nConstraint):
                index.set_aConstraintUsage_argvIndex(i, i + 1)
                index.set_aConstraintUsage_in(i, True)
            return True

        def Open(self) -> Any:  # noqa: N802
            return self

        def Filter(self, *_: Any) -> None:  # noqa: N802
            """Do nothing: there are no rows."""

        def Eof(self) -> bool:  # noqa: N802
            return True

        Close = Disconnect = Destroy = Filter

    connection = apsw.Connection(":memory:")
    connection.create_module(
        "probe", cast(Any, Probe()), use_bestindex_object=True, eponymous=True, read_only=True
    )
    try:
        return not list(connection.execute("select a from probe where a in (select 1 where 0)"))
    except apsw.SQLError:
        return False
