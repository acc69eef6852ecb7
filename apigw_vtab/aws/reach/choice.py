"""Which accounts the user wants read, and by which way: what the options say, checked."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from os import PathLike
from pathlib import Path
from typing import NamedTuple, TypedDict, TypeVar

from apigw_vtab.aws.regions import is_pattern
from apigw_vtab.aws.wildcards import is_like
from apigw_vtab.errors import UsageError, did_you_mean, examples

One = TypeVar("One")
# A role's name, perhaps with its path:
# https://docs.aws.amazon.com/IAM/latest/APIReference/API_Role.html
_ROLE = re.compile(r"(?!arn:)(?:[!-.0-~]{1,512}/)*[\w+=,.@-]{1,64}", re.ASCII)
# https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html
_EXTERNAL_ID = re.compile(r"[\w+=,.@:/-]{2,1224}", re.ASCII)
_SESSION = re.compile(r"[\w+=,.@-]{2,64}", re.ASCII)
# https://docs.aws.amazon.com/organizations/latest/APIReference/API_OrganizationalUnit.html
_UNIT_ID = re.compile(r"ou-[0-9a-z]{4,32}-[a-z0-9]{8,32}|r-[0-9a-z]{4,32}")
# What a comma or the end comes after, perhaps in double quotes.
_PART = re.compile(r'\s*(?:"((?:[^"]|"")*)"|([^,]*?))\s*(,|\Z)')
# What to say of an empty text.
PROFILE = "Empty profile: give a name or a pattern, 'prod-*', or leave --profile out."
ACCOUNT = "Empty account: give an id, a name or a pattern, 'shop-*', or leave --account out."
UNIT = "Empty organizational unit: give an id such as ou-ab12-34cd56ef, or leave --ou out."
SIGN_IN_ROLE = "Empty role: give a name or a pattern to --sso-role: '*'."


class Sample(NamedTuple):
    """How many accounts are read, and how many there are."""

    accounts: int
    known: int

    def __str__(self) -> str:
        return f"a sample: {self.accounts:,} of {self.known:,} accounts"


@dataclass(frozen=True)
class AccountChoice:
    """The options that say which accounts are read; without any, those of the profiles are.

    `assume_role` is the name of a role, `accounts` are patterns of ids and names, `units` are ids
    of organizational units, `sso_roles` are patterns of names; of accounts and roles, commas may
    part several in one text. `sample` is how many of the accounts are read.
    """

    organization: bool = False
    assume_role: str | None = None
    external_id: str | None = None
    role_session_name: str | None = None
    accounts: Sequence[str] = ()
    units: Sequence[str] = ()
    accounts_from: Path | None = None
    sso_roles: Sequence[str] = ()
    sample: int | None = None
    credential_cache: bool = True

    @property
    def is_of_profiles(self) -> bool:
        """Whether the accounts are those of the profiles themselves."""
        return not (self.organization or self.accounts_from or self.sso_roles)

    def check(self) -> None:
        """Raise UsageError for options that contradict each other, and for wrong values."""
        for wrong, message in self._faults():
            if wrong:
                raise UsageError(message)

    def _faults(self) -> Iterator[tuple[bool, str]]:
        ways = [bool(self.organization), bool(self.accounts_from), bool(self.sso_roles)]
        role, unit = self.assume_role, next((one for one in self.units if not _is_unit(one)), "")
        yield sum(ways) > 1, "Choose one of --organization, --accounts-from and --sso-role."
        yield (
            self.organization and not role,
            "--organization needs the name of a role that each account has: "
            "add --assume-role, such as --assume-role OrganizationAccountAccessRole.",
        )
        yield from self._faults_of_roles()
        yield (
            bool(self.accounts) and self.is_of_profiles,
            "--account chooses among the accounts of --organization, --accounts-from or "
            "--sso-role: add one of them, or choose profiles with --profile.",
        )
        yield bool(self.units) and not self.organization, "--ou needs --organization."
        yield (
            bool(unit),
            f"{unit!r} is not the id of an organizational unit, such as ou-ab12-34cd56ef.",
        )
        yield self.sample is not None and self.sample < 1, "A sample has at least 1 account."

    def _faults_of_roles(self) -> Iterator[tuple[bool, str]]:
        role, session = self.assume_role, self.role_session_name
        roles = self.organization or bool(self.accounts_from)
        for name, value in (
            ("--assume-role", role),
            ("--external-id", self.external_id),
            ("--role-session-name", session),
        ):
            yield value == "", f"Empty {name}: give it a value, or leave it out."
            yield (
                bool(value) and not roles,
                f"{name} is for the roles of --organization or --accounts-from: add one of them.",
            )
        yield (
            bool(role) and not _ROLE.fullmatch(role or ""),
            (f"{role!r} is not a valid name of a role: give the name alone, not its ARN."),
        )
        yield (
            bool(self.external_id) and not _EXTERNAL_ID.fullmatch(self.external_id or ""),
            (
                f"{self.external_id!r} is not a valid external id: it has 2 to 1,224 letters, "
                "digits and any of +=,.@:/-_"
            ),
        )
        yield (
            bool(session) and not _SESSION.fullmatch(session or ""),
            (
                f"{session!r} is not a valid session name: it has 2 to 64 letters, "
                "digits and any of +=,.@-_"
            ),
        )


class ReachOptions(TypedDict, total=False):
    """What `account_choice` takes."""

    organization: bool
    assume_role: str | None
    external_id: str | None
    role_session_name: str | None
    accounts: str | Iterable[str] | None
    ous: str | Iterable[str] | None
    accounts_from: str | PathLike[str] | None
    sso_roles: str | Iterable[str] | None
    sample: int | None
    credential_cache: bool


def account_choice(
    *,
    organization: bool = False,
    assume_role: str | None = None,
    external_id: str | None = None,
    role_session_name: str | None = None,
    accounts: str | Iterable[str] | None = None,
    ous: str | Iterable[str] | None = None,
    accounts_from: str | PathLike[str] | None = None,
    sso_roles: str | Iterable[str] | None = None,
    sample: int | None = None,
    credential_cache: bool = True,
) -> AccountChoice:
    """Return which accounts are read beyond those of the profiles; they are reached from one.

    `organization` reads all active accounts of the organization, each by the role called
    `assume_role`, which may ask for an `external_id`; `role_session_name` is what CloudTrail shows.
    `accounts_from` is a CSV file with the columns id, name and role that takes the organization's
    place. `sso_roles` reads each account in which IAM Identity Center has assigned such a role to
    the user who is signed in. `accounts` (ids or names), `ous` (ids of organizational units) and
    `sample` (a number) narrow them. Patterns have `*` and `?`, and commas part them; a name with
    a comma is known as a whole, or is put in double quotes. Without `credential_cache`, the keys of
    roles are not kept on disk.

    Raises UsageError for an empty pattern, and for a list without any: that is not all of them.
    """
    return AccountChoice(
        organization,
        assume_role,
        external_id,
        role_session_name,
        _not_empty(several(accounts, "accounts"), ACCOUNT),
        parted(several(ous, "ous"), UNIT),
        Path(accounts_from) if accounts_from is not None else None,
        _not_empty(several(sso_roles, "sso_roles"), SIGN_IN_ROLE),
        sample,
        credential_cache,
    )


def several(given: str | Iterable[str] | None, name: str) -> tuple[str, ...]:
    """Return the texts of an argument; none where it is not given.

    Raises UsageError for a list without any, which does not mean all of them.
    """
    texts = (given,) if isinstance(given, str) else tuple(given or ())
    if given is not None and not texts:
        raise UsageError(f"{name} is empty: name some, or leave it out.")
    return texts


def is_role(text: str) -> bool:
    """Return whether a text is a role's name, perhaps with its path."""
    return _ROLE.fullmatch(text) is not None


