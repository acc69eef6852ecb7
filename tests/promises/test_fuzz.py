"""Random input from outside: it is read, or it is an error in words, and nothing worse."""

from __future__ import annotations

import contextlib
import csv
import io
import json
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from apigw_vtab import UsageError
from apigw_vtab.aws.regions import region_patterns
from apigw_vtab.controls import baseline
from apigw_vtab.controls.library import read_query_file
from apigw_vtab.controls.parameters import read_parameters
from apigw_vtab.errors import ApigwVtabError
from apigw_vtab.output.files import whole_file
from apigw_vtab.output.formats import FORMATS
from apigw_vtab.output.style import Style
from apigw_vtab.output.terminal import harmless
from apigw_vtab.shell.display import line as expanded
from apigw_vtab.shell.pieces import is_whole
from apigw_vtab.shell.sql_completion import Catalogue, suggest
from apigw_vtab.sqlite.returning import split
from apigw_vtab.sqlite.tokens import tokens
from apigw_vtab.tables.columns import Column
from apigw_vtab.tables.registry import TABLES
from apigw_vtab.tables.values import SqlValue

EXAMPLES = 200
CONTROLS = {"\x1b", "\x9b", "\x00", "\r", "\u202e", "\u2028"}

pytestmark = pytest.mark.promise(
    "Files, patterns, parameters, names and answers of any bytes are read or refused in words",
    found=(
        "A baseline nested too deeply caused a traceback; a column's name could control the "
        "terminal; a NUL in a statement ended the shell; a wide character in a column one "
        "character wide caused an endless loop."
    ),
)

texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=60) | st.sampled_from(
    ["", "-- title:", "-- params: a=1, b", "-- references: AG-006", "eu-*", "a=1", ":a=", "\ufeff"]
)
values: st.SearchStrategy[SqlValue] = (
    st.none()
    | st.integers(-(2**63), 2**63 - 1)
    | texts
    | st.binary(max_size=20)
    | st.floats(allow_nan=False)
)
documents = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=20),
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4)
    ),
    max_leaves=12,
)


@pytest.fixture
def fuzz(many: int, proof: Callable[..., None]) -> Callable[..., None]:
    """Run a function over random arguments, and count them."""

    def run(function: Callable[..., None], *strategies: Any) -> None:
        made = 0

        @settings(
            max_examples=EXAMPLES * many,
            deadline=None,
            database=None,
            derandomize=many == 1,
            suppress_health_check=list(HealthCheck),
        )
        @given(st.tuples(*strategies))
        def every(arguments: tuple[Any, ...]) -> None:
            nonlocal made
            made += 1
            function(*arguments)

        every()
        proof(cases=made)

    return run


def test_a_saved_query_of_any_bytes(fuzz: Callable[..., None], tmp_path: Path) -> None:
    path = tmp_path / "any.sql"

    def read(content: bytes) -> None:
        path.write_bytes(content)
        with contextlib.suppress(UsageError):
            query = read_query_file(path)
            assert (query.title, query.tags, query.severity) is not None
            query.answers_to("AG-006")
            assert isinstance(query.parameters, dict)

    header = st.lists(texts, max_size=6).map(lambda lines: "\n".join(lines).encode())
    fuzz(read, st.binary(max_size=200) | header)


def test_region_patterns_of_any_text(fuzz: Callable[..., None]) -> None:
    def read(given_texts: list[str]) -> None:
        with contextlib.suppress(UsageError):
            for pattern in region_patterns(given_texts):
                assert pattern
                assert pattern == pattern.strip().lower()

    fuzz(read, st.lists(texts | st.text("eu-west1*?, ", max_size=20), max_size=4))


def test_parameters_of_any_text(fuzz: Callable[..., None]) -> None:
    def read(given_texts: list[str]) -> None:
        with contextlib.suppress(UsageError):
            for name, value in read_parameters(given_texts).items():
                assert name.isidentifier()
                assert isinstance(value, (int, float, str))

    fuzz(read, st.lists(texts | st.text("ab:$@=1.-", max_size=12), max_size=4))


def test_a_baseline_of_any_content(fuzz: Callable[..., None], tmp_path: Path) -> None:
    path = tmp_path / "accepted.json"

    def read(content: bytes) -> None:
        path.write_bytes(content)
        with contextlib.suppress(UsageError):
            baseline.read(path)

    entries = documents.map(lambda document: json.dumps({"accepted": [document]}).encode())
    deep = st.just(b'{"accepted":' + b"[" * 100_000)
    fuzz(read, st.binary(max_size=100) | entries | deep)


