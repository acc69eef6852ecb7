"""Answers that are nearly AWS's: each is true, or it is named; none makes a lane look clean.

Most of these were found by a reader who had not seen how the rest is tested.
"""

from __future__ import annotations

import contextlib
import itertools
import json
import os
from pathlib import Path

import apsw
import pytest
from click.testing import CliRunner, Result

from apigw_vtab import ApigwVtabError, UsageError
from apigw_vtab.cli.main import main
from apigw_vtab.scan.plan import GLOB, LIKE
from apigw_vtab.tables.v1.rest_apis import REST_APIS
from tests.conftest import REGIONS, Connect, operations, rows
from tests.control_plane import Fault, Plane
from tests.promises.hostile_endpoint import Route, endpoint, routing
from tests.scan.planner_terms import keys, term

FIRST, SECOND, THIRD = REGIONS
APIS = "select rest_api_id from rest_apis"
STAGES = "select rest_api_id, stage_name from stages"

pytestmark = pytest.mark.promise(
    "An answer that is almost AWS's is read as it is meant, or it is named",
    found=(
        "202, 204 and the like counted as an empty region, and so did lists that are not lists, "
        "REST APIs without an id, page tokens that are not text, and wrong answers about one "
        "resource; a region named twice returned its rows twice; a list with ever new page tokens "
        "never ended; a region that answered oddly was taken for one that is not enabled; a page "
        "token of false or 0 ended a list; a control that failed took all verdicts with it, and "
        "one that decided nothing was a success; a UTF-16 database hid regions."
    ),
)


def ask(routes: dict[str, Route], sql: str, *words: str) -> Result:
    """Query an endpoint that has these routes, and print rows as CSV."""
    with endpoint(routing(routes)) as url:
        where = ("--region", FIRST, "--endpoint-url", url, "--timeout", "2", "--output", "csv")
        result = CliRunner().invoke(main, ["query", sql, *where, *words])
    assert "Traceback" not in result.output
    assert "bug in apigw-vtab" not in result.output
    return result


def is_named(result: Result, operation: str) -> bool:
    return result.exit_code == 3 and f"{operation} in {FIRST}" in result.stderr


def items(*ids: object) -> bytes:
    return json.dumps({"item": [{"id": one} for one in ids]}).encode()


@pytest.mark.parametrize("status", [201, 202, 203, 204, 206, 226, 299])
def test_a_success_that_is_not_the_operations(status: int) -> None:
    body = b"" if status == 204 else items("a1")
    assert is_named(ask({"/": (status, body)}, APIS), "GetRestApis")


@pytest.mark.parametrize("item", ['""', "false", "0", "{}", "5", "true", '"x"', "[[]]", "[null]"])
def test_a_list_that_is_none(item: str) -> None:
    assert is_named(ask({"/": (200, b'{"item":%s}' % item.encode())}, APIS), "GetRestApis")


@pytest.mark.parametrize("body", [b"{}", b'{"id":"b2"}', b'{"name":"x"}'])
def test_one_resource_that_is_another(body: bytes) -> None:
    routes: dict[str, Route] = {"/restapis/a1": (200, body)}
    result = ask(routes, f"{APIS} where region = '{FIRST}' and rest_api_id = 'a1'")
    assert is_named(result, "GetRestApi")


@pytest.mark.parametrize("position", ['["a"]', '{"a":1}', "7", "true", "[]", "{}", "0", "false"])
def test_a_page_token_that_is_no_text(position: str) -> None:
    body = b'{"item":[{"id":"a1"}],"position":%s}' % position.encode()
    assert is_named(ask({"/": (200, body)}, APIS), "GetRestApis")


@pytest.mark.parametrize("one", [["q"], {"q": 1}, "", ".", "..", "a/b", "a?b", 7, None, True])
def test_an_id_that_is_none(one: object) -> None:
    routes: dict[str, Route] = {
        "/restapis": (200, items("a1", one)),
        "/restapis/": (404, b'{"message":"?"}'),
        "/restapis/a1/stages": (200, b'{"item":[{"stageName":"prod"}]}'),
    }
    result = ask(routes, STAGES)
    assert "a1,prod" in result.stdout
    assert is_named(result, "GetRestApis")


