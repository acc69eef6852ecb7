"""Who may call an API, and what a request of theirs can have for each condition key. Pure.

Strangers have accounts, organisations, VPCs and VPC endpoints of their own, and send what headers
they like, at any time. They have nobody else's identifiers, and no address of a range that a
policy lets in, unless that is a large part of the internet.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from enum import Enum
from typing import NamedTuple

from apigw_vtab.analysis.conditions import Doubt, Operator, alike, name_of, operator_of, pattern_of
from apigw_vtab.analysis.policy_document import PolicyStatement
from apigw_vtab.analysis.policy_patterns import glob, literal, representatives


class Circle(Enum):
    """Of whom it is asked whether they get in."""

    STRANGERS = "whom the policy does not name"
    OTHER_ACCOUNTS = "whoever is not of the API's own account"
    EVERYONE = "anyone at all"


class ConditionUse(NamedTuple):
    """A text that a policy compares a key with; one that `lets_in` helps who has it."""

    operator: Operator
    text: str
    lets_in: bool


class Named(NamedTuple):
    """A text that names somebody, and the part of it that nobody else can have."""

    operator: Operator
    text: str
    identity: str


class Candidate(NamedTuple):
    """A value that a caller's request can have; None is for a key that it has not."""

    value: str | None
    doubt: Doubt = Doubt.NONE


@dataclass(frozen=True)
class Caller:
    """One kind of caller. Who is `named` may have any identifier and address that a policy names.

    `principals` are texts of a principal's type and name, and an empty one for who does not sign.
    """

    group: str
    account: str
    principals: tuple[str, ...] = ("",)
    doubt: Doubt = Doubt.NONE
    named: bool = False
    by_endpoint: bool = False


@dataclass(frozen=True)
class Scene:
    """A policy's statements, of whom it is asked, and what is known beside the policy."""

    statements: tuple[PolicyStatement, ...]
    circle: Circle
    account: str = ""
    organizations: frozenset[str] = frozenset()
    uses: dict[str, list[ConditionUse]] = field(default_factory=dict, compare=False)

    def uses_of(self, *names: str) -> list[ConditionUse]:
        """Return the texts that the policy compares some keys with."""
        return [use for name in names for use in self.uses.get(name, [])]


def scene(
    statements: tuple[PolicyStatement, ...],
    circle: Circle,
    account: str = "",
    organizations: Iterable[str] = (),
) -> Scene:
    """Return the scene in which a question is asked."""
    uses: dict[str, list[ConditionUse]] = {}
    for statement in statements:
        for one in statement.conditions:
            known = operator_of(one.operator)
            if known is not None and known.family != "null":
                found = [
                    ConditionUse(known, text, statement.allows != known.negated)
                    for text in one.values
                ]
                uses.setdefault(name_of(one.key), []).extend(found)
    return Scene(statements, circle, account, frozenset(organizations), uses)


def callers(scene: Scene) -> Iterator[Caller]:
    """Return every kind of caller in a scene, who is surest to be in it first."""
    everyone = scene.circle is Circle.EVERYONE
    strange = _strange_accounts(scene)
    for account, doubt in strange:
        for by_endpoint in (False, True):
            yield Caller("anonymous", account, ("",), doubt, everyone, by_endpoint)
        yield from _of_account(scene, account, doubt, named=everyone)
    if scene.circle is not Circle.STRANGERS:
        for account in named_accounts(scene):
            yield from _of_account(scene, account, Doubt.NONE, named=True)
    for account, _ in strange:
        yield from _of_no_account(scene, account)


def named_accounts(scene: Scene) -> list[str]:
    """Return the accounts that a policy lets in by name, but not the API's own."""
    texts = {text for text in _account_texts(scene, lets_in=True) if re.fullmatch(r"\d{12}", text)}
    own = {scene.account} if scene.circle is Circle.OTHER_ACCOUNTS else set()
    return sorted(texts - own)


def _account_texts(scene: Scene, *, lets_in: bool) -> set[str]:
    """Return the accounts, and patterns for accounts, that stand in a policy."""
    pairs = named_principals(scene) if lets_in else _every_principal(scene)
    keys = (*ACCOUNTS, *_ARNS, "aws:userid")
    uses = [use for use in scene.uses_of(*keys) if use.lets_in or not lets_in]
    return {
        part
        for text in [*(name for _, name in pairs), *(use.text for use in uses)]
        for part in _parts(text)
        if re.fullmatch(r"[\d*?]+", part)
    }


def _parts(text: str) -> list[str]:
    """Return the parts of a text that can be an account: of an ARN the fifth, of another all."""
    if re.match(r"arn:([^:]*:){4}", text):
        return [account_in(text)]
    return [*text.split(":"), *re.findall(r"(?<!\d)\d{12}(?!\d)", text)]


def account_in(text: str) -> str:
    """Return the account that an ARN names, or the text itself where it is none."""
    parts = text.split(":", 5)
    return parts[4] if parts[0] == "arn" and len(parts) == 6 else text


