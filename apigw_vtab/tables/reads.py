"""Short forms for reads whose parameters are columns of almost the same name."""

from __future__ import annotations

import re
from typing import Any

from apigw_vtab.tables.declaration import Page, Read

_WORD = re.compile(r"(?<!^)(?=[A-Z])")


def read_one(service: str, name: str, *parameters: str, **options: Any) -> Read:
    """Return the read of a single resource: `restApiId` comes from the column rest_api_id.

    A parameter with a `?` is left out where the parent's row has NULL. `renamed` gives the columns
    with another name, by parameter; `options` are fields of Read.
    """
    columns = {one.rstrip("?"): _WORD.sub("_", one.rstrip("?")).lower() for one in parameters}
    optional = frozenset(columns[one[:-1]] for one in parameters if one.endswith("?"))
    from_columns = columns | dict(options.pop("renamed", {}))
    return Read(service, name, from_columns, optional=optional, **options)


def read_list(service: str, name: str, *parameters: str, page: Page, **options: Any) -> Read:
    """Return the read of a list, which pages; see `read_one`."""
    options = {"most": page.size, "page": page, **options}
    return read_one(service, name, *parameters, **options)


def read_lists_of_owners(
    service: str, name: str, parameter: str, *, page: Page, **options: Any
) -> Read:
    """Return the read of two lists: what is ours, and what other accounts share with us.

    `parameter` is AWS's name for whose list it is.
    """
    choices = {"resource_owner": ("SELF", "OTHER_ACCOUNTS")}
    renamed = {parameter: "resource_owner"}
    return read_list(service, name, page=page, renamed=renamed, choices=choices, **options)
