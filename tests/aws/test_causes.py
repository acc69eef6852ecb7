"""Why a call got no answer: each code has its words and a next step."""

from __future__ import annotations

import itertools

import botocore.exceptions
import botocore.parsers
import pytest

from apigw_vtab.aws.causes import (
    CAUSES,
    CREDENTIAL_SOURCE,
    DENIED,
    DENIED_ELSEWHERE,
    FAILED_ELSEWHERE,
    GARBLED,
    OTHER,
    SIGN_IN,
    THROTTLED,
    UNREACHABLE,
    UNREADABLE,
    UNRECOGNISED,
    WITHOUT_CREDENTIALS,
    WRONG_CLOCK,
    WRONG_SECRET,
    Cause,
    cause_of,
)
from apigw_vtab.aws.failures import GONE, CallFailed
from apigw_vtab.aws.known_causes import KNOWN_OTHERWISE


def failed(code: str, detail: str = "Told so.") -> CallFailed:
    return CallFailed("prod", "eu-west-1", "apigateway", "GetStages", code, detail)


# Code, AWS's sentence: what is told, and what to do next.
WORDS = [
    ("AccessDeniedException", "", "access denied", "Allow apigateway:GET to this identity."),
    (
        "ExpiredTokenException",
        "",
        "the session token has expired",
        "Renew the credentials of profile prod; for SSO: aws sso login --profile prod",
    ),
    (
        "UnrecognizedClientException",
        "",
        "AWS does not know these credentials",
        "Check the keys of profile prod: aws sts get-caller-identity --profile prod",
    ),
    (
        "NoCredentialsError",
        "",
        "no AWS credentials were found",
        "Run 'aws configure' or 'aws sso login', name a profile with --profile, "
        "or try without an account: --sandbox",
    ),
    (
        "PartialCredentialsError",
        "Told so.",
        "its credentials are incomplete",
        "Told so. Add what is missing: aws configure --profile prod",
    ),
    (
        "UnauthorizedSSOTokenError",
        "",
        "the sign-in session is missing or has expired",
        "Sign in again: aws sso login --profile prod",
    ),
    (
        "CredentialRetrievalError",
        "Told so.",
        "the source of the credentials failed",
        "Told so. Check the profile's credential_process or role.",
    ),
    (
        "MfaWithoutTerminal",
        "",
        "its role needs an MFA code, and there is no terminal to type it on",
        "Run it in a terminal, or print a session there and set it here: "
        "aws configure export-credentials --profile prod --format env",
    ),
    (
        "UnusableProfile",
        "Told so.",
        "its settings cannot be used",
        "Told so. Correct the profile in the AWS configuration.",
    ),
    (
        "ReadTimeoutError",
        "Told so.",
        "no answer from the endpoint",
        "Told so. Check the network, the region's name and --endpoint-url.",
    ),
    (
        "ResponseParserError",
        "Told so.",
        "the answer was cut off or garbled",
        "Told so. Check any proxy between here and the endpoint, and try again.",
    ),
    (
        "TooManyRequestsException",
        "",
        "still throttled after waiting",
        "Others share this quota: lower --max-rps, or try again later.",
    ),
    (
        "RepeatedPageToken",
        "",
        "the list of pages never ends",
        "The endpoint gave the same page token twice; "
        "try again, and report it if it happens again.",
    ),
    (
        "LimitExceededException",
        "Told so.",
        "a quota of the account is used up",
        "Told so. Delete what is no longer used, or ask AWS for a higher quota.",
    ),
    (
        "AWSOrganizationsNotInUseException",
        "",
        "the account is in no organization",
        "Run it with a profile of the organization's management account, or list the accounts in "
        "a file for --accounts-from.",
    ),
    (
        "TimedOut",
        "Told so.",
        "no answer in time",
        "Told so. Check the network, or allow more time with --timeout.",
    ),
    ("SomethingNewException", "Told so.", "the call failed", "AWS said: Told so."),
]


@pytest.mark.parametrize(("code", "detail", "what", "advice"), WORDS)
def test_a_code_has_words_and_advice(code: str, detail: str, what: str, advice: str) -> None:
    failure = failed(code, detail)
    assert (failure.cause.what, failure.advice) == (what, advice)


USER = "User: arn:aws:sts::123456789012:assumed-role/Audit/me is not authorized to perform: "
GET = "apigateway:GET on resource: arn:aws:apigateway:eu-west-1::/restapis "


@pytest.mark.parametrize(
    ("sentence", "what", "next_step"),
    [
        (
            "with an explicit deny in a service control policy",
            "denied by a service control policy of the organization",
            "--skip-denied-by-scp",
        ),
        (
            "because no service control policy allows the apigateway:GET action",
            "denied by a service control policy of the organization",
            "--skip-denied-by-scp",
        ),
        (
            "with an explicit deny in a service control policy: "
            "arn:aws:organizations::111111111111:policy/o-a/service_control_policy/p-b",
            "denied by a service control policy of the organization",
            "--skip-denied-by-scp",
        ),
        (
            "with an explicit deny in a resource control policy",
            "denied by a resource control policy of the organization",
            "manage the organization",
        ),
        (
            "because no permissions boundary allows the apigateway:GET action",
            "denied by a permissions boundary",
            "in the permissions boundary",
        ),
        (
            "because no session policy allows the apigateway:GET action",
            "denied by the session policy",
            "start one without it",
        ),
        (
            "with an explicit deny in a VPC endpoint policy",
            "denied by the policy of a VPC endpoint",
            "in the policy of the VPC endpoint",
        ),
        (
            "with an explicit deny in an identity-based policy",
            "denied by a Deny in a policy",
            "take apigateway:GET out of that Deny",
        ),
        (
            "because no identity-based policy allows the apigateway:GET action",
            "access denied",
            "Allow apigateway:GET to this identity.",
        ),
    ],
)
@pytest.mark.parametrize("code", ["AccessDeniedException", "AccessDenied", "UnauthorizedOperation"])
def test_a_denial_says_which_policy_denied(
    code: str, sentence: str, what: str, next_step: str
) -> None:
    failure = failed(code, USER + GET + sentence)
    assert failure.cause.what == what
    assert next_step in failure.advice
    assert f"AWS said: {USER}{GET}{sentence}. {failure.advice}" in str(failure)


