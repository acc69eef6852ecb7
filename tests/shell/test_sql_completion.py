"""Completion: what may come next, judged only by the text around the cursor."""

from __future__ import annotations

import pytest

from apigw_vtab.shell.sql_completion import Catalogue, suggest, tables_of

KNOWN = Catalogue(
    tables={"rest_apis": "The REST APIs.", "stages": "The stages. More.", "notes": "table"},
    columns={
        "rest_apis": {"region": "The region.", "name": "The API's name."},
        "stages": {"region": "", "stage_name": "", "client_certificate_id": "The certificate."},
    },
    keywords=("select", "from", "where", "set"),
    functions=("count", "json_each"),
    queries={"AG-006": "Every stage presents a certificate", "stage-waf-web-acl": ""},
    commands={"run": "Run a saved query", "regions": "", "read": "", "cache": ""},
    arguments={"run": ("QUERY",), "cache": ("on", "off", "clear"), "regions": ("*", "REGION")},
    regions=("eu-west-1", "eu-west-2", "us-east-1"),
    profiles=("prod", "dev"),
    parameters={"AG-006": ("days",)},
)


@pytest.mark.parametrize(
    ("line", "first"),
    [
        ("sel", "select"),
        ("select * from ", "rest_apis"),
        ("select * from st", "stages"),
        ("select * from stages join re", "rest_apis"),
        ("select * from stages, re", "rest_apis"),
        ("update st", "stages"),
        ("insert into no", "notes"),
        ("select s.cl| from stages s", "client_certificate_id"),
        ("select s.cl| from stages as s", "client_certificate_id"),
        ("select stages.st| from temp.stages", "stage_name"),
        ("select na| from rest_apis", "name"),
        ("select cou| from stages", "count("),
        ("select * from stages where stage", "stage_name"),
        ("select * from stages where certificate", "client_certificate_id"),
        ("select * from stages where region = 'us", "us-east-1"),
        ("select * from stages where region in ('us-east-1', 'eu", "eu-west-1"),
        ("select * from accounts where profile = '", "prod"),
        (".r", ".run"),
        (".run ag", "AG-006"),
        (".run waf", "stage-waf-web-acl"),
        (".run AG-006 d", "days="),
        (".cache c", "clear"),
        (".regions eu", "eu-west-1"),
        (".explain select * from st", "stages"),
        (".watch 5 select * from st", "stages"),
        ("select * from stages where region like 'eu", "eu-west-1"),
        ("select * from stages where region not in ('", "eu-west-1"),
        ('select * from stages where "region" is \'us', "us-east-1"),
        (".regions 'eu", "eu-west-1"),
        ("-- don't\nselect * from st", "stages"),
        (".explain select s.cl| from stages s", "client_certificate_id"),
        ("select * from temp.st", "stages"),
    ],
)
def test_the_first_suggestion_is_the_likeliest(line: str, first: str) -> None:
    before, _, after = line.partition("|")
    assert suggest(before, after, KNOWN)[0].text == first


@pytest.mark.parametrize(
    "line",
    [
        "select * from stages where description = 'sel",
        "select s.zz from stages s",
        ".nothing ",
        ".watch 5",
    ],
)
def test_where_nothing_is_known_nothing_is_suggested(line: str) -> None:
    assert suggest(line.partition(" from")[0] if "zz" in line else line, "", KNOWN) == []


def test_a_suggestion_has_a_note_of_one_sentence() -> None:
    (one,) = (one for one in suggest("select * from st", "", KNOWN) if one.text == "stages")
    assert (one.note, one.length) == ("The stages.", 2)


def test_columns_are_those_of_the_tables_of_the_statement() -> None:
    texts = [one.text for one in suggest("select ", " from rest_apis", KNOWN)]
    assert "name" in texts
    assert "stage_name" not in texts


@pytest.mark.parametrize(
    ("sql", "expected"),
    [
        ("select 1 from stages", {"stages": "stages"}),
        ("select 1 from stages s, rest_apis a", {"s", "a", "stages", "rest_apis"}),
        ("select 1 from (select * from stages t) x", {"stages", "t"}),
        ("select 'from notes' -- from rest_apis\n from stages", {"stages"}),
        ("select 1 from STAGES natural join rest_apis where 1", {"stages", "rest_apis"}),
    ],
)
def test_the_tables_of_a_statement(sql: str, expected: set[str]) -> None:
    assert set(tables_of(sql, KNOWN)) == set(expected)
