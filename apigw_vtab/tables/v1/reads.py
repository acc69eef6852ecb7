"""How version 1's operations read: one resource, or a list."""

from __future__ import annotations

import functools

from apigw_vtab.tables.reads import read_list, read_lists_of_owners, read_one
from apigw_vtab.tables.v1.paging import PAGES

get = functools.partial(read_one, "apigateway")
every = functools.partial(read_list, "apigateway", page=PAGES, items="items")
every_owners = functools.partial(
    read_lists_of_owners, "apigateway", parameter="resourceOwner", page=PAGES, items="items"
)
