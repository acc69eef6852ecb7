"""Why a call got no answer: in words, and with the next step. Pure: no AWS, no SQLite.

AWS's words for what denied a call:
https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_access-denied.html
"""

from __future__ import annotations

import re
from dataclasses import dataclass


@dataclass(frozen=True)
class Cause:
    """Why a call got no answer: what to say, and what the reader can do next.

    `what` and `advice` are format strings over the fields of CallFailed, the IAM `action` and the
    rest of CallFailed.words. `says` is what AWS's sentence must contain, where the code alone does
    not tell. An `account_wide` cause is the same in all regions of an account. `by_aws` says that
    it is AWS that refused, and that its sentence adds to ours.
    """

    codes: frozenset[str]
    what: str
    advice: str
    says: str = ""
    account_wide: bool = False
    by_aws: bool = False

    def fits(self, code: str, detail: str) -> bool:
        """Return whether a code and AWS's sentence have this cause."""
        return code in self.codes and re.search(self.says, detail, re.IGNORECASE) is not None


def _codes(words: str) -> frozenset[str]:
    return frozenset(words.split())


_DENIALS = _codes(
    "AccessDenied AccessDeniedException ForbiddenException UnauthorizedException"
    " UnauthorizedOperation"
)
_SIGNATURES = _codes("InvalidSignatureException SignatureDoesNotMatch")
_STALE = _codes("ExpiredToken ExpiredTokenException RequestExpired TokenRefreshRequired")


DENIED_BY_SCP = Cause(
    _DENIALS,
    "denied by a service control policy of the organization",
    "Ask those who manage the organization to allow {action} there, "
    "or leave out such regions with --skip-denied-by-scp.",
    says="service control policy",
    by_aws=True,
)
DENIED_BY_RCP = Cause(
    _DENIALS,
    "denied by a resource control policy of the organization",
    "Ask those who manage the organization to allow {action}.",
    says="resource control policy",
    by_aws=True,
)
DENIED_BY_BOUNDARY = Cause(
    _DENIALS,
    "denied by a permissions boundary",
    "Allow {action} in the permissions boundary of this identity, too.",
    says="permissions boundary",
    by_aws=True,
)
DENIED_BY_SESSION = Cause(
    _DENIALS,
    "denied by the session policy",
    "Allow {action} in the policy that this session was started with, or start one without it.",
    says="session policy",
    by_aws=True,
)
DENIED_BY_VPC_ENDPOINT = Cause(
    _DENIALS,
    "denied by the policy of a VPC endpoint",
    "Allow {action} in the policy of the VPC endpoint that calls go through from here.",
    says="vpc endpoint policy",
    by_aws=True,
)
DENIED_EXPLICITLY = Cause(
    _DENIALS,
    "denied by a Deny in a policy",
    "An Allow does not help: take {action} out of that Deny.",
    says="explicit deny",
    by_aws=True,
)
DENIED = Cause(_DENIALS, "access denied", "Allow {action} to this identity.", by_aws=True)

# Our own code for a role that needs a code from an MFA device, where nobody can type it.
MFA_NEEDED = "MfaWithoutTerminal"
WITHOUT_TERMINAL = Cause(
    _codes(MFA_NEEDED),
    "its role needs an MFA code, and there is no terminal to type it on",
    "Run it in a terminal, or print a session there and set it here: "
    "aws configure export-credentials --profile {profile} --format env",
    account_wide=True,
)
# Our own code for settings that boto3 refuses.
UNUSABLE = Cause(
    _codes("UnusableProfile"),
    "its settings cannot be used",
    "{detail} Correct the profile in the AWS configuration.",
    account_wide=True,
)

WRONG_CLOCK = Cause(
    _codes("RequestTimeTooSkewed RequestInTheFuture"),
    "the clock of this machine is {clock}",
    "Set it by a time server, such as with chrony or systemd-timesyncd, and try again.",
    account_wide=True,
    by_aws=True,
)
WRONG_CLOCK_BY_SIGNATURE = Cause(
    _SIGNATURES,
    WRONG_CLOCK.what,
    WRONG_CLOCK.advice,
    says="signature (not yet current|expired)",
    account_wide=True,
    by_aws=True,
)
# The codes that can mean a wrong clock, where the answer's Date shows that it is.
CLOCK_CODES = _SIGNATURES | _STALE | _codes("AuthFailure")
WRONG_SECRET = Cause(
    _SIGNATURES,
    "the signature is not that of the access key",
    "Check aws_secret_access_key of profile {profile}: aws sts get-caller-identity "
    "--profile {profile}",
    account_wide=True,
    by_aws=True,
)
EXPIRED = Cause(
    _STALE,
    "the session token has expired",
    "Renew the credentials of profile {profile}; for SSO: aws sso login --profile {profile}",
    account_wide=True,
    by_aws=True,
)
# AWS's answer to good credentials in a region that the account has not enabled, and to bad ones
# everywhere: https://docs.aws.amazon.com/accounts/latest/reference/manage-acct-regions.html
UNRECOGNISED = Cause(
    _codes("AuthFailure InvalidClientTokenId OptInRequired UnrecognizedClientException"),
    "AWS does not know these credentials",
    "Check the keys of profile {profile}: aws sts get-caller-identity --profile {profile}",
    by_aws=True,
)
WITHOUT_CREDENTIALS = Cause(
    _codes("NoCredentialsError"),
    "no AWS credentials were found",
    "Run 'aws configure' or 'aws sso login', name a profile with --profile, "
    "or try without an account: --sandbox",
    account_wide=True,
)
PARTIAL_CREDENTIALS = Cause(
    _codes("PartialCredentialsError"),
    "its credentials are incomplete",
    "{detail} Add what is missing: aws configure --profile {profile}",
    account_wide=True,
)
SIGN_IN = Cause(
    _codes(
        "LoginRefreshRequired SSOTokenLoadError TokenRetrievalError UnauthorizedSSOTokenError"
        " PendingAuthorizationExpiredError"
    ),
    "the sign-in session is missing or has expired",
    "Sign in again: aws sso login --profile {profile}",
    account_wide=True,
)
CREDENTIAL_SOURCE = Cause(
    _codes(
        "CredentialRetrievalError InfiniteLoopConfigError InvalidConfigError"
        " MetadataRetrievalError RefreshWithMFAUnsupportedError"
    ),
    "the source of the credentials failed",
    "{detail} Check the profile's credential_process or role.",
    account_wide=True,
)

