"""Resource policies, and whom they let in: what AWS documents, and what people write."""

from __future__ import annotations

import json
from typing import Any

import pytest

from apigw_vtab.analysis.policy import anyone_gets_in, other_accounts_get_in
from tests.analysis.policy_rows_conditions import CONDITIONS, MORE_CONDITIONS
from tests.analysis.policy_rows_denials import DENIALS
from tests.analysis.policy_rows_documented import AWS_EXAMPLES, FROM_THE_ISSUE
from tests.analysis.policy_rows_principals import ACTIONS_AND_RESOURCES, PRINCIPALS
from tests.analysis.policy_terms import OWN, PolicyRow

ROWS = [
    *FROM_THE_ISSUE,
    *AWS_EXAMPLES,
    *DENIALS,
    *CONDITIONS,
    *MORE_CONDITIONS,
    *PRINCIPALS,
    *ACTIONS_AND_RESOURCES,
]


def text_of(statements: list[dict[str, Any]]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": statements})


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)
def test_anyone(row: PolicyRow) -> None:
    judgement = anyone_gets_in(text_of(row.statements))
    assert judgement.answer == row.anyone, (row.reason, judgement.why)


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)
def test_other_accounts(row: PolicyRow) -> None:
    judgement = other_accounts_get_in(text_of(row.statements), OWN)
    assert (judgement.answer, judgement.accounts) == (row.others, row.accounts), (
        row.reason,
        judgement.why,
    )


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)
def test_the_reason_is_a_sentence_that_fits(row: PolicyRow) -> None:
    for judgement in (
        anyone_gets_in(text_of(row.statements)),
        other_accounts_get_in(text_of(row.statements), OWN),
    ):
        assert judgement.why[0].isupper()
        assert judgement.why.endswith(".")
        assert len(judgement.why) <= 200


def test_the_rows_are_told_apart() -> None:
    assert len({row.name for row in ROWS}) == len(ROWS) >= 80
