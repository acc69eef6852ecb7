"""Accounts that a file lists: CSV with the columns id, name and role."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from apigw_vtab.aws.accounts import Account, AccountFacts
from apigw_vtab.aws.reach.choice import is_role, matching, patterns_in
from apigw_vtab.aws.reach.site import Site, Unlisted, role_arn
from apigw_vtab.errors import UsageError, did_you_mean

COLUMNS = ("id", "name", "role")
_ID = re.compile(r"\d{12}", re.ASCII)
_ROUNDED = re.compile(r"\d([.,]\d+)?E\+?\d+", re.IGNORECASE)
_ARN = re.compile(r"arn:(aws[a-z-]*):iam::(\d{12}):role/(.+)", re.ASCII)


class ListedAccount(NamedTuple):
    """A line of the file; `role` is a name or an ARN."""

    id: str
    name: str
    role: str


def listed_accounts(path: Path, role: str | None) -> list[ListedAccount]:
    """Return the accounts that a file lists, those without a role of their own with `role`.

    Raises UsageError, with the line's number, for what is wrong.
    """
    try:
        text = path.read_text("utf-8-sig")
    except OSError as error:
        raise UsageError(f"Cannot read {path}: {error.strerror}.") from None
    except UnicodeDecodeError:
        raise UsageError(f"{path} is not a text file in UTF-8.") from None
    found: list[ListedAccount] = []
    lines: dict[str, int] = {}
    for line, row in _rows(path, text):
        where = f"{path}, line {line}"
        account = _account(where, row, role)
        if account.id in lines:
            raise UsageError(
                f"{where}: account {account.id} is on line {lines[account.id]} already."
            )
        lines[account.id] = line
        found.append(account)
    if not found:
        raise UsageError(f"{path} lists no accounts.")
    return sorted(found)


def _rows(path: Path, text: str) -> Iterator[tuple[int, dict[str, str]]]:
    # Strict: a quote that is never closed would take all accounts below it into one name.
    # Lines end as in CSV: a form feed, say, is a part of a name.
    reader = csv.reader(io.StringIO(text, newline=""), strict=True, skipinitialspace=True)
    try:
        header = [one.strip().lower() for one in next(reader, [])]
        _check_header(path, header)
        for row in reader:
            if any("\n" in cell for cell in row):
                raise UsageError(
                    f"{path}, line {reader.line_num}: a line ends within double quotes, so that "
                    "the next one would be a part of it. Close the quotes on the line."
                )
            if any(cell.strip() for cell in row):
                yield reader.line_num, _cells(f"{path}, line {reader.line_num}", header, row)
    except csv.Error as error:
        raise UsageError(f"{path}, line {reader.line_num}: it is not valid CSV: {error}.") from None


def _check_header(path: Path, header: Sequence[str]) -> None:
    """Raise UsageError for columns that a list of accounts does not have."""
    if not {"id", "role"} & set(header):
        hint = " Part them with commas." if re.search("[;\t]", "".join(header)) else ""
        raise UsageError(
            f"{path}, line 1: the first line has to name the columns: id,name,role.{hint}"
        )
    for name in header:
        if name not in COLUMNS:
            hint = did_you_mean(name, COLUMNS)
            raise UsageError(
                f"{path}, line 1: there is no column {name!r}.{hint} There are: id, name, role."
            )
    if twice := next((one for one in header if header.count(one) > 1), ""):
        raise UsageError(f"{path}, line 1: the column {twice!r} is named twice.")


def _cells(where: str, header: Sequence[str], row: Sequence[str]) -> dict[str, str]:
    if len(row) > len(header):
        raise UsageError(
            f"{where}: it has {len(row)} values, and the first line names {len(header)} columns. "
            "Put a name with a comma in double quotes."
        )
    return dict(zip(header, (one.strip() for one in row), strict=False))


def _account(where: str, row: dict[str, str], role: str | None) -> ListedAccount:
    account, name, own = (row.get(column, "") for column in COLUMNS)
    named = _ARN.fullmatch(own)
    # The ARN of a role says whose it is.
    account = account or (named[2] if named else "")
    if not _ID.fullmatch(account):
        hint = " Leading zeros belong to it." if account.isdecimal() and len(account) < 12 else ""
        if _ROUNDED.fullmatch(account):
            hint = " A spreadsheet has rounded it: let its column hold text."
        raise UsageError(f"{where}: {account!r} is not an account's id, which has 12 digits.{hint}")
    wanted = own or role or ""
    if not wanted:
        raise UsageError(f"{where}: it names no role. Name one there, or add --assume-role.")
    arn = _ARN.fullmatch(wanted)
    if arn and arn[2] != account:
        raise UsageError(f"{where}: the role is of account {arn[2]}, and not of {account}.")
    if not (is_role(arn[3]) if arn else is_role(wanted)):
        raise UsageError(f"{where}: {wanted!r} is neither a role's name nor its ARN.")
    return ListedAccount(account, name, wanted)


def _names(account: ListedAccount) -> tuple[str, str]:
    return account.name or account.id, account.id


def accounts_of_file(site: Site) -> list[Account]:
    """Return the accounts that a file lists: the base itself, all others by their roles.

    Raises UsageError.
    """
    choice, base = site.choice, site.base
    assert choice.accounts_from
    listed = listed_accounts(choice.accounts_from, choice.assume_role)
    patterns = patterns_in(choice.accounts, listed, _names)
    chosen = matching(patterns, listed, _names, "account")
    partition = base.partition(base.home_region)
    own = _own_id(site)
    found: list[Account] = []
    for one in chosen:
        if one.id == own:
            base.facts = AccountFacts(one.name, reached_by=base.facts.reached_by)
            found.append(base)
            continue
        arn = role_arn(one.role, one.id, partition)
        found.append(site.by_role(one.id, arn, AccountFacts(one.name, reached_by=arn)))
    return found


def _own_id(site: Site) -> str | None:
    """Return the id of the base account; None where AWS does not tell, and its role has to do."""
    try:
        return str(site.identity()["Account"])
    except Unlisted:
        return None
