"""The page of controls says the same as the files."""

from pathlib import Path

from apigw_vtab.controls.library import all_queries
from apigw_vtab.controls.page import page

PAGE = Path(__file__).parents[2] / "docs" / "controls.md"


def test_the_page_is_current() -> None:
    made = page(all_queries())
    assert PAGE.read_text() == made, "run: python -m apigw_vtab.pages"


def test_each_control_says_what_it_is_why_and_what_to_do() -> None:
    for query in all_queries():
        said = (query.title, query.description, query.rationale, query.remediation, query.severity)
        assert all(said), query.name
        assert query.tags, query.name
