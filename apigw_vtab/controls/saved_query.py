"""Finds and reads saved queries: .sql files with a header of `-- key: value` lines.

Plain SQL to SQLite, which sees comments; a title, a severity and so on to us. A header line
that is indented by more than one space goes on with the line before it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from apigw_vtab.aws.failures import UsageError, did_you_mean
from apigw_vtab.tables.declaration import SqlValue

SUFFIX = ".sql"
_HEADER = re.compile(r"-- ([a-z][a-z_-]*):(?:\s+(.*))?")
_CONTINUED = re.compile(r"--\s{2,}(\S.*)")


# Whose rules they are, by the ids that they have there.
SUITES = {
    "conformity": re.compile(r"AG-\d+"),
    "securityhub": re.compile(r"APIGateway\.\d+"),
    "aws-config": re.compile(r"api-gw(v2)?-.+"),
    "prowler": re.compile(r"apigateway_.+"),
}
SEVERITIES = ("critical", "high", "medium", "low")


@dataclass(frozen=True)
class Selection:
    """Which saved queries are wanted: of these suites, severities and tags; all where empty."""

    suites: Sequence[str] = ()
    severities: Sequence[str] = ()
    tags: Sequence[str] = ()

    def admits(self, query: SavedQuery) -> bool:
        """Tell whether a query is of one of each."""
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
        """Give the queries that are wanted. Raises UsageError when there is none."""
        chosen = [query for query in queries if self.admits(query)]
        if not chosen:
            tags = sorted({tag for query in queries for tag in query.tags})
            words = " and ".join(
                map(", ".join, filter(None, (self.suites, self.severities, self.tags)))
            )
            hints = [did_you_mean(tag, tags) for tag in self.tags if tag.lower() not in tags]
            raise UsageError(
                f"No saved query of {words}.{''.join(hints)} "
                + (f"Tags are: {', '.join(tags)}." if tags else "None has a tag.")
            )
        return chosen


@dataclass(frozen=True)
class SavedQuery:
    """A saved query: its name, its SQL with the header, and what the header says."""

    name: str
    sql: str
    header: Mapping[str, str] = field(default_factory=dict)

    @property
    def title(self) -> str:
        """What the query is for, in one line."""
        return self.header.get("title", "")

    @property
    def severity(self) -> str:
        """How bad an alarm is: low, medium, high or critical; empty for what is no control."""
        return self.header.get("severity", "").lower()

    @property
    def description(self) -> str:
        """What the query looks at, and what its answer means."""
        return self.header.get("description", "")

    @property
    def rationale(self) -> str:
        """Why it matters."""
        return self.header.get("rationale", "")

    @property
    def remediation(self) -> str:
        """What to do about an alarm, in words; rows have the commands."""
        return self.header.get("remediation", "")

    @property
    def tags(self) -> tuple[str, ...]:
        """What it can be chosen by, such as logging or encryption."""
        return tuple(split_list(self.header.get("tags", "")))

    @property
    def references(self) -> tuple[str, ...]:
        """The ids that the same rule has elsewhere."""
        return tuple(split_list(self.header.get("references", "")))

    @property
    def parameters(self) -> dict[str, SqlValue]:
        """The parameters that have a default, with it."""
        return read_parameters(split_list(self.header.get("params", "")))

    def answers_to(self, name: str) -> bool:
        """Tell whether this is its name or one of its rule ids, whatever the case."""
        return name.lower() in {self.name.lower(), *(one.lower() for one in self.references)}


def read(name: str, text: str) -> SavedQuery:
    """Read a saved query from its text. Raises UsageError for what can be no SQL."""
    check_text(name, text)
    header: dict[str, str] = {}
    key = ""
    for line in text.lstrip("\ufeff").splitlines():
        if found := _HEADER.fullmatch(line.rstrip()):
            key = found[1]
            header[key] = (found[2] or "").strip()
        elif key and (more := _CONTINUED.fullmatch(line.rstrip())):
            header[key] = f"{header[key]} {more[1]}".strip()
        elif line.startswith("--"):
            key = ""
        elif line.strip() or header:
            break
    return SavedQuery(name, text, header)


def check_text(name: str, text: str) -> None:
    """Raise UsageError for a text that SQLite cannot take: one with a NUL, or of broken bytes."""
    for number, line in enumerate(text.split("\n"), 1):
        if "\0" in line:
            raise UsageError(f"Line {number} of {name} has a NUL character: take it out.")
        if any("\ud800" <= character <= "\udfff" for character in line):
            raise UsageError(f"Line {number} of {name} is no UTF-8 text.")


def read_file(path: Path) -> SavedQuery:
    """Read a saved query from a file. Raises UsageError when it cannot be read."""
    try:
        return read(path.stem, path.read_text("utf-8-sig"))
    except OSError as error:
        raise UsageError(f"Cannot read {path}: {error.strerror}.") from None
    except UnicodeDecodeError:
        raise UsageError(f"Cannot read {path}: it is no UTF-8 text.") from None


def shipped_folder() -> Path:
    """Give the folder of our own saved queries.

    In a wheel it lies inside the package; in a checkout, also an editable one, beside it.
    """
    package = Path(__file__).parents[1]
    inside = package / "queries"
    return inside if inside.is_dir() else package.parent / "queries"


def user_folder() -> Path:
    """Give the folder of the user's own saved queries, which need not be there."""
    import platformdirs

    return platformdirs.user_config_path("apigw-vtab") / "queries"


