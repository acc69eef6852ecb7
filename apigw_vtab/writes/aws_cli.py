"""A change as the AWS CLI command that would do the same, ready to paste into any shell.

Only plain words are options. All other values are in `--cli-input-json`, because the CLI reads a
value that begins with `file://` or `http://` from there, and takes one with a dash for an option:
https://docs.aws.amazon.com/cli/latest/userguide/cli-usage-parameters-file.html
"""

from __future__ import annotations

import itertools
from collections.abc import Collection, Iterator, Mapping, Sequence

from apigw_vtab.aws.accounts import Lane
from apigw_vtab.writes.changes import Change, Reference, Resource
from apigw_vtab.writes.shell_word import Variable, is_plain, json_word, option, word

# Where an id to come may stand: the account and region that will give it out, and the column.
Pending = tuple[Lane, Reference]
# Version 2 would show the answer in a pager, which takes the next pasted lines for keystrokes.
NO_PAGER = "AWS_PAGER= "


def commands(changes: Sequence[Change], earlier: Collection[Pending] = ()) -> list[str]:
    """Return one line for each change, in their order.

    What AWS answers to a change that others rest on is in a variable: the id that it gave out, the
    name of what was changed, or a word of ours where it answers with neither. A line that rests on
    others does nothing while one of theirs is empty. `earlier` are the ids of changes whose
    commands were written before, as `ids_to_come` returns them. Raises UsageError for a profile or
    an endpoint that cannot be pasted.
    """
    pending = {*earlier, *ids_to_come(changes)}
    used = [_used(change, pending) for change in changes]
    waits = _waits(changes, used)
    rested_on = {
        (one.lane, name) for one, names in zip(changes, waits, strict=True) for name in names
    }
    return [
        _line(change, ids, names, (change.lane, _variable(change)) in rested_on)
        for change, ids, names in zip(changes, used, waits, strict=True)
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


def _waits(
    changes: Sequence[Change], used: Sequence[Mapping[Reference, Variable]]
) -> list[list[Variable]]:
    """Return what each change rests on: ids that it needs, and changes of the same resource.

    A resource that others name is deleted only if those before it no longer do. What these rest
    on is among them, because a line that does nothing leaves its variable as an earlier paste may
    have set it.
    """
    waits: list[list[Variable]] = []
    of_resource: dict[tuple[Lane, Resource], list[Variable]] = {}
    of_id: dict[tuple[Lane, Variable], list[Variable]] = {}
    of_release: dict[tuple[Lane, Reference], list[Variable]] = {}
    for change, ids in zip(changes, used, strict=True):
        places = [(change.lane, resource) for resource in change.resources]
        before = [of_id.get((change.lane, one), [one]) for one in ids.values()]
        before += [of_resource.get(place, []) for place in places]
        if change.write.used_by:
            before += [of_release.get((change.lane, one), []) for one in change.key.items()]
        mine = list(dict.fromkeys(itertools.chain.from_iterable(before)))
        waits.append(mine)
        after = [*mine, _variable(change)]
        of_resource |= dict.fromkeys(places, after)
        of_id[change.lane, _variable(change)] = after
        if change.is_update:
            for one in change.old.items():
                of_release.setdefault((change.lane, one), []).extend(after)
    return waits


def _variable(change: Change) -> Variable:
    return Variable(change.placeholder or f"$changed_{change.number}")


def _line(
    change: Change, ids: Mapping[Reference, str], waits: Sequence[Variable], rested_on: bool
) -> str:
    parts = [_is_set(variable) for variable in waits]
    command = " ".join(_words(change.with_ids(ids)))
    guards = list(_of_its_account(change.lane))
    # What is made and not put to use yet will be: its id is kept, too.
    if rested_on or (change.placeholder and len(list(change.resources)) == 1):
        variable = _variable(change)
        # The guards are inside, so that whatever stands before the line decides about all of it.
        made = " && ".join((*guards, f"{command} {_telling(change)}"))
        parts += [f'export {variable.name}="$({made})"', _is_set(variable)]
    else:
        parts += [*guards, f"{NO_PAGER}{command}"]
    return " && ".join(parts)


def _of_its_account(lane: Lane) -> Iterator[str]:
    """Yield what keeps a command from any other account, where no profile leads to its own."""
    account = lane.account
    if account.keys_of:
        told = f"With the keys of {account.keys_of}, and otherwise not at all"
        yield f": {word(told)}"
        asked = "aws sts get-caller-identity --query Account --output text"
        if endpoint_url := account.own_endpoint("sts"):
            asked += f" {option('endpoint-url', endpoint_url)}"
        yield f'test "$({asked})" = {account.id}'


def _is_set(variable: Variable) -> str:
    return f'test -n "{variable}"'


def _telling(change: Change) -> str:
    """Return what makes a command print a word if it succeeds, and nothing otherwise.

    It is the member of AWS's answer that names what was made or changed, if there is one.
    """
    table = change.table
    if table.key and change.write in (table.insert, table.update):
        member = table.columns[table.index[table.key[-1]]].member
        return f"--query {member} --output text"
    return "--output text && echo done"


def _words(change: Change) -> Iterator[str]:
    from botocore import xform_name

    write, account, region = change.write, change.lane.account, change.lane.region
    yield f"aws {write.service} {xform_name(write.name, '-')}"
    if account.cli_profile is not None:
        yield option("profile", account.cli_profile)
    yield option("region", region)
    if endpoint_url := account.own_endpoint(write.service):
        yield option("endpoint-url", endpoint_url)
    rest = {}
    for name, value in change.parameters.items():
        if isinstance(value, str) and is_plain(value):
            yield option(xform_name(name, "-"), value)
        else:
            rest[name] = value
    if rest:
        yield f"--cli-input-json {json_word(rest)}"
