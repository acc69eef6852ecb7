"""How version 2's operations read: one resource, or a list."""

from __future__ import annotations

import functools

from apigw_vtab.tables.declaration import NoneHere
from apigw_vtab.tables.reads import read_list, read_lists_of_owners, read_one
from apigw_vtab.tables.v2.paging import PAGES

get = functools.partial(read_one, "apigatewayv2")
every = functools.partial(read_list, "apigatewayv2", page=PAGES, items="Items")
every_owners = functools.partial(
    read_lists_of_owners, "apigatewayv2", parameter="ResourceOwner", page=PAGES, items="Items"
)

# A region without version 2, or without portals, answers with a status and no JSON, or as to an
# unknown path: https://github.com/aws/aws-sdk-go-v2/issues/1914
NOT_OFFERED = tuple(
    NoneHere(code)
    for code in (
        *("400", "404", "NotFoundException"),
        *("MissingAuthenticationTokenException", "UnknownOperationException"),
    )
)
# Version 2 lists edge-optimized domain names, and refuses what belongs to them.
NOT_FOR_EDGE = (NoneHere("BadRequestException", "domain_name_configurations", '"EDGE"'),)