def save(folder: Path, name: str, sql: str) -> Path:
    """Keep SQL as a saved query. Raises UsageError for a bad name, and for one that is taken."""
    if not re.fullmatch(r"[a-z0-9][a-z0-9_-]*", name):
        raise UsageError(f"{name!r} is no name: use small letters, digits and hyphens.")
    path = folder / f"{name}{SUFFIX}"
    if path.exists():
        raise UsageError(f"There is a {path} already: choose another name, or edit it.")
    try:
        folder.mkdir(parents=True, exist_ok=True)
        path.write_text(f"-- title: {name}\n\n{sql.rstrip()}\n", "utf-8")
    except OSError as error:
        raise UsageError(f"Cannot write {path}: {error.strerror}.") from None
    return path


def find_all(folders: Iterable[Path] = ()) -> list[SavedQuery]:
    """Give all saved queries by name: those that we ship, the user's own, those of folders.

    A file in a later folder takes the place of one of the same name. Raises UsageError for a
    folder that is not there.
    """
    found: dict[str, SavedQuery] = {}
    own = user_folder()
    for folder in (shipped_folder(), *([own] if own.is_dir() else []), *folders):
        if not folder.is_dir():
            raise UsageError(f"No folder of saved queries at {folder}.")
        for path in sorted(folder.glob(f"*{SUFFIX}")):
            found[path.stem] = read_file(path)
    return [found[name] for name in sorted(found)]


def find(names: Sequence[str], queries: Sequence[SavedQuery]) -> list[SavedQuery]:
    """Give the queries that answer to any of the names, each once, in the order of the names.

    Raises UsageError, with the nearest names, for a name that nothing answers to.
    """
    chosen: dict[str, SavedQuery] = {}
    for name in names:
        hits = [query for query in queries if query.answers_to(name)]
        if not hits:
            known = [one for query in queries for one in (query.name, *query.references)]
            raise UsageError(
                f"No saved query {name!r}.{did_you_mean(name, known)} "
                "All of them: apigw-vtab queries"
            )
        chosen |= {query.name: query for query in hits}
    return list(chosen.values())


def split_list(text: str) -> list[str]:
    """Split a header's value at its commas."""
    return [part.strip() for part in text.split(",") if part.strip()]


def read_parameters(given: Iterable[str]) -> dict[str, SqlValue]:
    """Read `name=value` texts; a value that is a number in its plainest form is one.

    Raises UsageError for anything else.
    """
    values: dict[str, SqlValue] = {}
    for text in given:
        name, equals, value = text.partition("=")
        name = name.strip().lstrip(":$@")
        if not equals or not name.isidentifier():
            raise UsageError(f"{text!r} is no parameter: write NAME=VALUE, such as days=30.")
        values[name] = _plainest(value.strip())
    return values


def _plainest(text: str) -> SqlValue:
    if re.fullmatch(r"0|-?[1-9]\d{0,17}", text):
        return int(text)
    if re.fullmatch(r"-?(0|[1-9]\d*)\.\d+", text):
        return float(text)
    return text
