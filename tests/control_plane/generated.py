"""Values of any shape of botocore's model, the same each time, as they are on the wire."""

from __future__ import annotations

from base64 import b64encode
from hashlib import blake2b
from typing import Any

from botocore.model import Shape

DIGITS = "0123456789abcdefghijklmnopqrstuvwxyz"
MOST_DEPTH = 6
# 2026-01-01.
EPOCH = 1_767_225_600


def number(seed: tuple[object, ...]) -> int:
    """A number that depends only on the seed."""
    return int.from_bytes(blake2b(repr(seed).encode(), digest_size=8).digest(), "big")


def text(prefix: str, seed: tuple[object, ...]) -> str:
    """A text in the characters of AWS's ids."""
    rest, letters = number(seed), ""
    for _ in range(10):
        rest, digit = divmod(rest, 36)
        letters += DIGITS[digit]
    return f"{prefix}-{letters}" if prefix else letters


def generated(shape: Shape, seed: tuple[object, ...], *, whole: bool = False) -> Any:
    """A value of a shape; one member of a structure in six is absent, unless it is `whole`."""
    return _value(shape, seed, "", 0, whole)


def _value(shape: Shape, seed: tuple[object, ...], name: str, depth: int, whole: bool) -> Any:
    if shape.type_name == "structure":
        return {
            str(member.serialization.get("name", key)): _value(
                member, (*seed, key), key, depth + 1, whole
            )
            for key, member in shape.members.items()
            if depth < MOST_DEPTH and (whole or number((*seed, key, "there")) % 6)
        }
    if shape.type_name == "list":
        return [_value(shape.member, (*seed, n), name, depth + 1, whole) for n in range(2)]
    if shape.type_name == "map":
        # Names that members have, too: they are data here, and stay as they are.
        keys = ("apiId", f"key{number(seed) % 7}")
        return {key: _value(shape.value, (*seed, key), name, depth + 1, whole) for key in keys}
    return _scalar(shape, seed, name)


def _scalar(shape: Shape, seed: tuple[object, ...], name: str) -> object:
    drawn = number(seed)
    if shape.type_name == "blob":
        return b64encode(text(name, seed).encode()).decode()
    scalars: dict[str, object] = {
        "boolean": bool(drawn % 2),
        "double": drawn % 1000 / 4,
        "float": drawn % 1000 / 4,
        "timestamp": EPOCH + drawn % 10_000_000,
    }
    if shape.type_name == "string":
        if name.endswith("RoleArn"):
            return f"arn:aws:iam::111122223333:role/{text(name, seed)}"
        values = getattr(shape, "enum", None)
        return values[drawn % len(values)] if values else text(name, seed)
    if shape.serialization.get("timestampFormat") == "iso8601":
        return f"2026-01-{drawn % 28 + 1:02d}T{drawn % 24:02d}:00:00Z"
    return scalars.get(shape.type_name, drawn % 1000)
