"""An organisation's choices: parameters of controls in a YAML file, for --params.

A value by its name is for every control that has a parameter of that name; a map by the name of a
control is for that control alone, and goes before; one by the id of a rule is for that rule, where
it is asked for, and goes before both.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

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
    queries: Sequence[SavedQuery], choices: Mapping[str, Any], known: Sequence[SavedQuery]
) -> list[SavedQuery]:
    """Return queries with the chosen values as their defaults; `known` are all queries there are.

    Raises UsageError for a name that is none, and for a value that makes no sense.
    """
    for name in choices:
        _refuse_unknown(name, choices[name], known)
    return [_with_own(query, choices) for query in queries]


def _refuse_unknown(name: str, value: object, known: Sequence[SavedQuery]) -> None:
    """Raise UsageError if a name is neither a parameter's nor a control's, as its value says."""
    if isinstance(value, dict):
        if not any(query.answers_to(name) for query in known):
            names = [one for query in known for one in (query.name, *query.references)]
            raise UsageError(f"No saved query {name!r}.{did_you_mean(name, names)}")
        return
    parameters = sorted({one for query in known for one in query.declared})
    if name not in parameters:
        raise UsageError(f"No control has a parameter {name!r}.{did_you_mean(name, parameters)}")


def _with_own(query: SavedQuery, choices: Mapping[str, Any]) -> SavedQuery:
    """Return a query with the values that are chosen for it."""
    own: dict[str, Value] = {
        name: _value(name, value)
        for name, value in choices.items()
        if not isinstance(value, dict) and name in query.declared
    }
    base = query.short.lower()
    # A rule's own section goes before that of the control which answers it, wherever it stands.
    for called in (base, *(one.lower() for rule in query.asked_as for one in rule.ids)):
        for name, values in choices.items():
            if isinstance(values, dict) and name.lower() == called:
                own |= {str(one): _value(str(one), value) for one, value in values.items()}
    for name in own:
        if name not in query.declared:
            near = did_you_mean(name, list(query.declared))
            raise UsageError(f"{query.name} has no parameter {name!r}.{near}")
    query.values(own)
    return replace(query, preset={**query.preset, **own})


def _value(name: str, value: object) -> Value:
    """Return a value as --param would have it: a list with commas. Raises UsageError."""
    if isinstance(value, list) and all(isinstance(one, str | int | float) for one in value):
        return ",".join(map(str, value))
    if isinstance(value, str | int | float) and not isinstance(value, bool):
        return value
    raise UsageError(f"{name}: {value!r} is not a number, a text or a list of texts.")
