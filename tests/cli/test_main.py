"""The contract of the command line: options, formats, exit codes, what goes where."""

from __future__ import annotations

import csv
import io
import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from apigw_vtab.cli.main import main
from apigw_vtab.cli.options import FORMAT_NAMES
from apigw_vtab.output.formats import FORMATS
from tests.conftest import ACCOUNT, OTHER_ACCOUNT, REGIONS, operations
from tests.control_plane import Fault, Plane

FIRST, SECOND, THIRD = REGIONS
NAMES = "select region, name from rest_apis"
Run = Callable[..., Result]


@pytest.fixture
def run() -> Run:
    """Run a command line in this process."""

    def runner(*words: str, given: str | None = None) -> Result:
        return CliRunner().invoke(main, list(words), input=given, prog_name="apigw-vtab")

    return runner


def test_query_prints_a_table(plane: Plane, run: Run) -> None:
    result = run("query", NAMES, "--region", FIRST)
    assert result.exit_code == 0
    head, rule, *lines = result.stdout.splitlines()
    assert head.split() == ["region", "name"]
    assert set(rule) == {"-", " "}
    assert len(lines) == 4
    assert result.stderr == ""


def test_csv_tells_null_from_empty(plane: Plane, run: Run) -> None:
    result = run("query", "select 1 as a, null as b, '' as c, 'x,\"y\"' as d", "--output", "csv")
    assert result.stdout_bytes == b'a,b,c,d\r\n1,,"","x,""y"""\r\n'


def test_json_is_an_array_of_objects(plane: Plane, run: Run) -> None:
    result = run("query", NAMES, "--region", FIRST, "--output", "json")
    assert [row["region"] for row in json.loads(result.stdout)] == [FIRST] * 4


def test_no_header_and_separator(run: Run) -> None:
    result = run("query", "select 1, 2", "--output", "csv", "--no-header", "--separator", ";")
    assert result.stdout_bytes == b"1;2\r\n"


def test_sql_comes_from_a_file_or_from_standard_input(run: Run, tmp_path: Path) -> None:
    file = tmp_path / "one.sql"
    file.write_text("select 'from a file' as x")
    assert "from a file" in run("query", "--file", str(file)).stdout
    assert "from stdin" in run("query", "-", given="select 'from stdin' as x").stdout
    assert "from stdin" in run("query", "--file", "-", given="select 'from stdin' as x").stdout


def test_parameters_are_bound(run: Run) -> None:
    words = ("query", "select :a + 1 as x, :b as y", "--param", "a=1", "--param", "b=007")
    assert run(*words, "--output", "csv").stdout_bytes == b"x,y\r\n2,007\r\n"


def test_a_parameter_without_a_value_says_how_to_give_one(run: Run) -> None:
    result = run("query", "select :days")
    assert result.exit_code == 2
    assert "--param days=VALUE" in result.stderr


def test_every_option_has_its_environment_variable(
    plane: Plane, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("APIGW_VTAB_REGION", f"{FIRST},{SECOND}")
    monkeypatch.setenv("APIGW_VTAB_OUTPUT", "csv")
    monkeypatch.setenv("APIGW_VTAB_PROFILE", "first,second")
    result = run("query", "select distinct account_id, region from rest_apis")
    seen = list(csv.reader(io.StringIO(result.stdout)))[1:]
    assert seen == [[a, r] for a in (ACCOUNT, OTHER_ACCOUNT) for r in sorted((FIRST, SECOND))]


def test_an_export_is_written_and_standard_output_stays_free(
    plane: Plane, run: Run, tmp_path: Path
) -> None:
    one, other = tmp_path / "one.csv", tmp_path / "other.json"
    result = run("query", NAMES, "--region", FIRST, "--export", str(one), "--export", str(other))
    assert result.exit_code == 0
    assert result.stdout == ""
    assert "one.csv: 4 rows" in result.stderr
    assert len(one.read_bytes().split(b"\r\n")) == 1 + 4 + 1
    assert len(json.loads(other.read_text())) == 4
    assert operations(plane) == {"GetRestApis": 1}


def test_a_failed_export_leaves_the_old_file(plane: Plane, run: Run, tmp_path: Path) -> None:
    file = tmp_path / "rows.csv"
    file.write_text("old")
    plane.faults = [Fault("denied", region=SECOND)]
    words = ("query", NAMES, "--region", f"{FIRST},{SECOND}", "--export", str(file))
    assert run(*words, "--on-error", "fail").exit_code == 3
    assert file.read_text() == "old"
    assert list(tmp_path.iterdir()) == [file]


def test_an_export_of_an_unknown_format_is_refused_before_any_call(plane: Plane, run: Run) -> None:
    result = run("query", NAMES, "--export", "rows.xyz")
    assert result.exit_code == 2
    assert ".csv" in result.stderr
    assert plane.count() == 0


def test_a_denied_region_is_named_and_the_others_are_printed(plane: Plane, run: Run) -> None:
    plane.faults = [Fault("denied", region=SECOND)]
    result = run("query", NAMES, "--region", f"{FIRST},{SECOND}", "--output", "csv")
    assert result.exit_code == 3
    assert len(result.stdout.splitlines()) == 1 + 4
    for word in (SECOND, "GetRestApis", "AccessDeniedException", "apigateway:GET"):
        assert word in result.stderr


def test_on_error_fail_prints_no_rows(plane: Plane, run: Run) -> None:
    plane.faults = [Fault("denied", region=SECOND)]
    result = run("query", NAMES, "--region", ",".join(REGIONS), "--on-error", "fail")
    assert result.exit_code == 3
    assert result.stdout == ""
    assert f"GetRestApis in {SECOND}" in result.stderr


@pytest.mark.parametrize(
    ("sql", "words"),
    [
        ("select * from stage", "no such table: stage. Did you mean stages"),
        ("select stage_nam from stages", "no such column: stage_nam. Did you mean stage_name"),
        ("selekt 1", 'near "selekt": syntax error'),
        ("delete from stages", "--allow-writes"),
    ],
)
def test_bad_sql_gives_the_message_and_the_nearest_name(
    plane: Plane, run: Run, sql: str, words: str
) -> None:
    result = run("query", sql)
    assert result.exit_code == 1
    assert words in result.stderr
    assert result.stdout == ""
    assert plane.count() == 0


def test_an_unknown_profile_is_wrong_usage(run: Run) -> None:
    result = run("query", NAMES, "--profile", "secnd")
    assert result.exit_code == 2
    assert "Did you mean second?" in result.stderr


def test_without_credentials_the_next_step_is_told(
    plane: Plane, run: Run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.delenv("AWS_PROFILE")
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "none"))
    result = run("query", NAMES)
    assert result.exit_code == 3
    assert "no AWS credentials were found" in result.stderr
    assert "--sandbox" in result.stderr