@pytest.mark.parametrize(
    ("code", "sentence"),
    [
        (
            "InvalidSignatureException",
            "Signature expired: 20261126T100000Z is now earlier than 20261126T110000Z "
            "(20261126T110500Z - 5 min.)",
        ),
        (
            "InvalidSignatureException",
            "Signature not yet current: 20261126T130000Z is still later than 20261126T120500Z "
            "(20261126T120000Z + 5 min.)",
        ),
        (
            "SignatureDoesNotMatch",
            "Signature expired: 20261126T100000Z is now earlier than 20261126T110000Z",
        ),
        ("RequestTimeTooSkewed", "The difference between the request time and the current time"),
    ],
)
def test_a_wrong_clock_is_told_as_such(code: str, sentence: str) -> None:
    failure = failed(code, sentence)
    assert failure.cause.what == WRONG_CLOCK.what
    assert "the clock of this machine is wrong" in str(failure)
    assert failure.is_account_wide


def test_a_wrong_secret_is_told_as_such() -> None:
    sentence = "The request signature we calculated does not match the signature you provided."
    for code in ("InvalidSignatureException", "SignatureDoesNotMatch"):
        assert cause_of(code, sentence) is WRONG_SECRET


@pytest.mark.parametrize(
    ("code", "what"),
    [
        ("403", "access denied by something that is not AWS"),
        ("401", "access denied by something that is not AWS"),
        ("407", "the proxy wants to know who you are"),
        ("302", "something that is not AWS leads elsewhere, as a proxy does to its sign-in page"),
        ("502", "something between here and AWS failed"),
        ("503", "something between here and AWS failed"),
        ("404", "something that is not AWS answered"),
        ("418", "something that is not AWS answered"),
    ],
)
def test_a_status_without_a_code_of_aws_is_not_blamed_on_aws(code: str, what: str) -> None:
    failure = failed(code, "Blocked by policy 7.")
    assert failure.cause.what == what
    assert failure.advice.endswith("It said: Blocked by policy 7.")


@pytest.mark.parametrize(
    ("cause", "codes"),
    [
        (DENIED, ["AccessDenied", "ForbiddenException", "UnauthorizedOperation"]),
        (UNRECOGNISED, ["AuthFailure", "InvalidClientTokenId", "OptInRequired"]),
        (SIGN_IN, ["SSOTokenLoadError", "TokenRetrievalError"]),
        (CREDENTIAL_SOURCE, ["MetadataRetrievalError", "InfiniteLoopConfigError"]),
        (UNREACHABLE, ["EndpointConnectionError", "ConnectTimeoutError", "SSLError"]),
        (GARBLED, ["IncompleteReadError", "ResponseStreamingError"]),
        (THROTTLED, ["Throttling", "ThrottlingException", "RequestLimitExceeded"]),
        (FAILED_ELSEWHERE, ["500", "504"]),
        (DENIED_ELSEWHERE, ["451"]),
        (OTHER, ["", "BadRequestException"]),
    ],
)
def test_codes_that_mean_the_same_have_one_cause(cause: Cause, codes: list[str]) -> None:
    assert {cause_of(code, "Told so.") for code in codes} == {cause}


def test_a_code_has_one_cause_where_the_sentence_does_not_matter() -> None:
    plain = [cause for cause in CAUSES if not cause.says]
    for one, other in itertools.combinations(plain, 2):
        assert not one.codes & other.codes


def test_a_sentence_is_looked_at_before_its_code_alone() -> None:
    for cause in CAUSES:
        later = CAUSES[CAUSES.index(cause) :]
        assert not cause.says or any(one.codes >= cause.codes and not one.says for one in later)


@pytest.mark.parametrize(
    "cause",
    [WITHOUT_CREDENTIALS, CREDENTIAL_SOURCE, UNREACHABLE, GARBLED],
    ids=lambda one: one.what,
)
def test_codes_without_an_answer_are_names_of_botocores_exceptions(cause: Cause) -> None:
    known = {*vars(botocore.exceptions), *vars(botocore.parsers), UNREADABLE}
    assert cause.codes <= known


def test_a_resource_that_is_gone_has_no_cause_of_its_own() -> None:
    assert {cause_of(code, "") for code in GONE} == {OTHER}


@pytest.mark.parametrize(
    ("code", "everywhere"),
    [
        ("ExpiredToken", True),
        ("NoCredentialsError", True),
        ("SSOTokenLoadError", True),
        ("MetadataRetrievalError", True),
        ("MfaWithoutTerminal", True),
        ("RequestTimeTooSkewed", True),
        ("AccessDeniedException", False),
        ("UnrecognizedClientException", False),
        ("EndpointConnectionError", False),
        ("TooManyRequestsException", False),
        ("403", False),
    ],
)
def test_some_errors_are_the_whole_accounts(code: str, everywhere: bool) -> None:
    assert failed(code).is_account_wide is everywhere


@pytest.mark.parametrize("cause", [*CAUSES, *KNOWN_OTHERWISE, OTHER], ids=lambda one: one.what)
def test_no_words_have_a_blank_left(cause: Cause) -> None:
    failure = failed("Odd")
    failure.because = cause
    assert not {"{", "}"} & set(str(failure))
