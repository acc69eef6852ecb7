"""An organisation's choices: parameters of controls in a YAML file, for --params.

A value by its name is for every control that has a parameter of that name; a map by the name of a
control, or by an id in its header, is for that control alone, and goes before; one by the id of a
rule is for that rule, where it is asked for, and goes before both.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from types import MappingProxyType
from typing import Any

from apigw_vtab.controls.library import why_none
from apigw_vtab.controls.rules import Rule
from apigw_vtab.controls.saved_query import SavedQuery
from apigw_vtab.controls.yaml_files import read_yaml
from apigw_vtab.errors import UsageError, did_you_mean

Value = str | int | float


def read_choices(path: Path) -> Mapping[str, Any]:
    """Read a file of choices. Raises UsageError for one that is not a YAML map."""
    import yaml

    found = read_yaml(path, unique_keys(yaml))
    if found is None:
        return {}
    if not isinstance(found, dict):
        raise UsageError(f"{path}: write names of parameters or controls, each with its value.")
    return {str(name): {} if value is None else value for name, value in found.items()}


def places_in(path: Path) -> dict[str, str]:
    """Return where each name of a valid file of choices is: the file and the line."""
    import yaml

    node = yaml.compose(path.read_text("utf-8-sig"), yaml.SafeLoader)
    found = node.value if isinstance(node, yaml.MappingNode) else []
    return {str(key.value): f"{path}, line {key.start_mark.line + 1}" for key, _ in found}


def unique_keys(yaml: Any) -> Any:
    """Return PyYAML's safe loader, for which a key that comes twice is an error."""

    class UniqueKeys(yaml.SafeLoader):  # type: ignore[misc]
        """Refuses what the last of two equal keys would hide."""

        def construct_mapping(self, node: Any, deep: bool = False) -> Any:
            keys = [self.construct_object(key, deep=True) for key, _ in node.value]
            for place, key in enumerate(keys):
                if key in keys[:place]:
                    mark = node.value[place][0].start_mark
                    raise yaml.constructor.ConstructorError(None, None, f"{key} comes twice", mark)
            return super().construct_mapping(node, deep)

    return UniqueKeys


def with_choices(
    queries: Sequence[SavedQuery],
    choices: Mapping[str, Any],
    known: Sequence[SavedQuery],
    places: Mapping[str, str] = MappingProxyType({}),
) -> list[SavedQuery]:
    """Return queries with the chosen values as their defaults; `known` are all queries there are.

    A query that was asked for as several rules comes once for each set of values that is chosen for
    them. Raises UsageError for a name that is none, for two names of the same rule, and for a value
    that makes no sense, with its place.
    """
    for name, value in choices.items():
        try:
            if isinstance(value, dict):
                _refuse_bad_section(name, value, known)
            else:
                _refuse_unknown_parameter(name, value, known)
                for query in queries:
                    query.values({one: _value(one, value) for one in query.declared if one == name})
        except UsageError as error:
            place = places.get(name)
            raise UsageError(f"{place}: {error}" if place else str(error)) from None
    _refuse_doubled_sections([name for name in choices if isinstance(choices[name], dict)], known)
    return [one for query in queries for one in _with_own(query, choices)]


def _refuse_unknown_parameter(name: str, value: object, known: Sequence[SavedQuery]) -> None:
    """Raise UsageError if no query has a parameter of a name."""
    parameters = sorted({one for query in known for one in query.declared})
    if name not in parameters and any(query.answers_to(name) for query in known):
        own = sorted({one for q in known if q.answers_to(name) for one in q.declared})
        told = _told(value)
        write = f"write {name}: {{{own[0]}: {told}}}" if own else "it has no parameters"
        raise UsageError(f"{name} is the name of a control or rule: {write}.")
    if name not in parameters:
        raise UsageError(f"No control has a parameter {name!r}.{did_you_mean(name, parameters)}")


