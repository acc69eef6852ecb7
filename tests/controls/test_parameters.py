"""Parameters of saved queries: types and ranges in the header, checked wherever they are set."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from apigw_vtab.cli.main import main
from apigw_vtab.controls.library import all_queries
from apigw_vtab.controls.parameters import declared_parameters
from apigw_vtab.controls.saved_query import SavedQuery, as_control, read_query
from apigw_vtab.errors import UsageError
from tests.conftest import REGIONS
from tests.control_plane import Plane

WITH_PARAMETERS = [query for query in all_queries() if query.parameters]


def query(params: str) -> SavedQuery:
    return SavedQuery("mine", "select :days", {"params": params})


# The header


@pytest.mark.parametrize(
    ("params", "wanted"),
    [
        ("days=30 [0..365]", "a whole number from 0 to 365"),
        ("days=30[ 0..365 ]", "a whole number from 0 to 365"),
        ("days=-5 [-10..-1]", "a whole number from -10 to -1"),
        ("days=0.5 [0.0..1.0]", "a number from 0.0 to 1.0"),
        ("days=ERROR [ERROR|INFO]", "one of ERROR, INFO"),
        (
            "days=ERROR,INFO [ERROR|INFO, ...]",
            "one of ERROR, INFO, or several with commas between them",
        ),
        ("days= [o-*, ...]", "o-*, or several with commas between them"),
        ("days= [A|B, ...]", "one of A, B, or several with commas between them"),
        ("days= [ A| B , ...]", "one of A, B, or several with commas between them"),
        ("days= [*, ...]", "any text, or several with commas between them"),
        ("days= [arn:**, ...]", "arn:*, or several with commas between them"),
        ("days= [*!aws:**, ...]", "any text but aws:*, or several with commas between them"),
        ("days=30", "a whole number from -100000 to 100000"),
        ("days=shop", "text"),
        (
            "days= [arn:*:{region}:a|arn:*:{region}:b]",
            "an ARN of the form arn:*:{region}:a or arn:*:{region}:b",
        ),
    ],
)
def test_a_header_says_what_a_parameter_takes(params: str, wanted: str) -> None:
    assert declared_parameters(params)["days"].wanted == wanted


def test_commas_in_a_range_part_no_parameters() -> None:
    declared = declared_parameters(
        "organizations= [o-*, ...], days=30 [0..365], level=A [A|B], types=A,B [A|B, ...], keys="
    )
    assert [(one.name, one.default) for one in declared.values()] == [
        ("organizations", ""),
        ("days", 30),
        ("level", "A"),
        ("types", "A,B"),
        ("keys", ""),
    ]


FORM = declared_parameters("arn= [arn:{partition}:logs:{region}:{account_id}:log-group:*]")["arn"]


@pytest.mark.parametrize(
    ("region", "account_id", "value"),
    [
        ("eu-west-1", "111122223333", "arn:aws:logs:eu-west-1:111122223333:log-group:/aws/a.b_c#1"),
        ("eu-west-1", "111122223333", "arn:aws:logs:{region}:{account_id}:log-group:{region}:*"),
        ("cn-north-1", "111122223333", "arn:aws-cn:logs:{region}:{account_id}:log-group:x"),
    ],
)
def test_a_form_takes_what_is_of_the_rows_account_and_region(
    region: str, account_id: str, value: str
) -> None:
    assert FORM.admits(value)
    assert FORM.fits(value, account_id, region)
    assert not FORM.fits(value.replace("{account_id}", account_id), "999999999999", region)


@pytest.mark.parametrize(
    "params",
    ["days=30 [many]", "days=30 [1..]", "days=3 [0..9", "days 3]", "days=30, 31", "days=A,B [A|B]"],
)
def test_a_header_that_cannot_be_read_is_an_error_that_shows_how_to_write_it(params: str) -> None:
    with pytest.raises(UsageError, match=r"write (NAME=|\[0\.\.365\])"):
        declared_parameters(params)


@pytest.mark.parametrize("one", WITH_PARAMETERS, ids=lambda one: one.name)
def test_each_default_of_a_shipped_query_is_in_its_own_range(one: SavedQuery) -> None:
    for parameter in one.declared.values():
        assert parameter.bounds or parameter.words or parameter.pattern, "it has no range"
        assert parameter.admits(parameter.default)


# Values


ROLE = "days=arn:aws:iam::{account_id}:role/a [arn:{partition}:iam::{account_id}:role/*]"


@pytest.mark.parametrize(
    ("params", "value", "is_good"),
    [
        *(("days=30 [1..365]", value, True) for value in (1, 30, 365)),
        *(
            ("days=30 [1..365]", value, False)
            for value in (0, -1, 366, 30.0, 10**9, float("nan"), float("inf"), "30", "", None)
        ),
        *(("days=0.5 [0.0..1.0]", value, True) for value in (0, 1, 0.25)),
        *(
            ("days=0.5 [0.0..1.0]", value, False)
            for value in (-0.1, 2, float("nan"), float("inf"), "0.5", "nan", None)
        ),
        *(("days=ERROR [ERROR|INFO]", value, True) for value in ("ERROR", "INFO")),
        *(
            ("days=ERROR [ERROR|INFO]", value, False)
            for value in ("", "OFF", "error", "ERROR|INFO", 1, None)
        ),
        *(
            ("days= [o-*, ...]", value, True)
            for value in ("", "o-abc", "o-abc,o-def", "o-abc , o-def")
        ),
        *(
            ("days= [o-*, ...]", value, False)
            for value in ("abc", "o-", "o-abc,", ",", "o-abc,,o-def", "o-a b", "o-*", 5, None)
        ),
        *(
            ("days=ERROR [ERROR|INFO, ...]", value, True)
            for value in ("ERROR", "INFO,ERROR", "INFO , ERROR")
        ),
        *(
            ("days=ERROR [ERROR|INFO, ...]", value, False)
            for value in ("", "OFF", "ERROR,", "ERROR INFO", 1, None)
        ),
        *(("days= [*, ...]", value, True) for value in ("", "arn:a b/c:d", "a, b")),
        *(("days= [*, ...]", value, False) for value in (",", "a,,b", " ")),
        *(("days= [A|B, ...]", value, True) for value in ("", "A", "A,B", "B, A")),
        *(("days= [A|B, ...]", value, False) for value in ("C", "a", "A|B", "A,", "AB", None)),
        *(("days= [*, ...]", value, True) for value in ("", "*.a.com", "a b, c")),
        *(("days= [arn:**, ...]", value, True) for value in ("", "arn:aws:a::b/c", "arn:a, arn:b")),
        *(("days= [arn:**, ...]", value, False) for value in ("shop", "arn:", "arn:a,shop")),
        *(("days= [*!aws:**, ...]", value, True) for value in ("", "team, cost", "team:aws:x")),
        *(("days= [*!aws:**, ...]", value, False) for value in ("aws:x", "team,AWS:x", "a,")),
        *(("days= [*, ...]", value, False) for value in ("a,", ",")),
        *(("days=a=b [*=*, ...]", value, True) for value in ("team=orders", "a=, b c=d=e")),
        *(
            ("days=a=b [*=*, ...]", value, False)
            for value in ("team", "=x", " =x", "a=b,c", "a=b,")
        ),
        *(("days=0.5 [0.5|118]", value, True) for value in (0.5, 118)),
        *(("days=0.5 [0.5|118]", value, False) for value in (0.7, "", None)),
        *((ROLE, f"arn:aws:iam::{'1' * 12}:role/{name}", True) for name in ("a", "path/a+b=c@d")),
        *((ROLE, f"arn:aws:iam::{'1' * 12}:role/{name}", False) for name in ("", "a b", "a#b")),
        *((ROLE, value, False) for value in ("foo", "arn:aws:iam::1:role/a")),
        ("days=shop", "", True),
    ],
)
def test_a_value_is_taken_if_it_makes_sense(params: str, value: object, is_good: bool) -> None:
    if is_good:
        assert query(params).bound({"days": value})["days"] == value  # type: ignore[dict-item]
    else:
        with pytest.raises(UsageError, match=r"^days=.* is not valid: mine takes "):
            query(params).bound({"days": value})  # type: ignore[dict-item]


def test_a_number_is_a_text_where_one_is_wanted() -> None:
    assert query("days=AWS_IAM").bound({"days": 123456}) == {"days": "123456"}


# Wherever it is set

EXPIRING, LATELY, LOGGING = (
    "client-certificate-expiring",
    "stage-deployed-lately",
    "stage-execution-logging",
)
ACCOUNTS = "rest-api-policy-cross-account"
BAD = [
    *(
        (EXPIRING, f"days={value}", "a whole number from 0 to 36500")
        for value in (
            "-1",
            "1000000000",
            "1e9",
            "NaN",
            "abc",
            "",
            "30d",
            "1,000",
            "30.5",
            "\uff13\uff10",
        )
    ),
    *((LATELY, f"days={value}", "a whole number from 1 to 36500") for value in ("0", "-1", "x")),
    *(
        (LOGGING, f"loggingLevel={value}", "one of ERROR, INFO, or several")
        for value in ("OFF", "", "info", "1", "INFO,", "ERROR,OFF")
    ),
    *((ACCOUNTS, f"organizations={value}", "o-*") for value in ("mine", "o-a b", "o-abcd,")),
    (EXPIRING, "day=30", "days"),
]


def check(name: str, text: str) -> Result:
    return CliRunner().invoke(main, ["check", name, "--param", text])


def query_by_name(name: str, text: str) -> Result:
    return CliRunner().invoke(main, ["query", name, "--param", text])


def run_in_the_shell(name: str, text: str) -> Result:
    return CliRunner().invoke(main, [], input=f'.run {name} "{text}"\n')


def remediate(name: str, text: str) -> Result:
    words = ["remediate", name, "--param", text, "--dry-run", "--region", REGIONS[0]]
    return CliRunner().invoke(main, words)


@pytest.mark.parametrize("command", [check, query_by_name, run_in_the_shell])
@pytest.mark.parametrize(("name", "text", "wanted"), BAD)
def test_a_value_that_makes_no_sense_is_refused_before_a_call(
    plane: Plane, command: Callable[[str, str], Result], name: str, text: str, wanted: str
) -> None:
    result = command(name, text)
    assert result.exit_code == 2
    assert text.partition("=")[0] in result.output
    assert wanted in result.output
    assert plane.calls == []


@pytest.mark.parametrize("text", ["days=-1", "days=1e9", "days=", "days=abc", "day=30"])
def test_remediate_refuses_what_check_refuses(plane: Plane, text: str) -> None:
    result = remediate(EXPIRING, text)
    assert result.exit_code == 2
    assert "days" in result.output
    assert plane.calls == []


@pytest.mark.parametrize("text", ["days= 30 ", " days =30", ":days=30", "days=0"])
def test_white_space_around_a_value_is_no_part_of_it(plane: Plane, text: str) -> None:
    words = ["query", EXPIRING, "--region", REGIONS[0], "--param", text]
    assert CliRunner().invoke(main, words).exit_code == 0


def test_a_parameter_that_the_shell_remembers_is_checked_too(plane: Plane) -> None:
    lines = f".parameter set days 'abc'\n.run {EXPIRING}\n"
    result = CliRunner().invoke(main, [], input=lines)
    assert result.exit_code == 2
    assert "days='abc' is not valid" in result.output
    assert plane.calls == []


def test_a_parameter_that_plain_sql_does_not_have_is_refused(plane: Plane) -> None:
    result = CliRunner().invoke(main, ["query", "select :a", "--param", "a=1", "--param", "b=2"])
    assert result.exit_code == 2
    assert "no parameter 'b'" in result.output


def test_a_control_of_ones_own_has_ranges_too(plane: Plane, tmp_path: Path) -> None:
    (tmp_path / "mine.sql").write_text("-- title: x\n-- params: size=3 [1..5]\nselect :size as a\n")
    words = ["query", "mine", "--queries", str(tmp_path), "--param"]
    assert CliRunner().invoke(main, [*words, "size=5"]).exit_code == 0
    result = CliRunner().invoke(main, [*words, "size=6"])
    assert result.exit_code == 2
    assert "mine takes a whole number from 1 to 5, such as size=3" in result.output


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("days=7 [90..0]", r"write the lower end first, \[0\.\.90\]"),
        ("days=700 [0..90]", "does not take its own default: it takes a whole number from 0 to 90"),
        ("level=FOO [ERROR|INFO]", "it takes one of ERROR, INFO"),
        ("ids=a b [o-*, ...]", "does not take its own default"),
        ("days=x [0..90]", "its default has to be a number"),
        ("days=1, days=2", "days is declared twice"),
    ],
)
def test_a_parameter_that_cannot_be_is_refused(text: str, words: str) -> None:
    with pytest.raises(UsageError, match=words):
        declared_parameters(text)


def test_an_impossible_parameter_is_an_error_with_its_line() -> None:
    wrong = as_control(read_query("c", "-- severity: low\n-- params: days=7 [90..0]\n", "c.sql"))
    assert wrong.fault.startswith("c.sql, line 2: ")
