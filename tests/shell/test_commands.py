"""The shell in batch mode: every dot-command, errors with their line, what ends it and how."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from apigw_vtab.cli.main import main
from apigw_vtab.shell.catalogue import ARGUMENTS
from apigw_vtab.shell.commands import COMMANDS
from apigw_vtab.shell.sql_completion import Catalogue, suggest
from tests.conftest import REGIONS, operations
from tests.control_plane import Fault, Plane

FIRST, SECOND = REGIONS[:2]
Batch = Callable[..., Result]


@pytest.fixture
def batch(plane: Plane, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Batch:
    """Run lines as a batch, in their own folder."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))

    def run(*lines: str, words: tuple[str, ...] = ()) -> Result:
        text = "".join(f"{line}\n" for line in lines)
        where = ["shell", "--region", FIRST, *words]
        return CliRunner().invoke(main, where, input=text)

    return run


# What is typed, and what is shown then; `@` before a text: it is not shown.
EXAMPLES: dict[str, tuple[list[str], str]] = {
    "tables": ([".tables"], "client_certificates"),
    "inspect": ([".inspect stages"], "client_certificate_id"),
    "schema": (["create table mine (a);", ".schema mine"], "CREATE TABLE mine"),
    "indices": (["create table t (a unique);", ".indices t"], "sqlite_autoindex_t_1"),
    "databases": ([".databases"], "main"),
    "connections": ([".connections"], "not looked up yet"),
    "show": ([".show"], "separator"),
    "queries": ([".queries certificates"], "client-certificate-expiring"),
    "run": ([".run client-certificate-expiring days=9999"], "alarm"),
    "check": ([".check AG-006"], "1 of 1 regions read"),
    "explain": ([".explain select stage_name from stages"], "4 calls to make"),
    "watch": ([".watch 0 select 1"], "How often, and what?"),
    "save": (["select 4711;", ".save my-query", ".run my-query"], "4711\nSaved as"),
    "parameter": ([".parameter set x 4711", "select :x + 1;"], "4712"),
    "find": (["create table t (a);", "insert into t values ('needle');", ".find needle"], "needle"),
    "regions": ([f".regions {SECOND}", "select distinct region from rest_apis;"], SECOND),
    "profiles": ([".profiles second", "select profile from accounts;"], "second\nsecond"),
    "cache": ([".cache off"], "The cache is off"),
    "mode": ([".mode csv", "select 'a,b';"], '"a,b"'),
    "headers": ([".headers on", "select 1 as name;"], "name"),
    "pretty": ([".mode line", ".pretty on", """select '{"a":1}' as j;"""], '"a": 1'),
    "width": ([".mode column", ".width 30", "select 1, 2;"], "1" + " " * 20),
    "nullvalue": ([".nullvalue nix", "select null;"], "nix"),
    "separator": ([".separator ;", "select 1, 2;"], "1;2"),
    "timing": ([".timing on", "select 1;"], "1 rows, 0 calls"),
    "timer": ([".timer on", "select count(*) from stages;"], "SQLite vm operations"),
    "changes": ([".changes on", "create table t (a);", "insert into t values (1);"], "1 changes"),
    "echo": ([".echo on", "select 1;"], "select 1"),
    "colour": ([".colour off", "select 1;"], "1"),
    "output": ([".output rows.txt", "select 4711;", ".output stdout", "select 1;"], "@4711"),
    "once": ([".once rows.txt", "select 4711;", "select 2;"], "@4711"),
    "read": ([".output a.sql", ".print select 4711;", ".output stdout", ".read a.sql"], "4711"),
    "import": (
        [
            *(".output a.csv", ".print 4711", ".output stdout", ".mode csv"),
            *("create table t (a);", ".import a.csv t", "select a + 1 from t;"),
        ],
        "4712",
    ),
    "dump": (["create table t (a);", ".dump t"], "CREATE TABLE t"),
    "backup": (["create table t (a);", ".backup a.db", "select 1;"], "1"),
    "restore": (
        ["create table t (a);", ".backup a.db", "drop table t;", ".restore a.db", ".tables t"],
        "t",
    ),
    "dryrun": ([".dryrun on", "update stages set description = 'x';"], "aws apigateway update"),
    "help": ([".help run"], "Run a saved query"),
    "keys": ([".keys vi", ".keys nano"], "now: vi"),
    "prompt": ([".prompt x", "select 1;"], "1"),
    "bail": ([".bail off", "selec;", "select 4711;"], "4711"),
    "print": ([".print 4711"], "4711"),
    "cd": ([".cd /", ".print ok"], "ok"),
    "version": ([".version"], "SQLite"),
    "exit": ([".exit", "select 4711;"], "@4711"),
}


