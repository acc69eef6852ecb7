"""Which accounts the user wants read, and by which way: what the options say, checked."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from os import PathLike
from pathlib import Path
from typing import TypedDict, TypeVar

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
_UNIT = re.compile(r"ou-[0-9a-z]{4,32}-[a-z0-9]{8,32}|r-[0-9a-z]{4,32}")


@dataclass(frozen=True)
class AccountChoice:
    """The options that say which accounts are read; without any, those of the profiles are.

    `assume_role` is the name of a role, `accounts` are patterns of ids and names, `units` are ids
    of organizational units, `sso_roles` are patterns of names. `sample` is how many of the accounts
    are read.
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
        roles = self.organization or bool(self.accounts_from)
        session = self.role_session_name
        for name, value in (
            ("--assume-role", role),
            ("--external-id", self.external_id),
            ("--role-session-name", self.role_session_name),
        ):
            yield (
                bool(value) and not roles,
                f"{name} is for the roles of --organization or --accounts-from: add one of them.",
            )
        yield (
            bool(self.accounts) and self.is_of_profiles,
            "--account chooses among the accounts of --organization, --accounts-from or "
            "--sso-role: add one of them, or choose profiles with --profile.",
        )
        yield bool(self.units) and not self.organization, "--ou needs --organization."
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
        yield (
            bool(unit),
            f"{unit!r} is not the id of an organizational unit, such as ou-ab12-34cd56ef.",
        )
        yield self.sample is not None and self.sample < 1, "A sample has at least 1 account."


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
    `sample` (a number) narrow them. Patterns have `*` and `?`, and commas part them. Without
    `credential_cache`, the keys of roles are not kept on disk.
    """
    return AccountChoice(
        organization,
        assume_role,
        external_id,
        role_session_name,
        parted(_several(accounts)),
        parted(_several(ous)),
        Path(accounts_from) if accounts_from is not None else None,
        parted(_several(sso_roles)),
        sample,
        credential_cache,
    )


def _several(given: str | Iterable[str] | None) -> Iterable[str]:
    return (given,) if isinstance(given, str) else given or ()


def is_role(text: str) -> bool:
    """Return whether a text is a role's name, perhaps with its path."""
    return _ROLE.fullmatch(text) is not None


def _is_unit(text: str) -> bool:
    return _UNIT.fullmatch(text) is not None


def parted(patterns: Iterable[str]) -> tuple[str, ...]:
    """Return patterns one by one: commas part them."""
    return tuple(
        dict.fromkeys(one.strip() for some in patterns for one in some.split(",") if one.strip())
    )


def matching(
    patterns: Sequence[str], known: Sequence[One], names: Callable[[One], Sequence[str]], what: str
) -> list[One]:
    """Return those of `known` of which a name matches a pattern, in their order; all without any.

    `what` is what they are called in a message. Raises UsageError for a pattern that matches none.
    """
    if not patterns:
        return list(known)
    for pattern in patterns:
        if not any(is_like(name, pattern) for one in known for name in names(one)):
            raise UsageError(_unmatched(pattern, [names(one)[0] for one in known], what))
    return [
        one
        for one in known
        if any(is_like(name, pattern) for name in names(one) for pattern in patterns)
    ]


def _unmatched(pattern: str, known: Sequence[str], what: str) -> str:
    hint = "" if is_pattern(pattern) else did_you_mean(pattern, known)
    verb = "matches" if is_pattern(pattern) else "is called"
    return f"No {what} {verb} {pattern!r}.{hint} There are: {examples(known)}."


def sampled(found: Sequence[One], size: int | None) -> list[One]:
    """Return so many of the accounts, spread evenly over their order; the same ones each time."""
    if size is None or size >= len(found):
        return list(found)
    return [found[place * len(found) // size] for place in range(size)]