def test_an_unreachable_endpoint_is_told(run: Run) -> None:
    result = run("query", NAMES, "--region", FIRST, "--endpoint-url", "http://127.0.0.1:9")
    assert result.exit_code == 3
    assert "no answer from the endpoint" in result.stderr
    assert "Traceback" not in result.stderr


def test_what_is_no_endpoint_is_wrong_usage(run: Run) -> None:
    assert run("query", NAMES, "--endpoint-url", "localhost:5000").exit_code == 2


def test_an_unknown_command_suggests_the_nearest(run: Run) -> None:
    result = run("chekc")
    assert result.exit_code == 2
    assert "Did you mean check?" in result.stderr


def test_a_database_file_is_opened_beside_the_tables_and_stays_clean(
    plane: Plane, run: Run, tmp_path: Path
) -> None:
    db = tmp_path / "mine.db"
    sql = "create table seen as select name from rest_apis; select count(*) as n from seen"
    result = run("query", sql, "--db", str(db), "--region", FIRST, "--output", "csv")
    assert result.stdout_bytes == b"n\r\n4\r\n"
    again = run("query", "select name from sqlite_schema", "--db", str(db), "--output", "csv")
    assert again.stdout_bytes == b"name\r\nseen\r\n"


def test_what_is_no_database_is_wrong_usage(run: Run, tmp_path: Path) -> None:
    file = tmp_path / "notes.txt"
    file.write_text("these are only notes, " * 100)
    result = run("query", "select 1", "--db", str(file))
    assert result.exit_code == 2
    assert "is not an SQLite database" in result.stderr


def test_tables_lists_each_table_and_describes_its_columns(run: Run) -> None:
    listed = run("tables", "--output", "csv").stdout
    for name in ("rest_apis", "stages", "client_certificates", "api_calls", "scan_errors"):
        assert f"{name}," in listed
    columns = run("tables", "stages", "--output", "csv").stdout
    assert "client_certificate_id,TEXT,The identifier of a client certificate" in columns


def test_a_table_is_described_with_its_examples_but_not_in_a_format_for_programs(run: Run) -> None:
    example = "select account_id, region, name\n  from usage_plans\n  where throttle is null;"
    assert f"Plans without a throttle:\n\n  {example}" in run("tables", "usage_plans").stdout
    assert "throttle is null" not in run("tables", "usage_plans", "--output", "csv").stdout


def test_queries_lists_and_shows(run: Run) -> None:
    assert "stage-client-certificate" in run("queries").stdout
    assert "from stages" in run("queries", "show", "ag-006").stdout
    assert run("queries", "show", "ag-066").exit_code == 2


