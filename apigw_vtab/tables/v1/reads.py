"""How version 1's operations read: one resource, or a list."""

from __future__ import annotations

import functools

from apigw_vtab.tables.reads import read_list, read_one
from apigw_vtab.tables.v1.paging import PAGES

get = functools.partial(read_one, "apigateway")
every = functools.partial(read_list, "apigateway", page=PAGES, items="items")

# What other accounts share is in a list of its own.
OWNERS = ("SELF", "OTHER_ACCOUNTS")
