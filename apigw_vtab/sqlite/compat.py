"""What the installed version of apsw can do."""

from __future__ import annotations

import functools
from typing import Any, cast

import apsw


@functools.cache
def sets_may_be_empty() -> bool:
    """Tell whether apsw can hand over the values of an IN at once, also when there are none.

    apsw 3.54 fails on a subquery without rows. Where it does, SQLite hands over one value after
    the other: the same rows and calls, but not side by side.
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
            """There is nothing to find."""

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