def test_every_command_has_an_example() -> None:
    assert set(EXAMPLES) == set(COMMANDS)


@pytest.mark.parametrize("name", EXAMPLES)
def test_each_command_does_what_it_says(batch: Batch, name: str) -> None:
    lines, seen = EXAMPLES[name]
    result = batch(*lines)
    if seen.startswith("@"):
        assert seen[1:] not in result.output
        assert result.exit_code == 0
    else:
        assert seen in result.output


@pytest.mark.parametrize("name", COMMANDS)
def test_each_command_is_in_the_help_and_completed(batch: Batch, name: str) -> None:
    assert f"  .{name} " in batch(".help").stdout
    commands = {one: line.text for one, line in COMMANDS.items()}
    texts = [one.text for one in suggest(f".{name[:2]}", "", Catalogue(commands=commands))]
    assert f".{name}" in texts


def test_of_a_rule_of_two_controls_none_is_run(batch: Batch) -> None:
    result = batch(".run apigateway_stage_logging_enabled")
    assert "\n  .run v2-stage-execution-logging 'http=alarm'" in result.stderr


def test_the_help_fits_eighty_columns(batch: Batch) -> None:
    assert max(map(len, batch(".help").stdout.splitlines())) <= 80


def test_arguments_are_completed_for_commands_that_there_are() -> None:
    assert set(ARGUMENTS) <= set(COMMANDS)


@pytest.mark.parametrize("name", ["close", "connection", "open", "load", "py", "shell", "nothing"])
def test_what_is_not_for_this_shell_is_unknown(batch: Batch, name: str) -> None:
    result = batch(f".{name}")
    assert "Unknown command" in result.stderr
    assert result.exit_code == 1


def test_what_is_written_to_a_file_is_there(batch: Batch, tmp_path: Path) -> None:
    batch(".once a.txt", "select 1;", "select 2;", ".output b.txt", ".inspect", ".output stdout")
    assert (tmp_path / "a.txt").read_text() == "1\n"
    assert "client_certificates" in (tmp_path / "b.txt").read_text()


def test_a_batch_ends_at_its_first_error_and_says_the_line(batch: Batch) -> None:
    result = batch("select 1;", "select", "  2,", "  nope", "from stages;", "select 3;")
    assert result.stdout == "1\n"
    assert "  nope\n  ^\nError, line 4: no such column: nope." in result.stderr
    assert result.exit_code == 1


def test_of_several_statements_on_a_line_those_before_the_error_run(batch: Batch) -> None:
    result = batch("select 1; select nope;")
    assert result.stdout == "1\n"
    assert "Error, line 1: no such column: nope." in result.stderr


def test_the_last_statement_needs_no_semicolon(batch: Batch) -> None:
    assert batch("select 1;", "select", "2").stdout == "1\n2\n"


def test_a_script_runs_from_a_file(batch: Batch, tmp_path: Path) -> None:
    (tmp_path / "script.sql").write_text("select 1;\nselect\n nope;\n")
    result = batch(words=("script.sql",))
    assert result.stdout == "1\n"
    assert "line 3" in result.stderr
    assert result.exit_code == 1


def test_commands_come_before_the_input(batch: Batch) -> None:
    assert batch("select 2;", words=("-cmd", "select 1;")).stdout == "1\n2\n"


def test_what_could_not_be_read_ends_with_3(plane: Plane, batch: Batch) -> None:
    plane.faults = [Fault("denied", operation="GetRestApis")]
    result = batch("select count(*) from rest_apis;")
    assert result.stdout == "0\n"
    assert "incomplete" in result.stderr
    assert result.exit_code == 3


def test_explain_says_how_many_calls_the_run_then_makes(plane: Plane, batch: Batch) -> None:
    sql = f"select * from stages where region in ('{FIRST}', '{SECOND}')"
    explained = batch(f".explain {sql}", words=("--region", ",".join(REGIONS)))
    made = operations(plane)
    assert "8 calls to make" in explained.stdout
    assert "2 GetRestApis" in explained.stdout
    assert made == {"GetCallerIdentity": 1, "GetRestApis": 2}
    plane.reset()
    batch(f".explain {sql}", f"{sql};", words=("--region", ",".join(REGIONS)))
    assert operations(plane) - made == {"GetStages": 8}


