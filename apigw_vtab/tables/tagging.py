"""How the tags of a resource are changed: by its ARN, with two operations of its own version.

https://docs.aws.amazon.com/apigateway/latest/api/API_TagResource.html and
https://docs.aws.amazon.com/apigatewayv2/latest/api-reference/tags-resource-arn.html
"""

from __future__ import annotations

import functools
from typing import NamedTuple

from apigw_vtab.tables.declaration import Table, Write

TAGS, ARN = "tags", "arn"


class Tagging(NamedTuple):
    """The operations that add and take away tags, and their parameters for tags and for keys."""

    add: Write
    remove: Write
    tags: str
    keys: str


@functools.cache
def tagging_of(table: Table) -> Tagging | None:
    """Return the operations that change a table's tags; None where its rows have none."""
    tags = table.columns[table.index[TAGS]] if TAGS in table.index else None
    if tags is None or tags.kind != "map" or ARN not in table.index:
        return None
    first = "r" if table.service == "apigateway" else "R"

    def operation(name: str) -> Write:
        arn = {f"{first}esourceArn": ARN}
        return Write(table.service, name, arn, repeatable=True, touches=table.twins)

    keys = "tagKeys" if first == "r" else "TagKeys"
    return Tagging(operation("TagResource"), operation("UntagResource"), tags.member, keys)
