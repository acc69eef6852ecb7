"""A change as the AWS CLI command that would do the same, ready to paste into any shell.

Only plain words are options. All other values are in `--cli-input-json`, because the CLI reads a
value that begins with `file://` or `http://` from there, and takes one with a dash for an option:
https://docs.aws.amazon.com/cli/latest/userguide/cli-usage-parameters-file.html
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence

from apigw_vtab.aws.accounts import Lane
from apigw_vtab.writes.changes import Change, Reference
from apigw_vtab.writes.shell_word import Variable, is_plain, json_word, option

# Where an id to come may stand: the account and region that will give it out, and the column.
Pending = tuple[Lane, Reference]
# Version 2 would show the answer in a pager, which takes the next pasted lines for keystrokes.
NO_PAGER = "AWS_PAGER= "


def commands(changes: Sequence[Change], earlier: Collection[Pending] = ()) -> list[str]:
    """Return one line for each change, in their order.

    An id that AWS has yet to give out is in a variable, and a line that needs it does nothing
    while that is empty. `earlier` are the ids of changes whose commands were written before, as
    `ids_to_come` returns them. Raises UsageError for a profile or an endpoint that cannot be
    pasted.
    """
    pending = {*earlier, *ids_to_come(changes)}
    used = [_used(change, pending) for change in changes]
    needed = {
        (change.lane, name)
        for change, names in zip(changes, used, strict=True)
        for name in names.values()
    }
    return [
        _line(change, names, (change.lane, change.placeholder) in needed or _is_for_later(change))
        for change, names in zip(changes, used, strict=True)
    ]


def ids_to_come(changes: Sequence[Change]) -> Iterator[Pending]:
    """Yield the ids that AWS will give out for changes."""
    for change in changes:
        if change.placeholder:
            yield change.lane, (change.table.key[-1], change.placeholder)


def _used(change: Change, pending: Collection[Pending]) -> dict[Reference, Variable]:
    """Return the ids to come that a change needs, with their variables."""
    return {
        reference: Variable(str(reference[1]))
        for reference in change.references
        if (change.lane, reference) in pending
    }


def _is_for_later(change: Change) -> bool:
    """Return whether what a change makes is of no use yet, so that its id will be wanted."""
    return len(list(change.resources)) == 1


def _line(change: Change, used: dict[Reference, Variable], keep_id: bool) -> str:
    variables = list(dict.fromkeys(used.values()))
    parts = [_is_set(variable) for variable in variables]
    command = " ".join(_words(change.with_ids(used)))
    if change.placeholder and keep_id:
        made = Variable(change.placeholder)
        id_alone = f"--query {_member(change)} --output text"
        parts += [f'export {made.name}="$({command} {id_alone})"', _is_set(made)]
    else:
        parts.append(f"{NO_PAGER}{command}")
    return " && ".join(parts)


def _is_set(variable: Variable) -> str:
    return f'test -n "{variable}"'


def _member(change: Change) -> str:
    """Return the member of AWS's answer that has the id."""
    return change.table.columns[change.table.index[change.table.key[-1]]].member


def _words(change: Change) -> Iterator[str]:
    from botocore import xform_name

    write, account, region = change.write, change.lane.account, change.lane.region
    yield f"aws {write.service} {xform_name(write.name, '-')}"
    if account.cli_profile is not None:
        yield option("profile", account.cli_profile)
    yield option("region", region)
    if endpoint_url := account.own_endpoint(write.service, region):
        yield option("endpoint-url", endpoint_url)
    rest = {}
    for name, value in change.parameters.items():
        if isinstance(value, str) and is_plain(value):
            yield option(xform_name(name, "-"), value)
        else:
            rest[name] = value
    if rest:
        yield f"--cli-input-json {json_word(rest)}"