def test_an_item_that_comes_twice_on_one_page_is_one_row() -> None:
    assert ask({"/": (200, items("a1", "b2", "a1"))}, APIS).stdout.split()[1:] == ["a1", "b2"]


@pytest.mark.parametrize("again", [True, False], ids=["the same items", "no items"])
def test_page_tokens_that_are_new_for_ever(again: bool) -> None:
    numbers = itertools.count()

    def page(_: str) -> tuple[int, bytes]:
        found = [{"id": "a1"}] if again else []
        return 200, json.dumps({"item": found, "position": f"t{next(numbers)}"}).encode()

    result = ask({"/": page}, APIS, "--max-rps", "1000")
    assert is_named(result, "GetRestApis")
    assert next(numbers) < 40


@pytest.mark.parametrize(
    "date",
    [
        '"0001-01-01T00:00:00+14:00"',
        '"9999-12-31T23:59:59-12:00"',
        '"2020-01-01T00:00:00+99:00"',
        '"1e400"',
        '"99999999999999999999"',
        "1e300",
        '"12:30"',
        '"tomorrow"',
        '"2020-01-01T00:00:00 XYZ"',
    ],
)
def test_a_date_that_is_none_is_given_as_it_was_sent(date: str) -> None:
    body = b'{"item":[{"id":"a1","createdDate":%s}]}' % date.encode()
    result = ask({"/": (200, body)}, "select created_date from rest_apis")
    assert result.exit_code == 0, result.stderr
    assert result.stdout.splitlines()[1] in (date.strip('"'), "1e+300")
    assert result.stderr == ""


def test_a_refusal_whose_words_are_none() -> None:
    body = b'{"message":["a"],"code":5}'
    assert is_named(ask({"/": (400, body)}, APIS), "GetRestApis")


REGIONS_XML = (
    '<DescribeRegionsResponse xmlns="http://ec2.amazonaws.com/doc/2016-11-15/">'
    "<regionInfo>{}</regionInfo></DescribeRegionsResponse>"
)


def regions(*names: str) -> bytes:
    listed = (
        f"<item><regionName>{one}</regionName><optInStatus>opted-in</optInStatus></item>"
        for one in names
    )
    return REGIONS_XML.format("".join(listed)).encode()


@pytest.mark.parametrize(
    "body",
    [
        b"<html/>",
        regions(),
        REGIONS_XML.format("<item><regionEndpoint>x</regionEndpoint></item>").encode(),
        regions(FIRST, "not a region"),
        regions("../../etc"),
    ],
)
def test_regions_that_are_none_are_named(body: bytes) -> None:
    routes: dict[str, Route] = {"/": (200, body), "/restapis": (200, items("a1"))}
    with endpoint(routing(routes)) as url:
        words = ("--endpoint-url", url, "--timeout", "2", "--output", "csv")
        for sql in ("select region from regions", "select count(*) from rest_apis"):
            result = CliRunner().invoke(main, ["query", sql, *words])
            assert result.exit_code == 3
            assert "DescribeRegions" in result.stderr


def test_a_region_that_is_named_twice_is_read_once(connect: Connect) -> None:
    routes: dict[str, Route] = {"/": (200, regions(FIRST, FIRST)), "/restapis": (200, items("a1"))}
    with endpoint(routing(routes)) as url:
        assert rows(connect(endpoint_url=url), "select region from rest_apis") == [(FIRST,)]


@pytest.mark.parametrize("account", ["", "<Account/>", "<Account>x y</Account>"])
def test_an_account_that_is_none_is_named(account: str) -> None:
    body = (
        '<GetCallerIdentityResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/">'
        f"<GetCallerIdentityResult>{account}</GetCallerIdentityResult></GetCallerIdentityResponse>"
    )
    result = ask({"/": (200, body.encode())}, "select account_id from accounts")
    assert is_named(result, "GetCallerIdentity")