UNREACHABLE = Cause(
    _codes(
        "ConnectTimeoutError ConnectionClosedError ConnectionError EndpointConnectionError"
        " HTTPClientError ProxyConnectionError ReadTimeoutError SSLError"
    ),
    "no answer from the endpoint",
    "{detail} Check the network, the region's name and --endpoint-url.",
)
# The code is the HTTP status where an answer has no error code of AWS.
DENIED_ELSEWHERE = Cause(
    _codes("401 403 451"),
    "access denied by something that is not AWS",
    "Its answer has no error code of AWS: check any proxy or firewall between here and the "
    "endpoint, and --endpoint-url. It said: {detail}",
)
PROXY_SIGN_IN = Cause(
    _codes("407"),
    "the proxy wants to know who you are",
    "Give the proxy's user and password in HTTPS_PROXY, or leave AWS out of it with NO_PROXY. "
    "It said: {detail}",
)
LED_ELSEWHERE = Cause(
    _codes("301 302 303 307 308"),
    "something that is not AWS leads elsewhere, as a proxy does to its sign-in page",
    "Sign in at the proxy, or check --endpoint-url. It said: {detail}",
)
FAILED_ELSEWHERE = Cause(
    _codes("500 502 503 504"),
    "something between here and AWS failed",
    "The answer has no error code of AWS: check any proxy or load balancer between here and the "
    "endpoint, and try again. It said: {detail}",
)
ANSWERED_ELSEWHERE = Cause(
    frozenset(f"{status}" for status in range(300, 600))
    - DENIED_ELSEWHERE.codes
    - PROXY_SIGN_IN.codes
    - LED_ELSEWHERE.codes
    - FAILED_ELSEWHERE.codes,
    "something that is not AWS answered",
    "Its answer has no error code of AWS: check --endpoint-url, and any proxy between here and "
    "the endpoint. It said: {detail}",
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
    by_aws=True,
)
USED_UP = Cause(
    _codes("LimitExceededException"),
    "a quota of the account is used up",
    "{detail} Delete what is no longer used, or ask AWS for a higher quota.",
)
WITHOUT_ORGANIZATION = Cause(
    _codes("AWSOrganizationsNotInUseException"),
    "the account is in no organization",
    "Run it with a profile of the organization's management account, or list the accounts in a "
    "file for --accounts-from.",
    by_aws=True,
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
# Our own code for what the user did not wait for.
INTERRUPTED = "Interrupted"
NOT_WAITED_FOR = Cause(
    _codes(INTERRUPTED),
    "it was interrupted before this was read",
    "Run it again, perhaps for fewer accounts or regions.",
)
OTHER = Cause(frozenset(), "the call failed", "AWS said: {detail}")
# The first that fits is the cause: those that also look at AWS's sentence come before the others.
CAUSES = (
    DENIED_BY_SCP,
    DENIED_BY_RCP,
    DENIED_BY_BOUNDARY,
    DENIED_BY_SESSION,
    DENIED_BY_VPC_ENDPOINT,
    DENIED_EXPLICITLY,
    DENIED,
    WITHOUT_TERMINAL,
    UNUSABLE,
    WRONG_CLOCK,
    WRONG_CLOCK_BY_SIGNATURE,
    WRONG_SECRET,
    EXPIRED,
    UNRECOGNISED,
    WITHOUT_CREDENTIALS,
    PARTIAL_CREDENTIALS,
    SIGN_IN,
    CREDENTIAL_SOURCE,
    UNREACHABLE,
    DENIED_ELSEWHERE,
    PROXY_SIGN_IN,
    LED_ELSEWHERE,
    FAILED_ELSEWHERE,
    ANSWERED_ELSEWHERE,
    GARBLED,
    THROTTLED,
    USED_UP,
    WITHOUT_ORGANIZATION,
    ENDLESS,
    TOO_LONG,
    NOT_WAITED_FOR,
)


def cause_of(code: str, detail: str) -> Cause:
    """Return the cause that an error code and AWS's sentence tell."""
    return next((cause for cause in CAUSES if cause.fits(code, detail)), OTHER)
