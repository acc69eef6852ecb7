"""The rules of others: who answers them, with which parameters, and which nobody answers."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from apigw_vtab.controls.library import (
    all_queries,
    find_queries,
    shipped_folder,
)
from apigw_vtab.controls.rules import COLUMNS, FILE, Rule, read_rules, shipped_rules
from apigw_vtab.controls.saved_query import SavedQuery, read_query
from apigw_vtab.controls.selection import Selection
from apigw_vtab.controls.suites import SUITES
from apigw_vtab.errors import UsageError

SHIPPED = all_queries()
RULES = shipped_rules(shipped_folder())
# How many rules each author has that are known here.
KNOWN = {
    "conformity": 12,
    "securityhub": 9,
    "aws-config": 17,
    "aws-config-samples": 5,
    "prowler": 12,
    "powerpipe": 13,
    "cloudsploit": 16,
    "checkov": 18,
    "trivy": 6,
    "kics": 13,
    "cfn-guard": 7,
    "cfn-nag": 6,
}

LOGGING = read_query("logging", "-- severity: low\n-- params: level=ERROR [ERROR|INFO|DEBUG]\n")


def rule(name: str, severity: str = "", suite: str = "checkov", **parameters: Any) -> Rule:
    return Rule(suite, name, (), "", severity, "logging", parameters, "", "")


def answering(*rules: Rule) -> SavedQuery:
    return replace(LOGGING, rules=rules)


# The table


def test_every_known_rule_is_in_the_table() -> None:
    ids = {(one.suite, one.id) for one in RULES}
    assert Counter(suite for suite, _ in ids) == KNOWN


def test_every_control_that_a_rule_names_exists_and_takes_its_parameters() -> None:
    by_name = {query.name: query for query in SHIPPED}
    for one in RULES:
        if one.control:
            by_name[one.control].bound(one.parameters)


def test_a_rule_has_a_page_a_title_and_a_severity_that_is_one() -> None:
    for one in RULES:
        assert one.page.startswith("https://"), one.id
        assert one.title, one.id
        assert one.severity in {"", "low", "medium", "high", "critical"}, one.id


def test_an_id_belongs_to_one_suite() -> None:
    suites: dict[str, set[str]] = {}
    for one in RULES:
        for name in one.ids:
            suites.setdefault(name.lower(), set()).add(one.suite)
    assert [name for name, found in suites.items() if len(found) > 1] == []


def test_an_id_is_not_the_name_of_a_control() -> None:
    assert {query.name for query in SHIPPED}.isdisjoint(name for one in RULES for name in one.ids)


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("nobody,X-1,,t,,,,https://x,why", "line 2: 'nobody' is not a suite"),
        ("checkov,X-1,,t,,,,https://x,", "line 2: say in the note why X-1 is not evaluated"),
        ("checkov,X-1,,t,,c,level,https://x,", "'level' is not a parameter"),
    ],
)
def test_a_line_that_is_not_valid_is_named(tmp_path: Path, line: str, words: str) -> None:
    path = tmp_path / FILE
    path.write_text(f"{','.join(COLUMNS)}\n{line}\n")
    with pytest.raises(UsageError, match=words):
        read_rules(path)


# Asked for by id


def test_a_control_has_the_severity_and_the_parameters_of_the_rule_that_was_asked_for() -> None:
    (found,) = find_queries(["x-1"], [answering(rule("X-1", "critical", level="INFO"))])
    assert (found.severity, found.parameters) == ("critical", {"level": "INFO"})
    assert found.asked_ids == ("X-1",)


def test_the_name_of_a_control_asks_for_no_rule() -> None:
    (found,) = find_queries(["logging"], [answering(rule("X-1", "critical", level="INFO"))])
    assert (found.severity, found.parameters, found.asked_ids) == ("low", {"level": "ERROR"}, ())


def test_a_rule_without_a_severity_has_ours() -> None:
    (found,) = find_queries(["X-1"], [answering(rule("X-1"))])
    assert found.severity == "low"


def test_rules_with_the_same_parameters_are_checked_once() -> None:
    query = answering(rule("X-1", "low"), rule("X-2", "high"))
    (found,) = find_queries(["X-2", "X-1", "logging"], [query])
    assert (found.asked_ids, found.severity) == (("X-2", "X-1"), "high")


def test_rules_with_other_parameters_are_checked_apart() -> None:
    query = answering(rule("X-1", level="INFO"), rule("X-2"), rule("X-3", level="DEBUG"))
    found = find_queries(["X-1", "X-2", "X-3"], [query])
    assert [one.parameters["level"] for one in found] == ["INFO", "ERROR", "DEBUG"]
    assert len({one.name for one in found}) == 3


@pytest.mark.parametrize(
    ("asked", "name"),
    [
        ("logging", "logging"),
        ("X-1", "logging"),
        # The same values as the default.
        ("X-2", "logging"),
        ("X-3", "logging:level=INFO"),
    ],
)
def test_findings_are_called_by_control_and_parameters_and_not_by_the_id(
    asked: str, name: str
) -> None:
    query = answering(rule("X-1"), rule("X-2", level="ERROR"), rule("X-3", level="INFO"))
    (found,) = find_queries([asked], [query])
    assert found.name == name


@pytest.mark.parametrize("name", ["CKV_AWS_217", "ckv_aws_237", "API_GW_PRIVATE_RESTRICTED"])
def test_a_rule_that_nobody_answers_says_why(name: str) -> None:
    with pytest.raises(UsageError, match=rf"(?i)^{name} is not evaluated\. .*\. Its page: https"):
        find_queries([name], SHIPPED)


# Suites


def test_a_suite_has_its_own_severities() -> None:
    query = answering(rule("X-1", "high"), rule("Y-1", "medium", suite="kics"))
    assert Selection(["kics"], ["medium"]).choose([query])[0].asked_ids == ("Y-1",)
    with pytest.raises(UsageError, match="No saved query matches"):
        Selection(["kics"], ["high"]).choose([query])


def test_a_suite_has_a_control_once_for_each_set_of_parameters() -> None:
    query = answering(rule("X-1"), rule("X-2", level="INFO"), rule("X-3"))
    found = Selection(["checkov"]).choose([query])
    assert [one.asked_ids for one in found] == [("X-1", "X-3"), ("X-2",)]


def test_an_id_in_the_header_of_a_users_control_puts_it_into_that_suite() -> None:
    own = read_query("own", "-- references: APIGateway.99\nselect 1")
    assert Selection(["securityhub"]).choose([own]) == [own]


@pytest.mark.parametrize("suite", [one for one in SUITES if one != "aws-config-samples"])
def test_no_rule_of_a_suite_is_left_out(suite: str) -> None:
    selection = Selection([suite])
    asked = [name for query in selection.choose(SHIPPED) for name in query.asked_ids]
    left = [one.id for one in selection.not_evaluated()]
    assert set(asked) | set(left) == {one.id for one in RULES if one.suite == suite}
    assert set(asked).isdisjoint(left)


@pytest.mark.parametrize(
    ("selection", "count"),
    [
        (Selection(), 3),
        (Selection(severities=["high"]), 3),
        (Selection(suites=["checkov"]), 2),
        (Selection(tags=["logging"]), 0),
    ],
)
def test_rules_that_are_not_evaluated_are_told_unless_an_option_excludes_them(
    selection: Selection, count: int
) -> None:
    assert len(selection.not_evaluated()) == count


@pytest.mark.parametrize(
    ("selection", "words"),
    [
        (Selection(["conformity"], frameworks=["hipaa"]), "No rule is in both the suite and the"),
        (
            Selection(severities=["high"], frameworks=["cis-aws-7.0"]),
            "cis-aws-7.0 has stage-execution-logging, v2-stage-access-logging, of severity medium.",
        ),
        (Selection(severities=["low"], tags=["waf"]), "waf has stage-waf-log4j"),
        (Selection(tags=["acess"]), "Did you mean access"),
    ],
)
def test_what_leaves_nothing_is_told_with_what_there_is(selection: Selection, words: str) -> None:
    with pytest.raises(UsageError) as told:
        selection.choose(SHIPPED)
    assert words in str(told.value)
    assert ("The tags are" in str(told.value)) == (selection.tags == ["acess"])


def names(queries: Sequence[SavedQuery]) -> list[str]:
    return [query.name for query in queries]


def test_an_id_and_its_suite_go_together() -> None:
    assert names(Selection(["conformity"]).choose_named(["AG-006"], SHIPPED)) == [
        "stage-client-certificate"
    ]


def test_a_name_with_a_suite_asks_for_the_suites_rules() -> None:
    (found,) = Selection(["prowler"]).choose_named(["domain-name-tls"], SHIPPED)
    assert found.asked_ids == ("apigateway_domain_name_pqc_tls_enabled",)


@pytest.mark.parametrize("name", ["AG-006", "CKV_AWS_206"])
def test_a_rule_with_a_suite_that_does_not_have_it_is_refused(name: str) -> None:
    with pytest.raises(UsageError, match=f"--suite prowler leaves out {name}"):
        Selection(["prowler"]).choose_named([name], SHIPPED)


@pytest.mark.parametrize(
    ("name", "words"), [("prowler", "--suite prowler"), ("pci-dss-4.0", "--framework pci-dss-4.0")]
)
def test_a_suite_or_a_framework_in_a_controls_place_says_how_to_ask(name: str, words: str) -> None:
    with pytest.raises(UsageError, match=words):
        find_queries([name], SHIPPED)


@pytest.mark.parametrize(
    "names",
    [["AVD-AWS-0001"], ["aws-apigateway-enable-access-logging"], ["AVD-AWS-0001", "AWS-0001"]],
)
def test_a_report_names_the_ids_that_were_asked_for(names: list[str]) -> None:
    for found in find_queries(names, SHIPPED):
        assert list(found.asked_ids) == names


def test_another_id_of_a_rule_has_the_same_findings_and_suite() -> None:
    first, second = (
        Selection(suites=["trivy"]).choose_named([one], SHIPPED)
        for one in ("AWS-0002", "avd-aws-0002")
    )
    assert [one.name for one in first] == [one.name for one in second]
    assert {one.asked_ids for one in second} == {("AVD-AWS-0002",)}
