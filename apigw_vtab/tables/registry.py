"""All tables, in the order in which they are listed: those of a parent after it."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Iterable, Iterator
from types import ModuleType

from apigw_vtab.tables import neighbours, v1, v2
from apigw_vtab.tables.account import ACCOUNTS, REGIONS
from apigw_vtab.tables.declaration import Table
from apigw_vtab.tables.local import API_CALLS, SCAN_ERRORS


def _declared(package: ModuleType) -> Iterator[Table]:
    """Yield the tables that the files of a package declare: a new one needs no other place."""
    for file in pkgutil.iter_modules(package.__path__):
        module = importlib.import_module(f"{package.__name__}.{file.name}")
        for one in vars(module).values():
            if isinstance(one, Table):
                yield one


def _in_order(tables: Iterable[Table]) -> list[Table]:
    """Return each table once, after the one that it belongs to, and otherwise by name."""

    def place(table: Table) -> tuple[str, ...]:
        above = table.outer or table.parent
        return (*(place(above) if above else (table.service,)), table.name)

    return sorted(set(tables), key=place)


TABLES = (
    *_in_order(one for package in (v1, v2) for one in _declared(package)),
    *_in_order(one for one in _declared(neighbours) if one.key_arn),
    REGIONS,
    ACCOUNTS,
    API_CALLS,
    SCAN_ERRORS,
)
