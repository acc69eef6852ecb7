"""Finds saved queries: the shipped ones, the user's own, and those in other folders."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from apigw_vtab.controls.saved_query import SavedQuery, read_query
from apigw_vtab.errors import UsageError, did_you_mean

SUFFIX = ".sql"
# Bytes; the largest shipped query has less than a hundredth of this.
LARGEST = 1_000_000


# Rule sets, recognised by the form of their rule ids.
SUITES = {
    "conformity": re.compile(r"AG-\d+"),
    "securityhub": re.compile(r"APIGateway\.\d+"),
    "aws-config": re.compile(r"api-gw(v2)?-.+"),
    "prowler": re.compile(r"apigateway_.+"),
}


SEVERITIES = ("critical", "high", "medium", "low")


@dataclass(frozen=True)
class Selection:
    """Which saved queries are wanted, by suite, severity and tag; an empty list means any."""

    suites: Sequence[str] = ()
    severities: Sequence[str] = ()
    tags: Sequence[str] = ()

    def admits(self, query: SavedQuery) -> bool:
        """Return whether a query matches one of each."""
        suites = [
            suite
            for suite in self.suites
            if any(SUITES[suite].fullmatch(one) for one in query.references)
        ]
        return (
            bool(suites or not self.suites)
            and (not self.severities or query.severity in self.severities)
            and (not self.tags or not {tag.lower() for tag in self.tags}.isdisjoint(query.tags))
        )

    def choose(self, queries: Sequence[SavedQuery]) -> list[SavedQuery]:
        """Return the queries that are wanted. Raises UsageError if there are none."""
        chosen = [query for query in queries if self.admits(query)]
        if not chosen:
            tags = sorted({tag for query in queries for tag in query.tags})
            words = " and ".join(
                map(", ".join, filter(None, (self.suites, self.severities, self.tags)))
            )
            hints = [did_you_mean(tag, tags) for tag in self.tags if tag.lower() not in tags]
            raise UsageError(
                f"No saved query matches {words}.{''.join(hints)} "
                + (f"The tags are: {', '.join(tags)}." if tags else "None of them has a tag.")
            )
        return chosen

    def choose_named(self, names: Sequence[str], queries: Sequence[SavedQuery]) -> list[SavedQuery]:
        """Return the queries of these names that are wanted.

        Raises UsageError for an unknown name, and for one that this selection leaves nothing of.
        """
        found = find_queries(names, queries)
        dropped = [
            name
            for name in names
            if not any(self.admits(query) for query in find_queries([name], queries))
        ]
        if dropped:
            options = {"--suite": self.suites, "--severity": self.severities, "--tag": self.tags}
            given = " ".join(f"{option} {one}" for option, of in options.items() for one in of)
            raise UsageError(
                f"{given} leaves out {', '.join(dropped)}, which you named: "
                "give the name or the options, not both."
            )
        return self.choose(found)


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
    """Return the folder of the shipped saved queries.

    A wheel has it inside the package; a checkout, even if installed as editable, beside it.
    """
    package = Path(__file__).parents[1]
    inside = package / "queries"
    return inside if inside.is_dir() else package.parent / "queries"


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

    A file in a later folder replaces one of the same name; one that cannot be read has a `fault`.
    Raises UsageError for a folder that does not exist.
    """
    found: dict[str, SavedQuery] = {}
    own = user_folder()
    for folder in (shipped_folder(), *([own] if own.is_dir() else []), *folders):
        if not folder.is_dir():
            raise UsageError(f"No folder of saved queries at {folder}.")
        for path in sorted(folder.glob(f"*{SUFFIX}")):
            try:
                _refuse_no_file(path)
                found[path.stem] = read_query_file(path)
            except UsageError as error:
                # It takes nothing from the others.
                found[path.stem] = SavedQuery(path.stem, "", path=str(path), fault=str(error))
    return [found[name] for name in sorted(found)]


def _refuse_no_file(path: Path) -> None:
    """Raise UsageError for what is no file: to open a pipe would wait for whoever writes to it."""
    if not path.is_file():
        what = "not a file" if path.exists() else "a link to nothing"
        raise UsageError(f"Cannot read {path}: it is {what}.")


def find_queries(names: Sequence[str], queries: Sequence[SavedQuery]) -> list[SavedQuery]:
    """Return the queries that have any of the names, each once, in the order of the names.

    Raises UsageError, with the nearest names, for an unknown name, and for a file that cannot be
    read.
    """
    chosen: dict[str, SavedQuery] = {}
    for name in names:
        hits = [query for query in queries if query.answers_to(name)]
        if not hits:
            known = [one for query in queries for one in (query.name, *query.references)]
            raise UsageError(
                f"No saved query {name!r}.{did_you_mean(name, known)} "
                "To list them: apigw-vtab queries"
            )
        for query in hits:
            if query.fault:
                raise UsageError(query.fault)
        chosen |= {query.name: query for query in hits}
    return list(chosen.values())
