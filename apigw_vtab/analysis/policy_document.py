"""A resource policy's text as statements; what cannot be read for certain is refused. Pure.

Grammar: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_grammar.html
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any, NoReturn


class UnreadableError(Exception):
    """A policy, or a part of one, whose meaning is not known."""


@dataclass(frozen=True)
class NamedCallers:
    """What Action, Resource or, when `negated`, NotAction or NotResource lists."""

    names: tuple[str, ...]
    negated: bool = False


@dataclass(frozen=True)
class Principals:
    """What Principal or NotPrincipal lists: pairs of a type, such as AWS, and a name."""

    names: tuple[tuple[str, str], ...]
    negated: bool = False


@dataclass(frozen=True)
class Condition:
    """One operator on one key, with the values of which one must match."""

    operator: str
    key: str
    values: tuple[str, ...]


@dataclass(frozen=True)
class PolicyStatement:
    """One statement; all its parts must match a request.

    `label` names it in a report: by its Sid, or by its place from 1 on.
    """

    label: str
    allows: bool
    principals: Principals
    actions: NamedCallers
    resources: NamedCallers
    conditions: tuple[Condition, ...]


PRINCIPAL_TYPES = ("AWS", "Service", "Federated", "CanonicalUser")


def read(text: str) -> tuple[PolicyStatement, ...]:
    """Return the statements of a policy's text, or raise UnreadableError."""
    document = _document(text)
    _refuse_others(document, {"Version", "Id", "Statement"}, "the policy")
    if document.get("Version") not in (None, "2012-10-17", "2008-10-17"):
        raise UnreadableError("its Version is not known")
    if "Statement" not in document:
        raise UnreadableError("it has no Statement")
    statements = document["Statement"]
    listed = statements if isinstance(statements, list) else [statements]
    return tuple(_statement(place, one) for place, one in enumerate(listed, 1))


def _document(text: str) -> dict[str, Any]:
    """Return the policy's JSON object.

    API Gateway escapes the text once more than JSON, so that it is the inside of a JSON string;
    a tool between may have added quotes, or have escaped it once more.
    """
    for _ in range(4):
        try:
            value = _json(text)
        except json.JSONDecodeError:
            value = _unescaped(text)
        if isinstance(value, dict):
            return value
        if not isinstance(value, str):
            raise UnreadableError("it is no JSON object")
        text = value
    raise UnreadableError("it is escaped too often")


def _unescaped(text: str) -> Any:
    try:
        value = _json(f'"{text}"')
    except json.JSONDecodeError:
        value = text
    if value == text:
        raise UnreadableError("it is no JSON")
    return value


def _json(text: str) -> Any:
    try:
        return json.loads(
            text, strict=False, object_pairs_hook=_object, parse_constant=_no_constant
        )
    except RecursionError:
        raise UnreadableError("it is nested too deep") from None
    except json.JSONDecodeError:
        raise
    except ValueError:
        # Python converts no number of thousands of digits.
        raise UnreadableError("it has too long a number") from None


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Return a JSON object, in which a name may stand once: of two, it is AWS who chooses."""
    members = dict(pairs)
    if len(members) < len(pairs):
        names = [name for name, _ in pairs]
        raise UnreadableError(f"it names {max(names, key=names.count)} twice in one object")
    return members


def _no_constant(name: str) -> NoReturn:
    raise UnreadableError(f"{name} is no JSON")


def _statement(place: int, value: Any) -> PolicyStatement:
    if not isinstance(value, dict):
        raise UnreadableError(f"statement {place} is not an object")
    sid = value.get("Sid", "")
    label = f"statement {sid}" if isinstance(sid, str) and sid else f"statement {place}"
    _refuse_others(value, _ELEMENTS, label)
    if value.get("Effect") not in ("Allow", "Deny"):
        raise UnreadableError(f"{label} has no Effect that is known")
    if value["Effect"] == "Allow":
        value = _as_wide_as_it_may_be(value)
    return PolicyStatement(
        label,
        value["Effect"] == "Allow",
        _principals(value, label),
        _names(value, "Action", label),
        _names(value, "Resource", label),
        _conditions(value.get("Condition", {}), value["Effect"], label),
    )


def _as_wide_as_it_may_be(statement: dict[str, Any]) -> dict[str, Any]:
    """Return an Allow that names no Action or Resource, which AWS asks for, as one of all."""
    missing = [
        element
        for element in ("Action", "Resource")
        if element not in statement and f"Not{element}" not in statement
    ]
    return statement | dict.fromkeys(missing, "*")


def _refuse_others(members: dict[str, Any], known: set[str], where: str) -> None:
    for name in members.keys() - known:
        raise UnreadableError(f"{where} has an element that is not known: {name}")


def _either(statement: dict[str, Any], element: str, label: str) -> tuple[Any, bool]:
    """Return the value of an element or of its negation, and whether it is the negation."""
    if (element in statement) == (f"Not{element}" in statement):
        raise UnreadableError(f"{label} needs one of {element} and Not{element}")
    negated = element not in statement
    return statement[f"Not{element}" if negated else element], negated


def _names(statement: dict[str, Any], element: str, label: str) -> NamedCallers:
    value, negated = _either(statement, element, label)
    return NamedCallers(_texts(value, f"the {element} of {label}"), negated)


def _principals(statement: dict[str, Any], label: str) -> Principals:
    value, negated = _either(statement, "Principal", label)
    if value == "*":
        return Principals((("AWS", "*"),), negated)
    if not isinstance(value, dict) or not value:
        raise UnreadableError(f"the Principal of {label} is neither * nor a map")
    _refuse_others(value, set(PRINCIPAL_TYPES), f"the Principal of {label}")
    pairs = [
        (kind, name)
        for kind, names in value.items()
        for name in _texts(names, f"the {kind} principal of {label}")
    ]
    return Principals(tuple(pairs), negated)


def _conditions(value: Any, effect: str, label: str) -> tuple[Condition, ...]:
    where = f"the Condition of {label}"
    if not isinstance(value, dict) or not all(isinstance(keys, dict) for keys in value.values()):
        raise UnreadableError(f"{where} is no map of operators to keys")
    if effect == "Deny" and not all(value.values()):
        # It may be that this denies everything, and also that AWS takes it for a mistake.
        raise UnreadableError(f"{where} has an operator without a key")
    conditions = [
        Condition(operator, key, tuple(_condition_value(one, where) for one in _listed(values)))
        for operator, keys in value.items()
        for key, values in keys.items()
    ]
    # AWS tells neither operators nor keys apart by case, so these are one member twice, too.
    once = {(one.operator.lower(), one.key.lower()) for one in conditions}
    if len(once) < len(conditions):
        raise UnreadableError(f"{where} names a key twice under one operator")
    if not all(one.values for one in conditions):
        raise UnreadableError(f"{where} has a key without a value")
    return tuple(conditions)


def _condition_value(value: Any, where: str) -> str:
    """Return a condition's value as text: AWS reads true and 5 as "true" and "5"."""
    if isinstance(value, str):
        return value
    if isinstance(value, (bool, int)):
        return json.dumps(value)
    raise UnreadableError(f"{where} has a value that is no text")


def _texts(value: Any, where: str) -> tuple[str, ...]:
    texts = _listed(value)
    if not texts or not all(isinstance(one, str) and one for one in texts):
        raise UnreadableError(f"{where} is no text and no list of texts")
    return tuple(texts)


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


_ELEMENTS = {
    "Sid",
    "Effect",
    "Principal",
    "NotPrincipal",
    "Action",
    "NotAction",
    "Resource",
    "NotResource",
    "Condition",
}