def test_explain_names_what_nobody_can_know_before(batch: Batch) -> None:
    result = batch(
        ".explain select 1 from stages s join client_certificates c"
        " on c.client_certificate_id = s.client_certificate_id and c.region = s.region"
    )
    assert "Plus GetClientCertificates for rows" in result.stdout


def test_explain_does_not_run_what_writes(plane: Plane, batch: Batch) -> None:
    result = batch(".explain delete from client_certificates", words=("--allow-writes",))
    assert ".dryrun on" in result.stderr
    assert not plane.calls


def test_a_saved_query_is_kept_for_its_user(batch: Batch, tmp_path: Path) -> None:
    batch("select 4711;", ".save mine")
    result = CliRunner().invoke(main, ["query", "mine", "--output", "json"])
    assert json.loads(result.stdout) == [{"4711": 4711}]
    assert "already" in batch("select 1;", ".save mine").stderr
    assert "is not a name" in batch("select 1;", ".save ../x").stderr


def test_names_of_the_cloud_steer_no_terminal(plane: Plane) -> None:
    from apigw_vtab.shell.display import line

    assert "\x1b" not in "".join(line(["a\x1b"[:1]], [["\x1b[31m"]], pretty=True))


def test_rows_that_are_too_wide_come_line_by_line() -> None:
    from apigw_vtab.shell.display import is_too_wide

    assert is_too_wide(["a"] * 10, 100)
    assert not is_too_wide(["a"] * 10, None)


def test_a_table_is_shown_whole_where_nobody_pages() -> None:
    from apigw_vtab.shell.display import show

    file = io.StringIO()
    show(["n"], [[number] for number in range(500)], file, paged=True)
    assert file.getvalue().count("\n") == 502


def test_a_policy_that_aws_escaped_is_made_pretty() -> None:
    from apigw_vtab.shell.display import line

    text = "".join(line(["policy"], [[r"{\"a\":[\"b\"]}"]], pretty=True))
    assert text.splitlines()[1:3] == ["policy = {", '           "a": [']


def test_a_check_in_a_batch_has_the_exit_code_of_check(plane: Plane, batch: Batch) -> None:
    assert batch(".check AG-006").exit_code == 1
    plane.faults = [Fault("denied", operation="GetStages")]
    assert batch(".check AG-006").exit_code == 3


def test_explain_says_when_the_cache_has_the_answers(batch: Batch) -> None:
    sql = "select stage_name from stages"
    assert "0 calls to make" not in batch(f".explain {sql}").stdout
    result = batch(f"{sql};", f".explain {sql}")
    assert "0 calls to make, as far as is known now. The answers are in the cache." in result.stdout


def test_a_statement_with_a_nul_is_an_error_in_words(batch: Batch) -> None:
    result = batch(".bail off", "select 1\0;", "select 2;")
    assert "has a NUL character" in result.stderr
    assert result.stdout == "2\n"


def test_a_parameter_without_a_value_is_an_error_and_not_null(batch: Batch) -> None:
    result = batch(".bail off", "select :days;", ".parameter set :days 5", "select :days;")
    assert "No value for :days" in result.stderr
    assert result.stdout == "5\n"


def test_a_parameter_that_is_no_sql_is_text(batch: Batch) -> None:
    assert batch(".parameter set r eu-west-1", "select $r;").stdout == "eu-west-1\n"


@pytest.mark.parametrize("word", ["quit", ".quit", "exit", ".exit"])
def test_every_word_for_leaving_leaves(batch: Batch, word: str) -> None:
    result = batch(word, "select 1;")
    assert (result.stdout, result.exit_code) == ("", 0)


def test_what_could_not_be_read_outranks_an_error(plane: Plane, batch: Batch) -> None:
    plane.faults = [Fault("denied", operation="GetRestApis")]
    assert batch("select count(*) from rest_apis;", "select nope;").exit_code == 3
    assert batch("select count(*) from rest_apis;", ".check nope").exit_code == 3


def test_explain_names_what_it_could_not_read(plane: Plane, batch: Batch) -> None:
    plane.faults = [Fault("denied", operation="GetRestApis")]
    result = batch(".explain select * from stages")
    # It is asked again when the statement runs.
    assert "1 call to make" in result.stdout
    assert "incomplete" in result.stderr
    assert result.exit_code == 3


