"""A row that rests on what could not be read is no verdict, however much could not be read."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apigw_vtab.aws.estate import id_or_stand_in
from apigw_vtab.aws.failures import CallFailed
from apigw_vtab.controls import verdicts
from apigw_vtab.controls.packed import Row
from apigw_vtab.controls.verdicts import decided, touches

IDS = {"one": "111111111111"}
ACCOUNTS = ("111111111111", "profile two")
REGIONS = ("a-b-1", "c-d-1")
PLACES = frozenset(itertools.product(ACCOUNTS, REGIONS))
ARNS = ("arn:x", "arn:y", "arn:named by none")

ROWS = st.lists(
    st.tuples(
        st.sampled_from(("r1", *ARNS[:2])),
        st.just("ok"),
        st.just("Fine."),
        st.sampled_from(ACCOUNTS),
        st.sampled_from(REGIONS),
        st.sampled_from((None, *ARNS[:2])),
    ),
    max_size=6,
)
FAILURES = st.lists(
    st.builds(
        CallFailed,
        profile=st.sampled_from(("one", "two")),
        region=st.sampled_from(REGIONS),
        service=st.sampled_from(("apigateway", "iam")),
        operation=st.just("GetStages"),
        code=st.sampled_from(("AccessDeniedException", "ThrottlingException")),
        detail=st.just("no"),
        resource=st.sampled_from(("", *ARNS)),
    ),
    max_size=4,
)


@given(rows=ROWS, failures=FAILURES)
def test_the_first_failure_that_touches_a_row_is_its_reason(
    rows: list[Row], failures: list[CallFailed]
) -> None:
    touching = [(one, touches(one, rows, IDS)) for one in failures]
    expected = [
        next((one for one, is_touched in touching if is_touched(row)), None) for row in rows
    ]
    made = list(decided(rows, failures, IDS, PLACES))
    for row, after, failure in zip(rows, made, expected, strict=True):
        if failure is None:
            assert after == row
        else:
            assert after[1] == "error"
            assert str(after[2]).endswith(str(failure))


@pytest.mark.parametrize(
    ("place", "status"),
    [
        (("111111111111", "c-d-1"), "ok"),
        (("111111111111", ""), "error"),
        (("111111111111", "A-B-1"), "error"),
        (("profile two", ""), "ok"),
        (("profile two", "global"), "ok"),
        (("", ""), "error"),
        (("", "c-d-1"), "error"),
        (("all", "c-d-1"), "error"),
    ],
)
def test_a_row_of_no_place_that_was_read_rests_on_all_it_may_be_about(
    place: tuple[str, str], status: str
) -> None:
    failure = CallFailed("one", "a-b-1", "apigateway", "GetStages", "AccessDeniedException", "no")
    (row,) = decided([("all", "ok", "Fine.", *place)], [failure], IDS, PLACES)
    assert row[1] == status


def test_a_failure_is_looked_at_once_however_many_rows_there_are(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    looked_at = itertools.count()
    monkeypatch.setattr(
        verdicts, "id_or_stand_in", lambda *given: (next(looked_at), id_or_stand_in(*given))[1]
    )
    failures = [
        CallFailed("one", f"r-{n}", "apigateway", "GetStages", "AccessDeniedException", "no")
        for n in range(300)
    ]
    rows: list[Row] = [("arn", "ok", "Fine.", "111111111111", f"r-{n}") for n in range(300)]
    places = {("111111111111", f"r-{n}") for n in range(300)}
    assert {row[1] for row in decided(rows, failures, IDS, places)} == {"error"}
    assert next(looked_at) == 600