def _is_unit(text: str) -> bool:
    return _UNIT_ID.fullmatch(text) is not None


def parted(texts: Iterable[str], what: str) -> tuple[str, ...]:
    """Return the patterns in texts: commas part them, except in double quotes, as in CSV.

    `what` says what to give. Raises UsageError for an empty pattern: it is a variable that is not
    set, and not the wish for all.
    """
    found = [one for text in texts for one in _parts(text)]
    if "" in found:
        raise UsageError(what)
    return tuple(dict.fromkeys(found))


def _parts(text: str) -> list[str]:
    found, place, is_over = [], 0, False
    while not is_over:
        part = _PART.match(text, place)
        assert part
        found.append(part[2] if part[1] is None else part[1].replace('""', '"'))
        place, is_over = part.end(), not part[3]
    return found


def _not_empty(texts: Sequence[str], what: str) -> Sequence[str]:
    parted(texts, what)
    return texts


def patterns_in(
    texts: Iterable[str], known: Iterable[One], names: Callable[[One], Sequence[str]]
) -> tuple[str, ...]:
    """Return the patterns in texts: one that is a known name as a whole is not parted by commas.

    Raises UsageError for one that could as well mean other names.
    """
    every = frozenset(name for one in known for name in names(one))
    found: list[str] = []
    for text in texts:
        parts, whole = _parts(text), text.strip()
        if whole in every and parts != [whole]:
            if all(any(is_like(name, part) for name in every) for part in parts):
                raise UsageError(
                    f"{whole!r} is a name, and so are its parts: put it in double quotes within "
                    "the text for the one, or give the others one by one."
                )
            parts = [whole]
        found += parts
    return tuple(dict.fromkeys(found))


def matching(
    patterns: Sequence[str],
    known: Sequence[One],
    names: Callable[[One], Sequence[str]],
    what: str,
    *,
    is_all: bool = True,
) -> list[One]:
    """Return those of `known` of which a name matches a pattern, in their order; all without any.

    `what` is what they are called in a message. Raises UsageError for a pattern that matches none,
    unless there are more than the `known` ones: `is_all` says that there are not.
    """
    if not patterns:
        return list(known)
    for pattern in patterns if is_all else ():
        if not any(is_like(name, pattern) for one in known for name in names(one)):
            raise UsageError(_unmatched(pattern, [names(one)[0] for one in known], what))
    return [
        one
        for one in known
        if any(is_like(name, pattern) for name in names(one) for pattern in patterns)
    ]


def _unmatched(pattern: str, names: Sequence[str], what: str) -> str:
    # As they are typed among others.
    known = [
        '"{}"'.format(one.replace('"', '""')) if "," in one else one for one in dict.fromkeys(names)
    ]
    hint = "" if is_pattern(pattern) else did_you_mean(pattern, known)
    verb = "matches" if is_pattern(pattern) else "is called"
    return f"No {what} {verb} {pattern!r}.{hint} There are: {examples(known)}."


def sampled(found: Sequence[One], size: int | None) -> list[One]:
    """Return so many of the accounts, spread evenly over their order; the same ones each time."""
    if size is None or size >= len(found):
        return list(found)
    return [found[place * len(found) // size] for place in range(size)]
