"""What a deployment would publish, from what AWS tells of both sides."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apigw_vtab.analysis.working_copy import (
    UNKNOWN,
    differences,
    published_methods,
    working_methods,
)

IAM = {"authorizationType": "AWS_IAM", "apiKeyRequired": False}
summaries = st.dictionaries(
    st.sampled_from(["/", "/orders", "/orders/{id}", "/{proxy+}"]),
    st.dictionaries(
        st.sampled_from(["GET", "POST", "ANY"]),
        st.fixed_dictionaries(
            {
                "authorizationType": st.sampled_from(["NONE", "AWS_IAM", "CUSTOM"]),
                "apiKeyRequired": st.booleans(),
            }
        ),
    ),
)


@given(summaries, summaries)
def test_two_sides_agree_exactly_if_their_methods_do(one: Any, other: Any) -> None:
    found = differences(published_methods(one), working_methods(other.items()))
    plain = [
        {(path, verb): method for path, methods in side.items() for verb, method in methods.items()}
        for side in (one, other)
    ]
    assert bool(found) == (plain[0] != plain[1])


def test_a_method_that_is_opened_is_said_to_be() -> None:
    published = published_methods({"/a": {"GET": IAM}})
    working = working_methods([("/a", {"GET": {**IAM, "authorizationType": "NONE"}})])
    assert differences(published, working) == ["changes GET /a from AWS_IAM to NONE"]


def test_a_resource_without_methods_publishes_none() -> None:
    assert differences({}, working_methods([("/", None), ("/a", {})])) == []


@pytest.mark.parametrize("method", [{}, {"authorizationType": None}, {"authorizationType": 1}])
def test_what_aws_does_not_tell_is_not_the_same(method: dict[str, Any]) -> None:
    summary = {"/a": {"GET": method}}
    (told,) = differences(published_methods(summary), working_methods(summary.items()))
    assert UNKNOWN in told


@pytest.mark.parametrize("summary", [None, [], "GET /a", {"/a": []}, {"/a": {"GET": "AWS_IAM"}}])
def test_another_form_is_no_summary(summary: Any) -> None:
    with pytest.raises(ValueError, match="AWS"):
        published_methods(summary)
