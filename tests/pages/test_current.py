"""The pages say what the declarations and the saved queries say.

AWS's words are compared only with the botocore that they are from, and so are columns that one of
two versions does not have: CI runs with others, too.
"""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

import botocore
import pytest

from apigw_vtab.pages.__main__ import pages
from apigw_vtab.pages.lists import COMMAND, FOLDER
from apigw_vtab.tables.registry import TABLES

ROOT = Path(__file__).parents[2]
COLUMN = re.compile(r"^(\| `\w+` \| [A-Z]+ \| [\w, ]* \|) .*$", re.MULTILINE)
WORDS_FROM = re.compile(r"^The descriptions of the columns are AWS's, from botocore (\S+)\.$", re.M)
PAGE = """| `name` | TEXT | key | A name. |
| `size` | INTEGER |  | A size. |

It is read.
The descriptions of the columns are AWS's, from botocore 1.0.0.
"""


def same(made: str, kept: str) -> bool:
    """Whether two pages say the same, as far as the versions that they are from allow."""
    versions = [WORDS_FROM.findall(text) for text in (made, kept)]
    if versions[0] == versions[1]:
        return made == kept
    columns = [set(COLUMN.findall(text)) for text in (made, kept)]
    both = columns[0] & columns[1]
    names = [{re.findall(r"`\w+`", line)[0] for line in some} for some in columns]
    if len(both) != len(names[0] & names[1]):
        return False
    return _without_words(made, both) == _without_words(kept, both)


def _without_words(text: str, columns: set[str]) -> list[str]:
    lines = COLUMN.sub(r"\1", WORDS_FROM.sub("", text)).splitlines()
    return [line for line in lines if line in columns or not re.match(r"\| `\w+` \| [A-Z]+ ", line)]


@cache
def made() -> dict[Path, str]:
    return pages(ROOT)


def test_no_page_is_out_of_date() -> None:
    old = [
        path.relative_to(ROOT).as_posix()
        for path, text in made().items()
        if not path.exists() or not same(text, path.read_text("utf-8"))
    ]
    assert old == [], f"run: {COMMAND}"


def test_there_is_a_page_for_each_table_and_no_other() -> None:
    names = {path.stem for path in (ROOT / FOLDER).glob("*.md")}
    assert names == {"README", *(table.name for table in TABLES)}


def test_each_page_that_a_page_points_to_is_there() -> None:
    for path, text in made().items():
        targets = re.findall(r"\]\((?!https?:)([^)#]+)", text)
        assert [one for one in targets if not (path.parent / one).exists()] == []


@pytest.mark.parametrize(
    ("old", "new"),
    [("A name.", "The name."), ("| `size` | INTEGER |  | A size. |\n", ""), ("1.0.0", "2.0.0")],
)
def test_under_another_version_words_and_new_columns_may_differ(old: str, new: str) -> None:
    other = PAGE.replace(old, new)
    assert same(PAGE, other) == (new == "2.0.0")
    assert same(PAGE, other.replace("1.0.0", "2.0.0"))


@pytest.mark.parametrize(
    ("old", "new"), [("INTEGER", "TEXT"), ("| key |", "|  |"), ("It is read.", "It is not.")]
)
def test_under_another_version_nothing_else_may_differ(old: str, new: str) -> None:
    assert not same(PAGE, PAGE.replace(old, new).replace("1.0.0", "2.0.0"))


def test_the_pages_name_one_version() -> None:
    versions = {one for text in made().values() for one in WORDS_FROM.findall(text)}
    assert versions == {botocore.__version__}