@pytest.mark.parametrize("words", [("remediate", "--yes"), ("query",)])
def test_of_a_rule_of_two_controls_none_is_chosen_for_the_user(words: tuple[str, ...]) -> None:
    command, *more = words
    given = ("--param", "loggingLevel=INFO", "--sandbox")
    result = CliRunner().invoke(main, [command, "apigateway_stage_logging_enabled", *more, *given])
    assert result.exit_code == 2
    assert f"apigw-vtab {command} stage-execution-logging -" in result.stderr
    assert f"apigw-vtab {command} v2-stage-execution-logging -" in result.stderr
    assert result.stderr.endswith("--param 'loggingLevel=INFO' --param 'http=alarm'\n")


def test_all_controls_of_a_rule_are_shown() -> None:
    shown = CliRunner().invoke(main, ["queries", "show", "CKV2_AWS_4"]).stdout
    assert shown.count("-- title: ") == 2


def test_a_saved_query_runs_by_its_name(plane: Plane, run: Run) -> None:
    words = ("query", "client-certificate-expiring", "--region", FIRST, "--output", "csv")
    few, many = run(*words).stdout, run(*words, "--param", "days=9999").stdout
    assert few.count("alarm") < many.count("alarm") == 3


def test_the_shell_reads_standard_input(plane: Plane, run: Run) -> None:
    words = [sys.executable, "-m", "apigw_vtab", "--region", FIRST]
    given = "select count(*) from stages;\n.tables\n"
    result = subprocess.run(
        words, input=given, capture_output=True, text=True, timeout=30, check=False
    )
    assert result.stdout.splitlines()[0] == "12"
    assert "client_certificates" in result.stdout
    assert result.returncode == 0


def test_a_reader_that_goes_away_gets_no_traceback(plane: Plane) -> None:
    words = f"{sys.executable} -m apigw_vtab query '{NAMES}' | true"
    result = subprocess.run(
        words, shell=True, capture_output=True, text=True, timeout=30, check=False
    )
    assert result.stderr == ""


def test_an_option_before_the_command_is_told_its_place() -> None:
    result = CliRunner().invoke(main, ["--sandbox", "query", "select 1"])
    assert result.exit_code == 2
    assert "The command comes before its options: apigw-vtab query" in result.stderr


def test_a_reader_that_was_never_there_gets_none_either(plane: Plane) -> None:
    reader, writer = os.pipe()
    os.close(reader)
    words = [sys.executable, "-m", "apigw_vtab", "query", NAMES]
    with os.fdopen(writer) as stdout:
        result = subprocess.run(
            words, stdout=stdout, stderr=subprocess.PIPE, text=True, timeout=30, check=False
        )
    assert (result.returncode, result.stderr) == (1, "")


@pytest.mark.parametrize("words", [["--help"], ["queries"], ["queries", "show", "AG-006"]])
def test_what_reads_no_aws_imports_neither_boto3_nor_moto(words: list[str]) -> None:
    code = (
        "import sys; from apigw_vtab.cli.main import main; "
        "main(sys.argv[1:], standalone_mode=False);"
        "print({'boto3', 'botocore', 'moto', 'apsw'} & set(sys.modules), file=sys.stderr)"
    )
    result = subprocess.run(
        [sys.executable, "-c", code, *words], capture_output=True, text=True, timeout=30, check=True
    )
    assert result.stderr.strip() == "set()"


def test_each_output_format_can_be_asked_for() -> None:
    """The options know the names without importing the modules that write them."""
    assert set(FORMAT_NAMES) == set(FORMATS)


@pytest.mark.parametrize("options", [["--suite", "prowler"], ["--severity", "low"], ["--tag", "x"]])
def test_a_named_control_that_an_option_drops_is_wrong_usage(options: list[str]) -> None:
    result = CliRunner().invoke(main, ["check", "rest-api-policy-public", *options, "--sandbox"])
    assert result.exit_code == 2
    assert f"{' '.join(options)} leaves out rest-api-policy-public" in result.stderr


def test_a_query_that_is_shown_for_a_rule_has_the_parameters_of_the_rule() -> None:
    shown = CliRunner().invoke(main, ["queries", "show", "APIGateway.11"]).stdout
    assert shown.startswith("-- APIGateway.11 has allowedSecurityPolicies=SecurityPolicy_TLS13")
    alone = CliRunner().invoke(main, ["queries", "show", "domain-name-tls"]).stdout
    assert alone.startswith("-- title: ")


def test_a_parameter_of_many_words_is_cut_short_in_the_list_of_queries() -> None:
    listed = " ".join(CliRunner().invoke(main, ["queries"]).stdout.split())
    assert "allowedSecurityPolicies= [14 words: apigw-vtab queries show domain-name-tls]" in listed
    assert "loggingLevel=ERROR,INFO [ERROR|INFO, ...]" in listed


def test_a_list_of_queries_in_a_pipe_has_lines_that_can_be_read() -> None:
    result = CliRunner().invoke(main, ["queries", "--suite", "prowler"])
    assert "domain-name-tls (allowedSecurityPolicies=3 values)" in result.stdout
    assert max(map(len, result.stdout.splitlines())) <= 120