def test_explain_says_at_most_where_sqlite_may_stop_early(batch: Batch) -> None:
    assert batch(".explain select * from stages limit 1").stdout.count("At most 4 calls") == 1
    assert "one statement at a time" in batch(".explain select 1; select * from stages;").stderr


def test_a_saved_query_of_ours_is_not_replaced(batch: Batch) -> None:
    for name in ("stage-client-certificate", "ag-006"):
        assert "already" in batch("select 1;", f".save {name}").stderr


def test_a_missing_file_is_not_restored(batch: Batch, tmp_path: Path) -> None:
    words = ("create table t (a);", ".bail off", ".restore missing.db", "select count(*) from t;")
    result = batch(*words)
    assert "No file missing.db" in result.stderr
    assert result.stdout == "0\n"
    assert not (tmp_path / "missing.db").exists()


def test_a_dot_command_in_a_script_has_its_line(batch: Batch, tmp_path: Path) -> None:
    (tmp_path / "script.sql").write_text("select 1;\n  .mode csv\n-- words\n.import no t\n")
    result = batch(words=("script.sql",))
    assert "Error, line 4: no: No such file or directory." in result.stderr


def test_the_last_statement_without_a_semicolon_has_its_line(batch: Batch) -> None:
    assert "line 2" in batch("select 1;", "select nope").stderr


def test_bail_off_goes_on_in_a_script_too(batch: Batch, tmp_path: Path) -> None:
    (tmp_path / "script.sql").write_text(".bail off\nselect nope;\nselect 2;\n")
    assert batch(words=("script.sql",)).stdout == "2\n"
    assert batch(".read script.sql").stdout == "2\n"


def test_a_string_that_ends_a_line_like_a_mark_is_a_string(batch: Batch) -> None:
    assert batch("select 'a\\G", "b' as x;").stdout == "a\\G\nb\n"
    assert "x = 1" in batch("select 1 as x\\G").stdout


def test_a_csv_file_makes_a_table(batch: Batch, tmp_path: Path) -> None:
    (tmp_path / "rows.csv").write_text('owner,"its api"\nann,"a,1"\nbob,b2\n')
    result = batch(".import rows.csv notes", 'select owner, "its api" from notes;')
    assert result.stdout == "ann|a,1\nbob|b2\n"
    (tmp_path / "bad.csv").write_text("a,b\n1,2\n3\n")
    result = batch(".bail off", ".import bad.csv bad", "select * from bad;")
    assert "Row 3 of bad.csv has 1 values, but bad has 2 columns." in result.stderr
    assert "Nothing was imported." in result.stderr
    assert "no such table: bad" in result.stderr


def test_output_without_a_file_is_the_screen_again(batch: Batch) -> None:
    assert batch(".output a.txt", "select 1;", ".output", "select 2;").stdout == "2\n"


def test_infinity_is_json(batch: Batch) -> None:
    assert json.loads(batch(".mode json", "select 1e999 as x;").stdout) == [{"x": "inf"}]


@pytest.mark.parametrize(
    "sql", ["alter table stages rename to x", "drop table stages", "drop table temp.stages"]
)
def test_a_table_of_aws_is_neither_altered_nor_dropped(batch: Batch, sql: str) -> None:
    result = batch(".bail off", f"{sql};", "select count(*) from stages;")
    assert "belongs to AWS" in result.stderr
    assert result.stdout == "12\n"


def test_an_error_that_nobody_expected_leaves_the_shell_usable(batch: Batch) -> None:
    result = batch(".bail off", "select cast(x'ff' as text);", ".watch 1e12 select 1", "select 2;")
    assert result.stdout == "2\n"
    assert "Traceback" not in result.stderr


def test_tables_lists_those_like_a_pattern(batch: Batch) -> None:
    listed = batch(".tables v2_rout%").stdout.split()
    assert listed == ["v2_route_responses", "v2_routes", "v2_routing_rules"]
    assert batch(".tables *_method_s*").stdout.split() == ["stage_method_settings"]


def test_a_check_takes_parameters(plane: Plane, batch: Batch) -> None:
    assert "1 control" in batch(".check client-certificate-expiring days=9999").stdout
    plane.reset()
    assert "No parameter 'dais'" in batch(".check client-certificate-expiring dais=5").stderr
    assert not plane.calls


def test_connections_tell_the_endpoint_whatever_says_it(batch: Batch, plane: Plane) -> None:
    assert plane.url in batch(".connections").stdout
    assert (
        "http://localhost:9"
        in batch(".connections", words=("--endpoint-url", "http://localhost:9")).stdout
    )