@pytest.mark.parametrize("form", FORMATS)
def test_rows_of_any_values_in_every_format(fuzz: Callable[..., None], form: str) -> None:
    def write(columns: list[str], rows: list[list[Any]], width: int | None) -> None:
        wide = [row[: len(columns)] + [None] * (len(columns) - len(row)) for row in rows]
        text = "".join(FORMATS[form](columns, wide, Style(width=width)))
        if form == "csv":
            assert len(list(csv.reader(io.StringIO(text.replace("\x00", ""))))) == 1 + len(wide)
            return
        assert not CONTROLS & set(text)
        if form == "json":
            assert len(json.loads(text)) == len(wide)
        elif form == "jsonl":
            assert [len(json.loads(one)) for one in text.split("\n")[:-1]] == [len(columns)] * len(
                wide
            )
        elif form == "markdown":
            assert text.count("\n") == 2 + len(wide)

    fuzz(
        write,
        st.lists(texts.filter(bool), min_size=1, max_size=4),
        st.lists(st.lists(values, max_size=4), max_size=4),
        st.none() | st.integers(1, 120),
    )


def test_expanded_rows_of_any_values(fuzz: Callable[..., None]) -> None:
    def write(row: list[Any], pretty: bool) -> None:
        lines = "".join(expanded([f"c{n}" for n in range(len(row))], [row], pretty))
        assert not CONTROLS & set(lines)

    json_texts = documents.map(json.dumps) | st.just("[" * 5_000)
    fuzz(write, st.lists(values | json_texts, max_size=4), st.booleans())


def test_what_is_typed_into_the_shell(fuzz: Callable[..., None]) -> None:
    known = Catalogue(
        tables={"stages": ""},
        columns={"stages": {"region": ""}},
        keywords=("select",),
        commands={"run": "", "watch": ""},
        arguments={"run": ("QUERY",)},
        regions=("eu-west-1",),
    )

    def type_in(before: str, after: str) -> None:
        assert is_whole(before) in (True, False)
        assert all(one.length <= len(before) for one in suggest(before, after, known))
        text = before + after
        assert all(text[one.start : one.end] == one.text for one in tokens(text))
        split(text)

    sql = st.text("select from stages s. ,;()'\"`-/*\n.region=", max_size=40)
    fuzz(type_in, texts | sql, texts | sql)


# The first column of each kind: what becomes of a member depends on nothing else.
OF_EACH_KIND = {
    column.convert: column
    for table in reversed(TABLES)
    for column in reversed(table.columns)
    if column.member
}


@pytest.mark.parametrize("column", OF_EACH_KIND.values(), ids=lambda column: column.name)
def test_cells_of_any_answer(fuzz: Callable[..., None], column: Column) -> None:
    def read(items: list[dict[str, Any]]) -> None:
        with contextlib.suppress(ApigwVtabError):
            cells = column.cells(items)
            assert len(cells) == len(items)
            assert all(one is None or type(one) in (int, float, str, bytes) for one in cells)
            assert not any(type(one) is int and not -(2**63) <= one < 2**63 for one in cells)
            for one in cells:
                if isinstance(one, str):
                    one.encode()

    given = documents.map(lambda document: {column.member: document})
    item: st.SearchStrategy[dict[str, Any]] = st.just({}) | given
    fuzz(read, st.lists(item, max_size=6))


@example("a\ud800b")
@given(st.text(max_size=30))
def test_a_text_is_made_harmless(text: str) -> None:
    assert not CONTROLS & set(harmless(text))


def test_files_are_written_and_read_again(fuzz: Callable[..., None]) -> None:
    def write(rows: list[list[Any]]) -> None:
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "rows.csv"
            with whole_file(path) as file:
                file.writelines(FORMATS["csv"](["a", "b"], rows, Style(raw=True)))
            read = list(csv.reader(io.StringIO(path.read_bytes().decode(), newline="")))
            expected = [["" if one is None else str(one) for one in row] for row in rows]
            assert read[1:] == expected

    plain = st.none() | st.integers() | texts.filter(lambda text: "\x00" not in text)
    fuzz(write, st.lists(st.lists(plain, min_size=2, max_size=2), max_size=4))
