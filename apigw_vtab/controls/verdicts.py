"""What a control's rows say, made sure: a status that is one, and no verdict on what is unread."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence

from apigw_vtab.aws.estate import id_or_stand_in
from apigw_vtab.aws.failures import CallFailed
from apigw_vtab.controls.findings import ERROR, OK, STATUSES
from apigw_vtab.controls.packed import Place, Row
from apigw_vtab.controls.saved_query import SavedQuery
from apigw_vtab.tables.account import IDENTITY
from apigw_vtab.tables.values import SqlValue

NO_STATUS = "The control returned"
# Text in which a shell finds nothing to run.
_WORD = re.compile(r"[A-Za-z0-9_@%+=:,./*-]*")


def checked(control: SavedQuery, columns: Sequence[str], rows: Iterable[Row]) -> Iterator[Row]:
    """Yield a control's rows with text in their first five columns and a status that is valid."""
    is_hand_written = "remediation" in columns and not control.remedy
    for row in rows:
        resource, status, reason, account_id, region = row[:5]
        if is_hand_written or not (
            status in STATUSES
            and type(resource) is type(reason) is type(account_id) is type(region) is str
        ):
            yield _checked(columns, row, is_hand_written)
        else:
            yield row


def _checked(columns: Sequence[str], row: Row, is_hand_written: bool) -> Row:
    resource, status, reason, account_id, region = (str(one or "") for one in row[:5])
    if status not in STATUSES:
        reason = f"{NO_STATUS} {status!r}, which is not a valid status. {reason}"
        status = ERROR
    elif status == OK and row[2] is None:
        # A part of the reason was NULL: what the verdict rests on is not there.
        status, reason = ERROR, "Not decided: the control says ok, but not why."
    more = dict(zip(columns[5:], row[5:], strict=True))
    if is_hand_written and not _is_safe(more, region):
        more["remediation"] = None
        reason += " (No commands are shown, because a shell would run part of a name in them.)"
    return (resource, status, reason, account_id, region, *more.values())


def _is_safe(more: Mapping[str, SqlValue], region: str) -> bool:
    """Whether a shell takes every text from AWS in the commands for a plain word."""
    commands = str(more["remediation"] or "")
    texts = [region, *(str(value) for name, value in more.items() if name != "remediation")]
    return all(_WORD.fullmatch(text) for text in texts if text and text in commands)


def decided(
    rows: Iterable[Row],
    failures: Sequence[CallFailed],
    ids: Mapping[str, str],
    places: Collection[Place],
) -> Iterator[Row]:
    """Yield each row as it is, or as an error if it depends on what could not be read.

    If the table that the resource comes from fails, rows are missing; if another table fails,
    rows may be wrong. A row that names none of the `places` that were read may rest on all of them,
    or on all of its account. `rows` are gone through twice. What is looked at for a row does not
    grow with the failures.
    """
    looked_up = {one.resource for one in failures if one.resource}
    named = {value for row in rows for value in row if value in looked_up} if looked_up else set()
    accounts = {account_id for account_id, _ in places}
    # The first failure of all, of each account, of any region of it, of each account and region,
    # and of each resource.
    first: dict[tuple[SqlValue, ...], int] = {}
    for number, one in enumerate(failures):
        first.setdefault(_what_it_touches(one, one.resource in named, ids), number)
        first.setdefault((id_or_stand_in(one.label, ids), None), number)
        first.setdefault((), number)
    for row in rows:
        touched = [row[3:4], row[3:5], *((value, None, None) for value in row if value in named)]
        if row[3] not in accounts:
            touched.append(())
        elif row[3:5] not in places:
            touched.append((row[3], None))
        numbers = [first[one] for one in touched if one in first]
        if numbers:
            reason = f"Not decided, because this could not be read: {failures[min(numbers)]}"
            yield (row[0], ERROR, reason, *row[3:])
        else:
            yield row


def _what_it_touches(
    failure: CallFailed, is_named: bool, ids: Mapping[str, str]
) -> tuple[SqlValue, ...]:
    """Return an account, an account and region, or a resource as the first of three values."""
    if failure.resource and is_named:
        return failure.resource, None, None
    whose = id_or_stand_in(failure.label, ids)
    return (whose, failure.region) if failure.is_regional else (whose,)


def touches(
    failure: CallFailed, rows: Iterable[Row], ids: Mapping[str, str]
) -> Callable[[Row], bool]:
    """Return what says whether a row may rest on what could not be read.

    What was looked up for one ARN touches the rows that name it; if none does, all of the account.
    Without its regions nothing of an account is read.
    """
    if failure.resource and any(failure.resource in row for row in rows):
        return lambda row: failure.resource in row
    place = _what_it_touches(failure, False, ids)
    return lambda row: place == row[3 : 3 + len(place)]


def distinct(failures: Iterable[CallFailed]) -> list[CallFailed]:
    """Return one failure for each cause: of a profile, or of an operation in a lane."""
    return list(
        {
            (one.label, one.cause.what)
            if one.is_account_wide
            else (one.label, one.region, one.service, one.operation, one.code): one
            for one in failures
        }.values()
    )


def unread_row(failure: CallFailed, ids: Mapping[str, str], width: int) -> Row:
    """Return the row, of so many columns, that says what could not be read."""
    account_id, blank = ids.get(failure.label, ""), (None,) * (width - 5)
    if failure.unreached:
        return (account_id or failure.label, ERROR, str(failure), account_id, "", *blank)
    if is_identity(failure):
        return (f"profile {failure.label}", ERROR, str(failure), "", "", *blank)
    resource = f"{account_id or failure.label}/{failure.region}"
    return (resource, ERROR, str(failure), account_id, failure.region, *blank)


def is_identity(failure: CallFailed) -> bool:
    """Whether all that is not known is who an account is."""
    return failure.operation == IDENTITY.name and not failure.is_account_wide