def named_principals(scene: Scene) -> list[tuple[str, str]]:
    """Return the principals that a policy lets in, or does not keep out, by name."""
    return [
        pair
        for statement in scene.statements
        if statement.allows != statement.principals.negated
        for pair in statement.principals.names
        if pair[1] != "*"
    ]


def _strange_accounts(scene: Scene) -> list[tuple[str, Doubt]]:
    """Return accounts that stand for all that a policy does not name."""
    texts = _account_texts(scene, lets_in=False) | {scene.account}
    named = [Named(_LIKE, text, text) for text in sorted(texts)]
    found = representatives([glob(one.text) for one in named], glob("?" * 12), "0123456789")
    doubts = {account: _doubt(account, named) for account in found if account not in texts}
    if scene.circle is not Circle.STRANGERS:
        # The one account that most of its digits give is another one all the same.
        doubts = {one: Doubt.UNDECIDED if doubt is None else doubt for one, doubt in doubts.items()}
    certain = [(account, doubt) for account, doubt in doubts.items() if doubt is not None]
    return sorted(certain, key=lambda one: one[1])


def _of_account(scene: Scene, account: str, doubt: Doubt, *, named: bool) -> Iterator[Caller]:
    signed = tuple(_principals_of(scene, account))
    for by_endpoint in (False, True):
        yield Caller("signed", account, signed, doubt, named, by_endpoint)
    # On whose behalf a service calls, only a policy that names the account can be sure of.
    least = Doubt.NONE if named else Doubt.UNDECIDED
    yield Caller("service", account, _services(scene), max(doubt, least), named)


def _principals_of(scene: Scene, account: str) -> Iterator[str]:
    """Return principals of an account that stand for all of them."""
    texts = [(literal(name), name) for kind, name in _every_principal(scene) if kind != "Service"]
    texts += [(glob(name), name) for _, name in _every_principal(scene) if re.search("[*?]", name)]
    texts += [
        (pattern_of(use.operator, use.text), use.text) for use in scene.uses_of("aws:principalarn")
    ]
    # An ARN of another account has no text in common with this one's.
    own = [
        pattern
        for pattern, text in texts
        if account_in(text) == account or not re.fullmatch(r"\d*", account_in(text))
    ]
    for partition in _partitions(scene):
        for kind in ("iam::{}:root", "iam::{}:role/?*", "iam::{}:user/?*", "sts::{}:?*/?*"):
            form = glob(f"arn:{partition}:{kind.format(account)}", but=_IN_NO_NAME)
            yield from (f"AWS {arn}" for arn in representatives(own, form))
    for kind, name in _every_principal(scene):
        if kind == "Federated" and account_in(name) == account:
            yield f"{kind} {name}"


def _every_principal(scene: Scene) -> list[tuple[str, str]]:
    return [pair for statement in scene.statements for pair in statement.principals.names]


def _partitions(scene: Scene) -> list[str]:
    """Return the partitions of AWS that the API can be in, and so those of its callers."""
    texts = [name for statement in scene.statements for name in statement.resources.names]
    texts += [name for _, name in _every_principal(scene)]
    texts += [use.text for use in scene.uses_of(*_ARNS)]
    return sorted(
        {"aws", *(text.split(":")[1] for text in texts if re.match("arn:[a-z-]+:", text))}
    )


def _services(scene: Scene) -> tuple[str, ...]:
    """Return AWS services that stand for all; one that a policy names is none of just anyone's."""
    uses = scene.uses_of("aws:principalservicename")
    names = representatives([pattern_of(use.operator, use.text) for use in uses], glob("?*"))
    fixed = {use.text for use in uses if not _is_open(use)}
    fixed |= {name for kind, name in _every_principal(scene) if kind == "Service"}
    if scene.circle is not Circle.STRANGERS:
        return tuple(f"Service {name}" for name in (*names, *sorted(fixed)))
    return tuple(f"Service {name}" for name in names if name not in fixed)


def _of_no_account(scene: Scene, account: str) -> Iterator[Caller]:
    """Return the principals of which a policy does not say of what account they are."""
    for kind, name in named_principals(scene):
        unclear = kind != "Service" and not re.fullmatch(r"\d{12}", account_in(name))
        # Who signs in to a provider of web identities is no more known than who has an account.
        web = kind == "Federated" and not name.startswith("arn:")
        if unclear and (web or scene.circle is not Circle.STRANGERS):
            for by_endpoint in (False, True):
                yield Caller(
                    "signed", account, (f"{kind} {name}",), Doubt.UNDECIDED, True, by_endpoint
                )


def identifiers(scene: Scene, name: str, caller: Caller) -> list[Candidate]:
    """Return what AWS can have called something of a caller's: a VPC endpoint, an organisation."""
    prefix = IDENTIFIERS[name]
    uses = scene.uses_of(name)
    named = [Named(use.operator, use.text, _identity(name, use)) for use in uses]
    patterns = [pattern_of(use.operator, use.text) for use in uses]
    found: list[Candidate] = []
    for value in representatives(patterns, glob(f"{prefix}?*", but="*?")):
        doubt = Doubt.NONE if _may_have_any(scene, name, caller) else _doubt(value, named, prefix)
        if doubt is None:
            doubt = _doubt_of_owned(scene, name, value)
        if doubt is not None:
            found.append(Candidate(value, doubt))
    return found