def _refuse_bad_section(name: str, values: Mapping[Any, Any], known: Sequence[SavedQuery]) -> None:
    """Raise UsageError if a name is no control's and no rule's, or a value is none that it takes.

    All sections are looked at, also those of what is not checked this time.
    """
    owners = [query for query in known if query.answers_to(name)]
    if not owners:
        if any(name in query.declared for query in known):
            raise UsageError(f"{name} is a parameter: write its value after it, as in {name}: 60.")
        raise UsageError(why_none(name, known))
    own = {str(one): _value(f"{name}: {one}", value) for one, value in values.items()}
    parameters = sorted({one for query in owners for one in query.declared})
    for one in own:
        if one not in parameters:
            near = did_you_mean(one, parameters) or f" It has: {', '.join(parameters) or 'none'}."
            raise UsageError(f"{name} has no parameter {one!r}.{near}")
    for query in owners:
        query.values({one: value for one, value in own.items() if one in query.declared})


def _refuse_doubled_sections(sections: Sequence[str], known: Sequence[SavedQuery]) -> None:
    """Raise UsageError for two sections of the same control or rule: which one holds is unclear."""
    for query in known:
        for ids in ((query.name, *query.own_references), *(rule.ids for rule in query.rules)):
            lower = {one.lower() for one in ids}
            if len(twice := [name for name in sections if name.lower() in lower]) > 1:
                words = " and ".join(twice)
                raise UsageError(f"{words} are names of the same thing: keep one of them.")


def _with_own(query: SavedQuery, choices: Mapping[str, Any]) -> list[SavedQuery]:
    """Return a query with the values that are chosen for it: once for each set of them."""
    names = (query.short, *query.own_references)
    sets: dict[tuple[tuple[str, Value], ...], list[Rule]] = {}
    for rule in query.asked_as:
        chosen = _chosen(query, (*names, *rule.ids), choices)
        sets.setdefault(tuple(sorted(chosen.items())), []).append(rule)
    if len(sets) < 2:
        values = dict(*sets) if sets else _chosen(query, names, choices)
        query.values(values)
        return [replace(query, preset={**query.preset, **values})]
    # Their findings have to be told apart, as with values that the rules themselves bring.
    return [
        _named_apart(replace(query, asked_as=tuple(rules)), dict(values))
        for values, rules in sets.items()
    ]


def _named_apart(query: SavedQuery, values: Mapping[str, Value]) -> SavedQuery:
    """Return a query with values, and with a name that says which of them are not its defaults."""
    query.values(values)
    preset = {**query.preset, **values}
    defaults = {name: one.default for name, one in query.declared.items()}
    told = ";".join(
        f"{one}={preset[one]}" for one in sorted(preset) if preset[one] != defaults[one]
    )
    return replace(query, name=f"{query.short}:{told}" if told else query.short, preset=preset)


def _chosen(
    query: SavedQuery, called: Sequence[str], choices: Mapping[str, Any]
) -> dict[str, Value]:
    """Return the values for a query by any of some names, of which the last goes before."""
    found = {name: value for name, value in choices.items() if not isinstance(value, dict)}
    # A rule's own section goes before that of the control which answers it, wherever it stands.
    for one in called:
        for name, values in choices.items():
            if isinstance(values, dict) and name.lower() == one.lower():
                found |= {str(key): value for key, value in values.items()}
    # Of a rule that two controls answer, each takes the parameters that it has.
    return {name: _value(name, found[name]) for name in found if name in query.declared}


def _value(name: str, value: object) -> Value:
    """Return a value as --param would have it: a list with commas. Raises UsageError."""
    if isinstance(value, list) and all(isinstance(one, str | int | float) for one in value):
        return ",".join(map(str, value))
    if isinstance(value, str | int | float) and not isinstance(value, bool):
        return value
    hint = " YAML reads off, no, on and yes as true or false: write such a word in quotes."
    raise UsageError(
        f"{name}: {_told(value)} is not a number, a text or a list of texts."
        + (hint if isinstance(value, bool) else "")
    )


def _told(value: object) -> str:
    """Return a value as it may stand in YAML, also one that holds itself or has a day for a key."""
    try:
        return json.dumps(value, default=str, ensure_ascii=False)  # null and true, as in YAML
    except (TypeError, ValueError, RecursionError):
        return str(value)
