"""What can go wrong, in a person's words and with the next step. Pure: no AWS, no SQLite."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import NamedTuple

from apigw_vtab.errors import ApigwVtabError


class Cause(NamedTuple):
    """Why a call gave no answer: what to say, and what its reader can do next.

    The advice is a format string over the fields of CallFailed and the IAM `action`.
    """

    codes: frozenset[str]
    what: str
    advice: str


def _codes(words: str) -> frozenset[str]:
    return frozenset(words.split())


DENIED = Cause(
    _codes(
        "AccessDenied AccessDeniedException ForbiddenException UnauthorizedException"
        " UnauthorizedOperation"
    ),
    "access denied",
    "Allow {action} to this identity.",
)
EXPIRED = Cause(
    _codes("ExpiredToken ExpiredTokenException RequestExpired TokenRefreshRequired"),
    "the session token has expired",
    "Renew the credentials of profile {profile}; for SSO: aws sso login --profile {profile}",
)
# AWS's answer to good credentials in a region that the account has not enabled, and to bad ones
# everywhere: https://docs.aws.amazon.com/accounts/latest/reference/manage-acct-regions.html
UNRECOGNISED = Cause(
    _codes("AuthFailure InvalidClientTokenId OptInRequired UnrecognizedClientException"),
    "AWS does not know these credentials",
    "Check the keys of profile {profile}: aws sts get-caller-identity --profile {profile}",
)
WITHOUT_CREDENTIALS = Cause(
    _codes("NoCredentialsError PartialCredentialsError"),
    "no AWS credentials were found",
    "Run 'aws configure' or 'aws sso login', name a profile with --profile, "
    "or try without an account: --sandbox",
)
SIGN_IN = Cause(
    _codes("LoginRefreshRequired SSOTokenLoadError TokenRetrievalError UnauthorizedSSOTokenError"),
    "the sign-in session is missing or over",
    "Sign in again: aws sso login --profile {profile}",
)
CREDENTIAL_SOURCE = Cause(
    _codes("CredentialRetrievalError InvalidConfigError MetadataRetrievalError"),
    "the source of the credentials failed",
    "{detail} Check the profile's credential_process or role.",
)
UNREACHABLE = Cause(
    _codes(
        "ConnectTimeoutError ConnectionClosedError ConnectionError EndpointConnectionError"
        " HTTPClientError ProxyConnectionError ReadTimeoutError SSLError"
    ),
    "no answer from the endpoint",
    "{detail} Check the network, the region's name and --endpoint-url.",
)
# Our own code for an answer that holds what its model does not allow.
UNREADABLE = "UnreadableAnswer"
GARBLED = Cause(
    _codes(f"IncompleteReadError ResponseParserError ResponseStreamingError {UNREADABLE}"),
    "the answer was cut off or garbled",
    "{detail} Check what stands between here and the endpoint, and run again.",
)
THROTTLED = Cause(
    _codes("RequestLimitExceeded Throttling ThrottlingException TooManyRequestsException"),
    "throttled, also after waiting",
    "Others share this quota: lower --max-rps, or try later.",
)
USED_UP = Cause(
    _codes("LimitExceededException"),
    "a quota of the account is used up",
    "{detail} Delete what is no longer used, or ask AWS for more.",
)
# Our own code for a list whose page token came a second time.
REPEATED_TOKEN = "RepeatedPageToken"
ENDLESS = Cause(
    _codes(REPEATED_TOKEN),
    "the list of pages never ends",
    "The endpoint gave the same page token twice; run again, and report it if it stays.",
)
# Our own code for a call that took longer than it may, all its attempts together.
TIMED_OUT = "TimedOut"
TOO_LONG = Cause(
    _codes(TIMED_OUT),
    "no answer in time",
    "{detail} Check the network, or give it longer with --timeout.",
)
OTHER = Cause(frozenset(), "the call failed", "AWS said: {detail}")
CAUSES = (
    DENIED,
    EXPIRED,
    UNRECOGNISED,
    WITHOUT_CREDENTIALS,
    SIGN_IN,
    CREDENTIAL_SOURCE,
    UNREACHABLE,
    GARBLED,
    THROTTLED,
    USED_UP,
    ENDLESS,
    TOO_LONG,
)
_SECRET = re.compile(
    r"(x-amz-security-token\s*[:=]\s*|\bsignature\s*[:=]\s*)[^\s&,'\"]+|(://)[^/\s@]+(?=@)",
    re.IGNORECASE,
)
LONGEST_DETAIL = 2_000
GONE = _codes("NotFoundException")
# Of these the whole account suffers, whatever the region.
ACCOUNT_WIDE = EXPIRED.codes | WITHOUT_CREDENTIALS.codes | SIGN_IN.codes | CREDENTIAL_SOURCE.codes


HTTP_METHODS = {
    "Get": "GET",
    "Generate": "POST",
    "Create": "POST",
    "Update": "PATCH",
    "Delete": "DELETE",
}


@dataclass(eq=False)
class CallFailed(ApigwVtabError):  # noqa: N818
    """One AWS call that gave no answer.

    `code` is AWS's error code or, where there was no answer at all, botocore's exception name;
    `advice` is what its reader can do next. `is_passing` says that another attempt may succeed.
    """

    profile: str
    region: str
    service: str
    operation: str
    code: str
    detail: str
    is_passing: bool = False

    def __str__(self) -> str:
        return (
            f"{self.operation} in {self.region} (profile {self.profile}): "
            f"{self.cause.what} ({self.code}). {self.advice}"
        )

    @property
    def cause(self) -> Cause:
        """Why the call gave no answer."""
        return next((cause for cause in CAUSES if self.code in cause.codes), OTHER)

    @property
    def advice(self) -> str:
        """What to do next."""
        return self.cause.advice.format(
            action=iam_action(self.service, self.operation),
            profile=self.profile,
            detail=_sentence(self.detail.strip() or "nothing more"),
        )


def without_secrets(message: str) -> str:
    """Give a message, not longer than anybody reads, without what only its sender should know.

    AWS answers a wrong signature with the headers that it should have been made of, the session
    token among them: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-troubleshooting.html
    """
    hidden = _SECRET.sub(r"\1\2***", message)
    return hidden if len(hidden) <= LONGEST_DETAIL else f"{hidden[:LONGEST_DETAIL]}..."


def _sentence(text: str) -> str:
    return text if text.endswith((".", "!", "?")) else f"{text}."


def iam_action(service: str, operation: str) -> str:
    """Give the IAM action behind an operation, as a policy writes it.

    API Gateway's are its HTTP methods:
    https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonapigatewaymanagement.html
    """
    if service != "apigateway":
        return f"{service}:{operation}"
    methods = (method for verb, method in HTTP_METHODS.items() if operation.startswith(verb))
    return f"apigateway:{next(methods, '*')}"
