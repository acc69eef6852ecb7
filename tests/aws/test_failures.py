"""A call that failed: what went wrong, in words, and what to do next."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from apigw_vtab.aws.causes import CAUSES
from apigw_vtab.aws.failures import CallFailed
from apigw_vtab.aws.known_causes import CREDENTIALS_REFUSED, ROLE_REFUSED
from apigw_vtab.tables.services import iam_action

ROOT = Path(__file__).parents[2]


def failed(
    code: str, detail: str = "Told so.", service: str = "apigateway", operation: str = "GetStages"
) -> CallFailed:
    return CallFailed("prod", "eu-west-1", service, operation, code, detail)


# A call that failed


def test_a_failure_tells_what_where_why_and_what_next() -> None:
    assert str(failed("AccessDeniedException")) == (
        "GetStages in eu-west-1 (profile prod): access denied (AccessDeniedException). "
        "AWS said: Told so. Allow apigateway:GET to this identity."
    )


def test_what_the_whole_profile_lacks_is_not_told_of_a_call() -> None:
    assert str(failed("ExpiredToken")).startswith("Profile prod in eu-west-1: the session token")


def test_what_refused_before_the_call_is_named_and_not_the_call() -> None:
    failure = failed("AccessDenied", operation="GetRestApis")
    failure.because, failure.action = ROLE_REFUSED, "sts:AssumeRole"
    failure.role = "arn:aws:iam::222222222222:role/Audit"
    told = str(failure)
    assert "sts:AssumeRole was refused for arn:aws:iam::222222222222:role/Audit" in told
    assert "GetRestApis" not in told
    assert "apigateway:GET" not in told


def test_several_calls_have_one_place() -> None:
    failure = failed("AccessDenied")
    place = failure.place(["GetRestApis", "GetStages"], ["eu-west-1", "us-east-1"], 7)
    assert place == "GetRestApis, GetStages in eu-west-1, us-east-1 (profile prod, 7 calls)"


def test_aws_own_sentence_is_told_once() -> None:
    for code in sorted({code for cause in CAUSES for code in cause.codes}):
        assert str(failed(code, "A sentence.")).count("A sentence.") <= 1
    refused = failed("InvalidClientTokenId", "A sentence.")
    refused.because = CREDENTIALS_REFUSED
    assert "(InvalidClientTokenId). AWS said: A sentence. Check" in str(refused)


@pytest.mark.parametrize(
    ("service", "operation", "action"),
    [
        ("apigateway", "GetStages", "apigateway:GET"),
        ("apigateway", "GetRestApi", "apigateway:GET"),
        ("ec2", "DescribeRegions", "ec2:DescribeRegions"),
        ("sts", "GetCallerIdentity", "sts:GetCallerIdentity"),
    ],
)
def test_a_denied_call_names_the_iam_action_that_it_needs(
    service: str, operation: str, action: str
) -> None:
    assert iam_action(service, operation) == action
    failure = failed("AccessDenied", service=service, operation=operation)
    assert failure.advice == f"Allow {action} to this identity."


@pytest.mark.parametrize("detail", ["", "  "])
def test_an_answer_without_words_is_told_as_such(detail: str) -> None:
    assert failed("Odd", detail).advice == "AWS said: (no details)."


def test_what_aws_said_is_taken_as_it_is() -> None:
    detail = "Invalid {restApiId} in {0}: 100%."
    assert failed("BadRequestException", f" {detail}\n").advice == f"AWS said: {detail}"


def test_what_botocore_said_is_a_sentence_of_its_own() -> None:
    detail = 'Could not connect to the endpoint URL: "https://example.com/restapis"'
    assert re.search(r'restapis"\. Check ', failed("EndpointConnectionError", detail).advice)


def test_two_failures_of_one_kind_are_two() -> None:
    assert len({failed("Odd"), failed("Odd")}) == 2


def test_errors_are_imported_without_sqlite_and_aws() -> None:
    code = (
        "import sys, apigw_vtab.aws.failures; "
        "print(*sorted({'apsw', 'boto3', 'botocore'} & set(sys.modules)))"
    )
    ran = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert ran.stdout.strip() == ""
