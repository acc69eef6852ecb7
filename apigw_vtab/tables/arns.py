"""ARNs as keys: they say in which account and region the thing that they name is. Pure.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference-arns.html
"""

from __future__ import annotations

import functools
import re
import string
from typing import NamedTuple

_FIELDS = {
    "partition": "aws[a-z-]*",
    "region": r"[a-z]{2,}(?:-[a-z]+)+-\d+",
    "account_id": r"\d{12}",
}
_OTHER = "[A-Za-z0-9_-]+"


class ArnPlace(NamedTuple):
    """Where the thing is that an ARN names."""

    partition: str
    region: str
    account_id: str


def place_of(form: str, arn: str) -> ArnPlace | None:
    """Return where the thing is that an ARN names; None for what has not this form.

    A form is like the ARN of a table: `arn:{partition}:acm:{region}:{account_id}:certificate/{id}`.
    """
    match = _pattern(form).fullmatch(arn)
    return ArnPlace(match["partition"], match["region"], match["account_id"]) if match else None


@functools.cache
def _pattern(form: str) -> re.Pattern[str]:
    pieces = []
    for text, name, _, _ in string.Formatter().parse(form):
        pieces.append(re.escape(text))
        if name:
            pieces.append(f"(?P<{name}>{_FIELDS.get(name, _OTHER)})")
    return re.compile("".join(pieces), re.ASCII)