@pytest.mark.parametrize("kind", ["internal-error", "denied", "silence"])
def test_a_region_is_not_taken_for_one_that_is_off(plane: Plane, kind: str) -> None:
    plane.faults = [Fault("disabled", region=FIRST, operation="GetRestApis")]
    plane.faults = [*plane.faults, Fault(kind, operation="DescribeRegions")]
    words = ("--region", f"{FIRST},{SECOND}", "--timeout", "1")
    result = CliRunner().invoke(main, ["query", "select count(*) from rest_apis", *words])
    assert is_named(result, "GetRestApis")


def test_a_failure_is_not_forgotten_when_a_later_statement_got_the_answer(plane: Plane) -> None:
    plane.faults = [Fault("denied", region=FIRST, operation="GetRestApis", times=1)]
    count = "select count(*) from rest_apis"
    result = CliRunner().invoke(
        main, ["query", f"{count}; {count}", "--region", FIRST, "--output", "csv"]
    )
    assert is_named(result, "GetRestApis")


@pytest.mark.parametrize("comment", ["-- all of them\n", "--\n", "/* all */ ", ""])
def test_a_statement_that_begins_with_a_comment_is_one(
    plane: Plane, connect: Connect, comment: str
) -> None:
    connection = connect(regions=FIRST, cache_ttl=0)
    sql = f"{comment}select count(*) from client_certificates"
    rows(connection, sql)
    plane.reset()
    rows(connection, sql)
    assert operations(plane) == {"GetClientCertificates": 1}


def test_what_a_trigger_runs_is_no_statement(plane: Plane, connect: Connect) -> None:
    connection = connect(regions=FIRST, cache_ttl=0)
    connection.execute(
        "create temp table seen (n); create temp table asked (n);"
        "create temp trigger ask after insert on asked begin"
        " insert into seen select count(*) from client_certificates; end"
    )
    plane.reset()
    connection.execute("insert into asked select rest_api_id from rest_apis")
    assert operations(plane) == {"GetRestApis": 1, "GetClientCertificates": 1}
    assert rows(connection, "select distinct n from seen") == [(3,)]


def test_a_query_of_a_folder_changes_no_verdict_of_another(plane: Plane, tmp_path: Path) -> None:
    (tmp_path / "aaa.sql").write_text("-- title: x\npragma case_sensitive_like = on;\n")
    status = "iif('A' like 'a', 'ok', 'alarm')"
    (tmp_path / "probe.sql").write_text(
        f"select 'r' as resource, {status} as status, '' as reason, 'a' as account_id,"
        " 'b' as region"
    )
    words = ("--queries", str(tmp_path), "--region", FIRST, "--output", "csv")
    found = CliRunner().invoke(main, ["check", *words]).stdout.splitlines()
    (probe,) = (line for line in found if "probe" in line)
    assert ",ok," in probe


def test_a_control_that_is_refused_is_named(plane: Plane, tmp_path: Path) -> None:
    (tmp_path / "hostile.sql").write_text(
        "select load_extension('x') as resource, 'ok' as status, '' as reason,"
        " 'a' as account_id, 'b' as region"
    )
    words = ["check", "--queries", str(tmp_path), "--region", FIRST, "--output", "csv"]
    result = CliRunner().invoke(main, words)
    assert "'hostile' may only read: LOAD_EXTENSION" in result.stdout
    assert result.exit_code == 3


GOOD = "'r' as resource, 'ok' as status, '' as reason, 'a' as account_id, 'b' as region"


