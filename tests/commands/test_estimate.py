"""--estimate: what a run would cost, said before it."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest
from click.testing import CliRunner

from apigw_vtab.aws.accounts import Lane
from apigw_vtab.cli.main import main
from apigw_vtab.commands.estimate import duration, table_of, words_of
from apigw_vtab.sqlite.explanation import Explanation, OpenEnded
from apigw_vtab.tables.declaration import Operation, Read
from apigw_vtab.tables.registry import TABLES
from tests.conftest import REGIONS, Connect, operations
from tests.control_plane import Fault, Plane

READS: dict[str, Operation] = {read.name: read for table in TABLES[::-1] for read in table.reads}
COLUMNS = "'a' as resource, 'ok' as status, 'b' as reason, '' as account_id, '' as region"
WORDS = ("--estimate", "--region", ",".join(REGIONS[:2]))


def test_a_query_is_not_run(plane: Plane) -> None:
    result = CliRunner().invoke(main, ["query", "select * from stages", *WORDS])
    assert result.exit_code == 0
    assert "11 calls to make, as far as is known now. About 1 s." in result.stdout
    assert operations(plane) == {"GetCallerIdentity": 1, "GetRestApis": 2}


def test_a_comment_behind_the_last_statement_costs_nothing(plane: Plane) -> None:
    sql = "select * from stages; -- of all APIs"
    result = CliRunner().invoke(main, ["query", sql, *WORDS])
    assert result.exit_code == 0
    assert "11 calls to make, as far as is known now. About 1 s." in result.stdout


def test_a_check_is_not_run(plane: Plane) -> None:
    result = CliRunner().invoke(main, ["check", "AG-006", *WORDS])
    assert result.exit_code == 0
    assert "GetStages" in result.stdout
    assert operations(plane)["GetStages"] == 0


def test_all_controls_read_only_lists_that_lead_to_others(plane: Plane) -> None:
    result = CliRunner().invoke(main, ["check", *WORDS])
    assert result.exit_code == 0
    made = operations(plane)
    assert made.total() < 20
    assert made["GetStages"] == 0


def test_what_writes_has_no_estimate(plane: Plane) -> None:
    sql = "delete from client_certificates"
    result = CliRunner().invoke(main, ["query", sql, "--allow-writes", *WORDS])
    assert (result.exit_code, plane.calls) == (2, [])
    assert "The statement writes: --dry-run" in result.stderr


@pytest.mark.parametrize(
    "words",
    [
        ("check", "AG-006", "--export", "e.csv"),
        ("check", "AG-006", "--where", "nope = 1"),
        ("check", "AG-006", "--resource-tag", "team"),
        ("check", "AG-006", "--baseline", "accepted.json"),
        ("check", "AG-006", "--write-baseline", "accepted.json"),
        ("check", "AG-006", "--output", "csv"),
        ("check", "AG-006", "--fail-on", "never"),
        ("check", "AG-006", "--all"),
        ("check", "AG-006", "--limit", "3"),
        ("check", "CKV_AWS_217", "--no-header"),
        ("query", "select 1", "--export", "e.csv"),
        ("query", "select 1", "--output", "json"),
        ("query", "select 1", "--allow-writes", "--journal", "j.jsonl"),
        ("query", "select 1", "--dry-run"),
    ],
)
def test_an_option_that_makes_no_sense_with_an_estimate_is_refused(
    plane: Plane, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, words: tuple[str, ...]
) -> None:
    monkeypatch.chdir(tmp_path)
    result = CliRunner().invoke(main, [*words, *WORDS])
    (name,) = [word for word in words if word.startswith("--") and word != "--allow-writes"]
    assert result.exit_code == 2
    assert (
        f"--estimate only counts calls: leave out {name}, or leave out --estimate." in result.stderr
    )
    assert not plane.calls
    assert not list(tmp_path.iterdir())


def test_what_the_environment_gives_an_estimate_in_vain_is_told(
    plane: Plane, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("APIGW_VTAB_EXPORT", str(tmp_path / "e.csv"))
    result = CliRunner().invoke(main, ["check", "AG-006", *WORDS])
    assert result.exit_code == 0
    assert "APIGW_VTAB_EXPORT has no effect: --estimate only counts calls." in result.stderr
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("sql", "words", "chosen"),
    [
        ("select nope", "no such column", ("broken", "AG-006")),
        ("select nope", "no such column", ()),
        (f"select {COLUMNS} from stages; select 1", "It has more than one statement.", ()),
        (f"-- severity: high\nselect {COLUMNS}", "write it once", ()),
    ],
)
def test_a_control_that_cannot_run_is_told(
    plane: Plane, tmp_path: Path, sql: str, words: str, chosen: tuple[str, ...]
) -> None:
    (tmp_path / "broken.sql").write_text(f"-- title: a\n-- severity: low\n{sql}")
    result = CliRunner().invoke(main, ["check", *chosen, "--queries", str(tmp_path), *WORDS])
    assert result.exit_code == 3
    assert "broken cannot run, and is not counted: " in result.stderr
    assert words in result.stderr
    assert "GetStages" in result.stdout


def test_a_query_that_is_no_control_has_no_estimate_as_one(plane: Plane, tmp_path: Path) -> None:
    (tmp_path / "plain.sql").write_text("-- title: a\nselect 1")
    result = CliRunner().invoke(main, ["check", "plain", "--queries", str(tmp_path), *WORDS])
    assert result.exit_code == 2
    assert "'plain' is not a control" in result.stderr


def test_a_rule_that_no_control_answers_is_told_with_the_estimate_of_the_others(
    plane: Plane,
) -> None:
    result = CliRunner().invoke(main, ["check", "AG-006", "CKV_AWS_217", *WORDS])
    assert result.exit_code == 3
    assert "CKV_AWS_217 is not evaluated." in result.stderr
    assert "GetStages" in result.stdout


def test_a_list_that_cannot_be_read_is_named(plane: Plane) -> None:
    plane.faults = [Fault("denied", operation="GetRestApis", region=REGIONS[0])]
    result = CliRunner().invoke(main, ["query", "select * from stages", *WORDS])
    assert result.exit_code == 3
    assert "GetRestApis in" in result.stderr


def test_many_places_are_a_line_for_each_operation(connect: Connect) -> None:
    (account,) = connect(profiles="first").context.estate.profiles
    lists, stages = READS["GetRestApis"], READS["GetStages"]
    assert isinstance(lists, Read)
    load: Counter[tuple[Lane, Operation]] = Counter(
        {(account.lane(region), lists): 1 for region in REGIONS}
    )
    found = Explanation(
        load,
        Counter({"ListAccounts": 50}),
        {stages: OpenEnded("rest_apis", 1, lists)},
        is_rough=True,
        alike=1000,
        roles=999,
        regions=REGIONS,
    )
    columns, rows = table_of(found)
    assert columns == ("operation", "accounts", "regions", "calls", "time")
    assert rows == [
        ("GetRestApis", "1,000", "3", "3,000", "3 s"),
        ("AssumeRole", "999", "1", "999", "3 s"),
    ]
    assert list(words_of(found, is_kept=False)) == [
        "At least 3,999 calls to make, as far as is known now. About 4 s at 1,000 calls a second "
        "from here; AWS's quotas alone would take 1 s.",
        "Plus, once for each row of rest_apis: GetStages.",
        "With 10 rows in each such list it would be 33,999 calls, about 34 s at 1,000 calls a "
        "second from here; AWS's quotas alone would take 1 s. "
        "To read the lists of a few accounts first: --sample 5",
        "Each account is taken to have the same 3 regions enabled, and no list was read.",
        "Made to find this out: 50 ListAccounts.",
    ]


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(0, "1 s"), (89.4, "89 s"), (90, "2 min"), (5399, "90 min"), (9000, "2.5 hours")],
)
def test_a_time_is_as_exact_as_an_estimate(seconds: float, words: str) -> None:
    assert duration(seconds) == words


def test_roles_are_among_the_rows_of_few_calls(connect: Connect) -> None:
    found = Explanation(Counter(), Counter(), {}, roles=2)
    assert table_of(found)[1] == [("AssumeRole", "2 accounts", "", 2)]
    assert next(words_of(found, is_kept=True)).startswith("2 calls to make")
