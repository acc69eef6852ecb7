"""Short forms for reads whose parameters are columns of almost the same name."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from apigw_vtab.tables.declaration import Page, Read

_WORD = re.compile(r"(?<!^)(?=[A-Z])")


def read_one(service: str, name: str, *parameters: str, **options: Any) -> Read:
    """Return the read of a single resource: `restApiId` comes from the column rest_api_id.

    `renamed` gives the columns with another name, by parameter; `options` are fields of Read.
    """
    return Read(service, name, _columns(parameters, options.pop("renamed", {})), **options)


def read_list(service: str, name: str, *parameters: str, page: Page, **options: Any) -> Read:
    """Return the read of a list, which pages; see `read_one`."""
    options = {"most": page.size, "page": page, **options}
    return read_one(service, name, *parameters, **options)


def _columns(parameters: tuple[str, ...], renamed: Mapping[str, str]) -> dict[str, str]:
    return {name: _WORD.sub("_", name).lower() for name in parameters} | dict(renamed)
