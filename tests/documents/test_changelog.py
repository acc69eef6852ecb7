"""CHANGELOG is in order: known headings, versions that descend, fragments of a known kind."""

from __future__ import annotations

import re
from datetime import date
from itertools import pairwise
from pathlib import Path

import apigw_vtab

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "CHANGELOG.md").read_text("utf-8")
SETTINGS = (ROOT / "pyproject.toml").read_text("utf-8").partition("[tool.towncrier]")[2]
FRAGMENTS = ROOT / "docs" / "changes"
TEMPLATE = "template.jinja"
# https://keepachangelog.com/en/1.1.0/#how
KINDS = {"Added", "Changed", "Deprecated", "Removed", "Fixed", "Security"}
UNRELEASED = "Unreleased"
HEADING = re.compile(r"\[(\d+\.\d+\.\d+)\] - (Unreleased|\d{4}-\d\d-\d\d)")


def releases() -> list[tuple[str, str]]:
    """The versions with their days, from the top of the page."""
    found = [HEADING.fullmatch(line) for line in re.findall(r"^## (.*)$", PAGE, re.MULTILINE)]
    assert all(found)
    return [(one[1], one[2]) for one in found if one]


def test_versions_descend_and_the_first_is_the_packages() -> None:
    versions = [version for version, _ in releases()]
    numbers = [tuple(map(int, version.split("."))) for version in versions]
    assert all(later > earlier for later, earlier in pairwise(numbers))
    assert versions[0] == apigw_vtab.__version__


def test_days_are_days_and_descend() -> None:
    days = [date.fromisoformat(day) for _, day in releases() if day != UNRELEASED]
    assert days == sorted(days, reverse=True)


def test_each_release_has_changes_of_known_kinds() -> None:
    for section in re.split(r"^## .*$", PAGE, flags=re.MULTILINE)[1:]:
        kinds = re.findall(r"^### (.*)$", section, re.MULTILINE)
        assert set(kinds) <= KINDS
        assert len(set(kinds)) == len(kinds) > 0
        for changes in re.split(r"^### .*$", section, flags=re.MULTILINE)[1:]:
            assert changes.startswith("\n\n- ")


def test_new_releases_go_where_the_page_says() -> None:
    assert PAGE.count("<!-- releases -->\n\n## [") == 1
    assert r'start_string = "<!-- releases -->\n"' in SETTINGS


def test_each_fragment_has_a_name_and_a_known_kind() -> None:
    """One of an unknown kind would be left out without a word."""
    known = dict(re.findall(r'directory = "(\w+)", name = "(\w+)"', SETTINGS))
    assert {"added", "changed", "fixed", "removed", "security"} == set(known)
    assert set(known.values()) <= KINDS
    paths = [path for path in FRAGMENTS.iterdir() if path.name != TEMPLATE]
    odd = [path.name for path in paths if not re.fullmatch(r"[\w-]+\.(\w+)\.md", path.name)]
    assert odd == []
    assert [path.name for path in paths if path.name.split(".")[1] not in known] == []
    assert [path.name for path in paths if not path.read_text("utf-8").strip()] == []
