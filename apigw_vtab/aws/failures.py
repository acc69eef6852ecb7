"""What can go wrong, in plain words and with the next step. Pure: no AWS, no SQLite."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from apigw_vtab.aws.services import API_GATEWAY
from apigw_vtab.errors import ApigwVtabError


class Cause(NamedTuple):
    """Why a call got no answer: what to say, and what the reader can do next.

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
    "the sign-in session is missing or has expired",
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
    "{detail} Check any proxy between here and the endpoint, and try again.",
)
THROTTLED = Cause(
    _codes("RequestLimitExceeded Throttling ThrottlingException TooManyRequestsException"),
    "still throttled after waiting",
    "Others share this quota: lower --max-rps, or try again later.",
)
USED_UP = Cause(
    _codes("LimitExceededException"),
    "a quota of the account is used up",
    "{detail} Delete what is no longer used, or ask AWS for a higher quota.",
)
# Our own code for a list whose page token came a second time.
REPEATED_TOKEN = "RepeatedPageToken"
ENDLESS = Cause(
    _codes(REPEATED_TOKEN),
    "the list of pages never ends",
    "The endpoint gave the same page token twice; try again, and report it if it happens again.",
)
# Our own code for a call that took too long with all its attempts.
TIMED_OUT = "TimedOut"
TOO_LONG = Cause(
    _codes(TIMED_OUT),
    "no answer in time",
    "{detail} Check the network, or allow more time with --timeout.",
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
GONE = _codes("NotFoundException")
# These affect the whole account, whatever the region.
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
    """One AWS call that got no answer.

    `code` is AWS's error code or, if nothing came back at all, the name of botocore's exception;
    `advice` is what the reader can do next. `is_passing` says that another attempt may succeed,
    `retry_after` in how many seconds, where AWS said so.
    """

    profile: str
    region: str
    service: str
    operation: str
    code: str
    detail: str
    is_passing: bool = False
    retry_after: float | None = None

    def __str__(self) -> str:
        return (
            f"{self.operation} in {self.region} (profile {self.profile}): "
            f"{self.cause.what} ({self.code}). {self.advice}"
        )

    @property
    def cause(self) -> Cause:
        """Why the call got no answer."""
        return next((cause for cause in CAUSES if self.code in cause.codes), OTHER)

    @property
    def is_regional(self) -> bool:
        """Whether one region is missing without the answer, and not the whole account."""
        return self.service in API_GATEWAY

    @property
    def is_conflict(self) -> bool:
        """Whether AWS refused a change because of another one at the same moment."""
        return self.code == "ConflictException" and "try again" in self.detail.lower()

    @property
    def advice(self) -> str:
        """What to do next."""
        return self.cause.advice.format(
            action=iam_action(self.service, self.operation),
            profile=self.profile,
            detail=_sentence(self.detail.strip() or "(no details)"),
        )


def _sentence(text: str) -> str:
    return text if text.endswith((".", "!", "?")) else f"{text}."


def iam_action(service: str, operation: str) -> str:
    """Return the IAM action behind an operation, as a policy writes it.

    API Gateway's actions are HTTP methods:
    https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonapigatewaymanagement.html
    """
    if service not in API_GATEWAY:
        return f"{service}:{operation}"
    methods = (method for verb, method in HTTP_METHODS.items() if operation.startswith(verb))
    return f"apigateway:{next(methods, '*')}"