@pytest.mark.parametrize(
    ("sql", "reason"),
    [
        (f"select {GOOD} where json('{{') is null", "malformed JSON"),
        (f"select {GOOD}; select 1, 2, 3", "more than one statement"),
        (f"select {GOOD}; attach 'x' as x", "may only read: ATTACH"),
    ],
)
def test_a_control_that_fails_leaves_the_others_their_verdicts(
    plane: Plane, tmp_path: Path, sql: str, reason: str
) -> None:
    (tmp_path / "broken.sql").write_text(sql)
    report = tmp_path / "report.json"
    words = ("--queries", str(tmp_path), "--region", FIRST, "--export", str(report))
    result = CliRunner().invoke(main, ["check", "broken", "AG-006", *words])
    assert result.exit_code == 3
    found = json.loads(report.read_text())
    (broken,) = (one for one in found if one["control"] == "broken")
    assert broken["status"] == "error"
    assert reason in broken["reason"]
    assert {one["status"] for one in found if one["control"] != "broken"} >= {"ok", "alarm"}


def test_a_control_that_decides_nothing_is_no_success(plane: Plane, tmp_path: Path) -> None:
    (tmp_path / "shouts.sql").write_text(f"select {GOOD.replace('ok', 'ALARM')}")
    words = ("shouts", "--queries", str(tmp_path), "--region", FIRST)
    assert CliRunner().invoke(main, ["check", *words]).exit_code == 3
    assert CliRunner().invoke(main, ["check", *words, "--fail-on", "error"]).exit_code == 3


@pytest.mark.parametrize("key", ["rest_api_id", "rest_api_id = 'a1' and stage_name"])
@pytest.mark.parametrize("name", ["", ".", ".."])
def test_what_can_be_no_id_is_not_asked_for(key: str, name: str) -> None:
    sql = f"select * from stages where region = '{FIRST}' and {key} = '{name}'"
    result = ask({"/": (500, b"")}, sql)
    assert (result.exit_code, result.stderr) == (0, "")


def test_a_database_in_utf_16_is_refused(tmp_path: Path, connect: Connect) -> None:
    path = tmp_path / "other.db"
    with contextlib.closing(apsw.Connection(str(path))) as other:
        other.execute("pragma encoding = 'UTF-16le'; create table t (a)")
    with pytest.raises(UsageError, match=r"UTF-16le.*copy it first"):
        connect(regions=FIRST, db=str(path))


def test_the_encoding_stays(plane: Plane, connect: Connect) -> None:
    connection = connect(regions=FIRST)
    connection.execute("pragma encoding = 'UTF-16le'")
    assert len(rows(connection, APIS)) == 4
    assert rows(connection, "pragma encoding") == [("UTF-8",)]


def test_a_header_steers_no_terminal(plane: Plane, tmp_path: Path) -> None:
    text = (Path(__file__).parents[2] / "queries/stage-client-certificate.sql").read_text()
    text = text.replace("-- title: ", "-- title: \x1b]0;PWN\x07").replace("AG-006", "X\x1b[5m")
    (tmp_path / "stage-client-certificate.sql").write_text(text)
    words = ("--queries", str(tmp_path))
    name = "stage-client-certificate"
    for command in (("check", name, "--region", FIRST, *words), ("queries", *words)):
        output = CliRunner().invoke(main, command, color=True).output
        assert "PWN" in output
        assert "\x1b]" not in output
        assert "\x1b[5m" not in output


@pytest.mark.parametrize(("operator", "many"), [(LIKE, "%"), (GLOB, "*")])
def test_a_pattern_with_many_wildcards_takes_no_time(operator: str, many: str) -> None:
    pattern = many + many.join("aaaaaaaaaaaa") + many
    admits = keys(REST_APIS, term("region", operator, f"{pattern}b")).admits
    assert not admits("region", "a" * 400)
    assert admits("region", "a" * 400 + "b")


@pytest.mark.skipif(not hasattr(os, "fork"), reason="there is no fork here")
def test_a_connection_of_another_process_says_so(plane: Plane, connect: Connect) -> None:
    connection = connect(regions=FIRST)
    rows(connection, APIS)
    connection.executor.forget()
    pid = os.fork()
    if pid == 0:
        try:
            rows(connection, APIS)
        except ApigwVtabError as error:
            os._exit(0 if "after a fork" in str(error) else 2)
        os._exit(1)
    assert os.waitpid(pid, 0)[1] == 0
