"""Finds saved queries: the shipped ones, the user's own, and those in other folders."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path

from apigw_vtab.controls.frameworks import shipped_frameworks
from apigw_vtab.controls.rules import Rule, each_once, shipped_rules
from apigw_vtab.controls.saved_query import SavedQuery, as_control, read_query
from apigw_vtab.controls.suites import SUITES
from apigw_vtab.errors import UsageError, did_you_mean
from apigw_vtab.tables.values import SqlValue
from apigw_vtab.tables.views import QUERIES

SUFFIX = ".sql"
# What a control is selected by, in its header.
SELECTED_BY = ("severity", "tags", "references")
# Bytes; the largest shipped query has less than a hundredth of this.
LARGEST = 1_000_000


def as_asked(query: SavedQuery, rules: Iterable[Rule]) -> list[SavedQuery]:
    """Return a query as rules ask for it: once for each set of parameters among them."""
    sets: dict[tuple[tuple[str, SqlValue], ...], list[Rule]] = {}
    for rule in rules:
        sets.setdefault(tuple(sorted(rule.parameters.items())), []).append(rule)
    return [query.as_rules(one) for one in sets.values()]


def read_query_file(path: Path) -> SavedQuery:
    """Read a saved query from a file. Raises UsageError when it cannot be read."""
    try:
        with path.open("rb") as file:
            data = file.read(LARGEST + 1)
        if len(data) > LARGEST:
            raise UsageError(f"Cannot read {path}: it has more than {LARGEST:,} bytes.")
        return read_query(path.stem, data.decode("utf-8-sig"), str(path))
    except OSError as error:
        raise UsageError(f"Cannot read {path}: {error.strerror}.") from None
    except UnicodeDecodeError:
        raise UsageError(f"Cannot read {path}: it is not UTF-8 text.") from None


def shipped_folder() -> Path:
    """Return the folder of the shipped saved queries."""
    return QUERIES


def user_folder() -> Path:
    """Return the folder of the user's own saved queries, which need not exist."""
    import platformdirs

    return platformdirs.user_config_path("apigw-vtab") / "queries"


def save_query(folder: Path, name: str, sql: str) -> Path:
    """Save SQL as a saved query. Raises UsageError for a bad name, or one that is taken."""
    if not re.fullmatch(r"[a-z0-9][a-z0-9_-]*", name):
        raise UsageError(f"{name!r} is not a name: use lower-case letters, digits and hyphens.")
    path = folder / f"{name}{SUFFIX}"
    if path.exists():
        raise UsageError(f"{path} already exists: choose another name, or edit it.")
    try:
        folder.mkdir(parents=True, exist_ok=True)
        path.write_text(f"-- title: {name}\n\n{sql.rstrip()}\n", "utf-8")
    except OSError as error:
        raise UsageError(f"Cannot write {path}: {error.strerror}.") from None
    return path


def all_queries(folders: Iterable[Path] = ()) -> list[SavedQuery]:
    """Return all saved queries, sorted by name: the shipped ones, the user's own, those of folders.

    A file in a later folder replaces one of the same name, and what selects a control then selects
    it. One that cannot be read has a `fault`, and so has a control with something wrong in its
    header. Raises UsageError for a folder that does not exist.
    """
    found: dict[str, SavedQuery] = {}
    own = user_folder()
    for folder in (shipped_folder(), *([own] if own.is_dir() else []), *folders):
        if not folder.is_dir():
            raise UsageError(f"No folder of saved queries at {folder}.")
        for path in sorted(folder.glob(f"*{SUFFIX}")):
            try:
                _refuse_no_file(path)
                query = read_query_file(path)
            except UsageError as error:
                # It takes nothing from the others.
                query = SavedQuery(path.stem, "", path=str(path), fault=str(error))
            query = _in_place_of(found.get(path.stem), query)
            found[path.stem] = as_control(query) if "severity" in query.header else query
    rules = shipped_rules(shipped_folder())
    _refuse_shared_ids(found, rules)
    return [
        replace(found[name], rules=tuple(rule for rule in rules if rule.control == name))
        for name in sorted(found)
    ]


def _in_place_of(before: SavedQuery | None, query: SavedQuery) -> SavedQuery:
    """Return a query that replaces another: a control's place is found as the control was."""
    if before is None or not before.severity:
        return query
    kept = {name: before.header[name] for name in SELECTED_BY if name in before.header}
    return replace(query, header={**kept, **query.header}, replaces=before.path)


