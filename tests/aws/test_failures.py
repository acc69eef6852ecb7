"""A call that failed: what went wrong, in words, and what to do next."""

from __future__ import annotations

import itertools
import re
import subprocess
import sys
from pathlib import Path

import botocore.exceptions
import botocore.parsers
import pytest

from apigw_vtab.aws.failures import (
    ACCOUNT_WIDE,
    CAUSES,
    CREDENTIAL_SOURCE,
    DENIED,
    GARBLED,
    GONE,
    OTHER,
    SIGN_IN,
    THROTTLED,
    UNREACHABLE,
    UNREADABLE,
    UNRECOGNISED,
    WITHOUT_CREDENTIALS,
    CallFailed,
    Cause,
    iam_action,
)

ROOT = Path(__file__).parents[2]


def failed(
    code: str, detail: str = "Told so.", service: str = "apigateway", operation: str = "GetStages"
) -> CallFailed:
    return CallFailed("prod", "eu-west-1", service, operation, code, detail)


# Each cause: the codes that it has, its words, its advice.


WORDS = [
    (
        "AccessDeniedException",
        "access denied",
        "Allow apigateway:GET to this identity.",
    ),
    (
        "ExpiredTokenException",
        "the session token has expired",
        "Renew the credentials of profile prod; for SSO: aws sso login --profile prod",
    ),
    (
        "UnrecognizedClientException",
        "AWS does not know these credentials",
        "Check the keys of profile prod: aws sts get-caller-identity --profile prod",
    ),
    (
        "NoCredentialsError",
        "no AWS credentials were found",
        "Run 'aws configure' or 'aws sso login', name a profile with --profile, "
        "or try without an account: --sandbox",
    ),
    (
        "UnauthorizedSSOTokenError",
        "the sign-in session is missing or has expired",
        "Sign in again: aws sso login --profile prod",
    ),
    (
        "CredentialRetrievalError",
        "the source of the credentials failed",
        "Told so. Check the profile's credential_process or role.",
    ),
    (
        "ReadTimeoutError",
        "no answer from the endpoint",
        "Told so. Check the network, the region's name and --endpoint-url.",
    ),
    (
        "ResponseParserError",
        "the answer was cut off or garbled",
        "Told so. Check any proxy between here and the endpoint, and try again.",
    ),
    (
        "TooManyRequestsException",
        "still throttled after waiting",
        "Others share this quota: lower --max-rps, or try again later.",
    ),
    (
        "RepeatedPageToken",
        "the list of pages never ends",
        "The endpoint gave the same page token twice; "
        "try again, and report it if it happens again.",
    ),
    (
        "LimitExceededException",
        "a quota of the account is used up",
        "Told so. Delete what is no longer used, or ask AWS for a higher quota.",
    ),
    (
        "TimedOut",
        "no answer in time",
        "Told so. Check the network, or allow more time with --timeout.",
    ),
    ("SomethingNewException", "the call failed", "AWS said: Told so."),
]


@pytest.mark.parametrize(("code", "what", "advice"), WORDS)
def test_a_code_has_words_and_advice(code: str, what: str, advice: str) -> None:
    failure = failed(code)
    assert (failure.cause.what, failure.advice) == (what, advice)


@pytest.mark.parametrize(
    ("cause", "codes"),
    [
        (DENIED, ["AccessDenied", "ForbiddenException", "UnauthorizedOperation"]),
        (UNRECOGNISED, ["AuthFailure", "InvalidClientTokenId", "OptInRequired"]),
        (WITHOUT_CREDENTIALS, ["PartialCredentialsError"]),
        (SIGN_IN, ["SSOTokenLoadError", "TokenRetrievalError"]),
        (CREDENTIAL_SOURCE, ["MetadataRetrievalError"]),
        (UNREACHABLE, ["EndpointConnectionError", "ConnectTimeoutError", "SSLError"]),
        (GARBLED, ["IncompleteReadError", "ResponseStreamingError"]),
        (THROTTLED, ["Throttling", "ThrottlingException", "RequestLimitExceeded"]),
        (OTHER, ["", "BadRequestException", "500"]),
    ],
)
def test_codes_that_mean_the_same_have_one_cause(cause: Cause, codes: list[str]) -> None:
    assert {failed(code).cause for code in codes} == {cause}


def test_every_cause_is_among_these() -> None:
    assert {what for _, what, _ in WORDS} == {cause.what for cause in (*CAUSES, OTHER)}


def test_a_code_has_one_cause() -> None:
    for one, other in itertools.combinations(CAUSES, 2):
        assert not one.codes & other.codes


@pytest.mark.parametrize(
    "cause",
    [WITHOUT_CREDENTIALS, CREDENTIAL_SOURCE, UNREACHABLE, GARBLED],
    ids=lambda one: one.what,
)
def test_codes_without_an_answer_are_names_of_botocores_exceptions(cause: Cause) -> None:
    known = {*vars(botocore.exceptions), *vars(botocore.parsers), UNREADABLE}
    assert cause.codes <= known


def test_a_resource_that_is_gone_has_no_cause_of_its_own() -> None:
    assert {failed(code).cause for code in GONE} == {OTHER}


@pytest.mark.parametrize(
    ("code", "everywhere"),
    [
        ("ExpiredToken", True),
        ("NoCredentialsError", True),
        ("SSOTokenLoadError", True),
        ("MetadataRetrievalError", True),
        ("AccessDeniedException", False),
        ("UnrecognizedClientException", False),
        ("EndpointConnectionError", False),
        ("TooManyRequestsException", False),
    ],
)
def test_some_errors_are_the_whole_accounts(code: str, everywhere: bool) -> None:
    assert (code in ACCOUNT_WIDE) is everywhere


# A call that failed


def test_a_failure_tells_what_where_why_and_what_next() -> None:
    assert str(failed("AccessDeniedException")) == (
        "GetStages in eu-west-1 (profile prod): access denied (AccessDeniedException). "
        "Allow apigateway:GET to this identity."
    )


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


@pytest.mark.parametrize("code", sorted({code for cause in CAUSES for code in cause.codes}))
def test_no_advice_has_a_blank_left(code: str) -> None:
    assert not {"{", "}"} & set(failed(code).advice)


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
