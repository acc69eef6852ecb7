"""The comparison with other tools: what counts as the same row, and what explains a difference."""

from __future__ import annotations

import pytest

from benchmarks.side_by_side.reasons import OF_CUSTODIAN, OF_PROWLER
from benchmarks.side_by_side.rows import NO_ROW, Difference, Reason, RowKey, Said, compare, explain
from benchmarks.side_by_side.tools import AS_PROWLER, as_side, paths_of, without_id

PROD = RowKey("logs", "111122223333", "eu-west-1", "arn:aws:apigateway:eu-west-1::/restapis/a")
TEST = PROD._replace(resource=f"{PROD.resource}b")
REASON = Reason("logs", "PASS", "FAIL", "one method", "One method is enough for it.", "https://a")


def test_rows_with_the_same_word_are_equal_whatever_the_explanation() -> None:
    (logs,) = compare({PROD: Said("PASS", "logging is on")}, {PROD: Said("PASS", "It logs.")})
    assert (logs.equal, logs.differences) == (1, ())


def test_a_row_that_one_side_lacks_is_a_difference() -> None:
    (logs,) = compare({PROD: Said("PASS")}, {TEST: Said("PASS")})
    assert logs.differences == (
        Difference(PROD, Said("PASS"), Said(NO_ROW)),
        Difference(TEST, Said(NO_ROW), Said("PASS")),
    )


def test_one_resource_in_two_regions_or_accounts_is_two_rows() -> None:
    elsewhere = {PROD._replace(region="us-east-1"), PROD._replace(account="444455556666")}
    (logs,) = compare({PROD: Said("PASS")}, dict.fromkeys(elsewhere, Said("PASS")))
    assert (logs.equal, len(logs.differences)) == (0, 3)


@pytest.mark.parametrize(
    ("theirs", "ours", "explained"),
    [
        (Said("PASS"), Said("FAIL", "Off for one method."), True),
        (Said("PASS"), Said("FAIL", "Off for all."), False),
        (Said("FAIL"), Said("PASS", "On for one method."), False),
    ],
)
def test_a_reason_explains_only_the_rows_that_it_is_about(
    theirs: Said, ours: Said, explained: bool
) -> None:
    found = explain(compare({PROD: theirs}, {PROD: ours}), [REASON], {})
    assert [len(found.get(one, [])) for one in (REASON, None)] == [explained, not explained]


def test_a_reason_can_be_about_the_name_of_a_resource() -> None:
    compared = compare({PROD: Said("PASS")}, {PROD: Said("FAIL")})
    found = explain(compared, [REASON], {PROD.resource: "orders one method"})
    assert None not in found


def test_our_findings_are_rows_of_each_rule_that_was_asked_for() -> None:
    finding = {
        "control": "c",
        "rules": "a, b",
        "account_id": "1",
        "region": "r",
        "resource": "arn",
        "status": "skip",
        "reason": "None.",
    }
    rows = as_side([finding], AS_PROWLER)
    assert [(key.rule, said.word) for key, said in rows.items()] == [("a", NO_ROW), ("b", NO_ROW)]


def test_a_private_domain_name_is_the_same_row_with_and_without_its_id() -> None:
    arn = "arn:aws:apigateway:eu-west-1:111122223333:/domainnames/a.example.com+x1y2z3"
    assert without_id(arn) == "arn:aws:apigateway:eu-west-1::/domainnames/a.example.com"


def test_custodian_lists_a_path_with_each_method_that_matched() -> None:
    method = {"restApiId": "a", "resourceId": "r"}
    methods = [{**method, "httpMethod": name} for name in ("GET", "PUT")]
    listed = {"id": "r", "restApiId": "a", "c7n:matched-resource-methods": methods}
    assert paths_of(listed) == [
        "/restapis/a/resources/r/methods/GET",
        "/restapis/a/resources/r/methods/PUT",
    ]


def test_every_reason_says_why_and_where() -> None:
    for reason in (*OF_PROWLER, *OF_CUSTODIAN):
        assert reason.why.endswith("."), reason
        assert reason.link.startswith("https://"), reason