def _may_have_any(scene: Scene, name: str, caller: Caller) -> bool:
    """Tell whether a caller may have what is another's: but no partner is of any organisation."""
    return caller.named and (scene.circle is Circle.EVERYONE or name not in _ORGANIZATIONS)


def _doubt_of_owned(scene: Scene, name: str, value: str) -> Doubt | None:
    """Return how sure it is that who has an identifier is asked about, None for certainly not."""
    if scene.circle is not Circle.OTHER_ACCOUNTS:
        return None
    if name in _ORGANIZATIONS:
        # To an operator that ignores case, a value stands for those in all cases.
        own = {organization.lower() for organization in scene.organizations}
        if value.split("/", maxsplit=1)[0].lower() in own:
            return None
        return Doubt.NONE if scene.organizations else Doubt.UNDECIDED
    # A user's identifier does not tell the account, but it may well be another one.
    return Doubt.UNDECIDED if name == "aws:userid" else None


def arns(scene: Scene, name: str, caller: Caller) -> list[Candidate]:
    """Return ARNs of a caller's: in the caller's account, or in none, as those of S3 buckets."""
    uses = scene.uses_of(name)
    named = [Named(use.operator, use.text, use.text.split(":")[-1]) for use in uses]
    patterns = [pattern_of(use.operator, use.text) for use in uses]
    # Who is let in by name may well come by a VPC of another account.
    account = "*" if caller.named and name == "aws:sourcevpcarn" else caller.account
    found: list[Candidate] = []
    for partition in _partitions(scene):
        form = glob(f"arn:{partition}:?*:*:{account}:?*", but=_IN_NO_NAME)
        found += [Candidate(value) for value in representatives(patterns, form)]
        form = glob(f"arn:{partition}:?*:*::?*", but=_IN_NO_NAME)
        for value in representatives(patterns, form):
            doubt = _doubt(value, named)
            if doubt is not None or scene.circle is Circle.EVERYONE:
                found.append(Candidate(value, doubt or Doubt.NONE))
            elif scene.circle is Circle.OTHER_ACCOUNTS:
                found.append(Candidate(value, Doubt.UNDECIDED))
    return found


def _identity(name: str, use: ConditionUse) -> str:
    """Return the part of a text that only one owner can have; a session anyone can name so."""
    if name == "aws:userid":
        return use.text.split(":")[0] if _is_open(use) else use.text
    if name.endswith("orgpaths"):
        # Of a path, only the organisation's part is its own; others may have the same units.
        organization, _, units = use.text.partition("/")
        named = set(organization) & set("*?") and set(units) - set("*?/")
        return f"{organization}ou" if named else organization
    return use.text


def _doubt(value: str, named: Iterable[Named], prefix: str = "") -> Doubt | None:
    """Return how sure it is that a stranger can have an identifier, None for certainly not.

    AWS chooses identifiers. A pattern that gives eight characters of one, or all, is its owner's;
    one that gives a single character is met by whoever tries a few times.
    """
    most = 0
    for one in named:
        if alike(one.operator, one.text, value):
            given = len(re.sub(r"[*?]", "", one.identity)) - _shared(one.identity, prefix)
            most = max(most, given if set(one.identity) & set("*?") else 8)
    return None if most >= 8 else Doubt.UNDECIDED if most > 1 else Doubt.NONE


def _shared(one: str, other: str) -> int:
    """Count the characters with which both of two texts begin."""
    return sum(
        1
        for _ in itertools.takewhile(lambda pair: pair[0] == pair[1], zip(one, other, strict=False))
    )


def _is_open(use: ConditionUse) -> bool:
    """Tell whether a text has wildcards, so that more than one value matches."""
    return use.operator.test == "like" and bool(set(use.text) & set("*?"))


ACCOUNTS = ("aws:principalaccount", "aws:sourceaccount", "aws:vpceaccount")
_LIKE = Operator("string", "like", negated=False, quantifier="", if_exists=False)
_IN_NO_NAME = ":*?"
_ARNS = ("aws:principalarn", "aws:sourcearn", "aws:sourcevpcarn")
IDENTIFIERS = {
    "aws:sourcevpce": "vpce-",
    "aws:sourcevpc": "vpc-",
    "aws:userid": "",
    "aws:principalorgid": "o-",
    "aws:principalorgpaths": "o-",
    "aws:sourceorgid": "o-",
    "aws:sourceorgpaths": "o-",
    "aws:vpceorgid": "o-",
    "aws:vpceorgpaths": "o-",
}
_ORGANIZATIONS = [name for name, prefix in IDENTIFIERS.items() if prefix == "o-"]
