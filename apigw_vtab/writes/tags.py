"""What an UPDATE of `tags` adds and takes away. Pure."""

from __future__ import annotations

import json
from collections.abc import Mapping

from apigw_vtab.errors import UsageError
from apigw_vtab.tables.columns import Column
from apigw_vtab.tables.values import SqlValue
from apigw_vtab.writes.patches import document

# https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-tagging-supported-resources.html
RESERVED = "aws:"


def tag_changes(
    column: Column, old: SqlValue, new: SqlValue
) -> tuple[Mapping[str, str], list[str]]:
    """Return the tags that are new or have another value, and the keys of those that go.

    Raises UsageError for a tag that is AWS's own, and for a value that is no text.
    """
    before, after = document(column, old), document(column, new)
    added = {key: value for key, value in after.items() if before.get(key) != value}
    removed = [key for key in before if key not in after]
    for key, value in added.items():
        if not isinstance(value, str):
            raise UsageError(
                f"The tag {key!r} must be a text, not {json.dumps(value)}: write it in quotes."
            )
        if not key.strip():
            raise UsageError(f"The key of the tag {value!r} cannot be empty: give it a name.")
    for key in (*added, *removed):
        if key.lower().startswith(RESERVED):
            raise UsageError(
                f"The tag {key!r} is AWS's own and cannot be changed: leave it as it is, for "
                "example with json_set(tags, '$.team', 'orders') or json_remove(tags, '$.team')."
            )
    return added, removed