def _refuse_shared_ids(found: dict[str, SavedQuery], rules: Iterable[Rule]) -> None:
    """Give a fault to each query whose name or header claims an id that is taken already.

    What is taken are names, the ids of rules, and those in the headers of controls. A rule that
    several controls answer has a line for each of them in the table of rules; a control in the
    place of one of them may name it.
    """
    of_rules: dict[str, str] = {}
    answering: dict[str, set[str]] = {}
    for rule in rules:
        for one in rule.ids:
            of_rules[one.lower()] = f"a rule of {rule.suite}"
            answering.setdefault(one.lower(), set()).add(rule.control)
    names = {name.lower(): query for name, query in found.items()}
    claimed: dict[str, SavedQuery] = {}
    for name, query in found.items():
        if query.fault:
            continue
        if taken := of_rules.get(name.lower()):
            words = f"{name} is the id of {taken}, and so no name: rename the file."
            found[name] = replace(query, fault=f"{query.path}, line 1: {words}")
            continue
        for one in query.own_references if query.severity else ():
            id_ = one.lower()
            named, other = names.get(id_, query), claimed.setdefault(id_, query)
            taken = "" if name in answering.get(id_, ()) else of_rules.get(id_, "")
            if named is not query:
                taken = f"the name of {named.path}"
            elif other is not query:
                taken = f"an id of {place_in(other, one)}"
            if taken:
                words = f"{one} is {taken} already: take it from one of them."
                if taken == of_rules.get(id_):
                    words = f"{one} is the id of {taken}: give yours an id of its own."
                found[name] = replace(query, fault=f"{place_in(query, one)}: {words}")
                break


def place_in(query: SavedQuery, word: str) -> str:
    """Return the file of a query, and the line in which a word first is."""
    lines = query.sql.lower().splitlines()
    number = next((n for n, line in enumerate(lines, 1) if word.lower() in line), 1)
    return f"{query.path or query.name}, line {number}"


def _refuse_no_file(path: Path) -> None:
    """Raise UsageError for what is no file: to open a pipe would wait for whoever writes to it."""
    if not path.is_file():
        what = "not a file" if path.exists() else "a link to nothing"
        raise UsageError(f"Cannot read {path}: it is {what}.")


def find_queries(names: Sequence[str], queries: Sequence[SavedQuery]) -> list[SavedQuery]:
    """Return the queries that have any of the names, each once, in the order of the names.

    A query that is found by the id of a rule comes with that rule's parameters and severity. Raises
    UsageError, with the nearest names, for an unknown name, for a rule that is not evaluated, and
    for a file that cannot be read.
    """
    chosen: dict[str, SavedQuery] = {}
    for name in names:
        hits = [one for query in queries for one in _called(query, name)]
        if not hits:
            raise UsageError(why_none(name, queries))
        for query in hits:
            if query.fault:
                raise UsageError(query.fault)
            before = chosen.get(query.name, query)
            asked = each_once((*before.asked_as, *query.asked_as))
            chosen[query.name] = replace(query, asked_as=asked)
    return list(chosen.values())


def not_answered(names: Sequence[str], queries: Sequence[SavedQuery]) -> tuple[Rule, ...]:
    """Return the rules among some names that no control answers."""
    rules = shipped_rules(shipped_folder())
    none = [name for name in names if not any(_called(query, name) for query in queries)]
    called = (rule.asked_by(name) for name in none for rule in rules if rule.is_called(name))
    return each_once(called)


def _called(query: SavedQuery, name: str) -> list[SavedQuery]:
    """Return a query as a name asks for it, or nothing if it is neither its name nor a rule's."""
    if query.name.lower() == name.lower():
        return [query]
    if rules := [rule.asked_by(name) for rule in query.rules if rule.is_called(name)]:
        return as_asked(query, rules)
    return [query] if query.answers_to(name) else []


def why_none(name: str, queries: Sequence[SavedQuery]) -> str:
    """Return why no query answers to a name, and what to do next."""
    rules = [rule for rule in shipped_rules(shipped_folder()) if rule.is_called(name)]
    if rules and not rules[0].control:
        return f"{rules[0].asked_by(name).why_not} Its page: {rules[0].page}"
    if name.lower() in SUITES:
        return f"{name!r} is a suite, and not a control: --suite {name.lower()}."
    if name.lower() in {one.name for one in shipped_frameworks(shipped_folder())}:
        return f"{name!r} is a framework, and not a control: --framework {name.lower()}."
    known = [one for query in queries for one in (query.name, *query.references)]
    return f"No saved query {name!r}.{did_you_mean(name, known)} To list them: apigw-vtab queries"
