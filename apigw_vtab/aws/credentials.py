"""An account's credentials: fetched once, before its first call, and who refused to give them."""

from __future__ import annotations

import getpass
import os
import re
import sys
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from apigw_vtab.aws.causes import DENIED, THROTTLED, cause_of
from apigw_vtab.aws.failures import CallFailed
from apigw_vtab.aws.known_causes import CREDENTIALS_REFUSED, ROLE_REFUSED, SSO_ROLE_REFUSED

if TYPE_CHECKING:
    from botocore.credentials import Credentials
    from botocore.exceptions import ClientError
    from botocore.session import Session

# What botocore asks for credentials, as IAM names it.
ACTIONS = {
    "AssumeRole": "sts:AssumeRole",
    "AssumeRoleWithWebIdentity": "sts:AssumeRoleWithWebIdentity",
    "GetRoleCredentials": "sso:GetRoleCredentials",
    "CreateToken": "sso-oauth:CreateToken",
}
_ROLE = re.compile(r"on resource: (arn:\S+:role/\S+)")


class MfaWithoutTerminal(Exception):  # noqa: N818
    """A role needs a code from an MFA device, and nobody can type one."""


def sign_in(session: Session) -> Credentials:
    """Fetch a session's credentials, perhaps slowly. Raises botocore's errors alone.

    A code for an MFA device is asked for on the terminal and nowhere else: standard input may
    hold the user's SQL.
    """
    from botocore.exceptions import (
        BotoCoreError,
        ClientError,
        CredentialRetrievalError,
        NoCredentialsError,
    )

    try:
        # botocore offers no way to who asks for the code.
        resolver = session.get_component("credential_provider")
        resolver.get_provider("assume-role")._prompter = ask_on_terminal
        credentials = session.get_credentials()
        if credentials is None:
            raise NoCredentialsError
        credentials.get_frozen_credentials()
    except (BotoCoreError, ClientError, MfaWithoutTerminal):
        raise
    except Exception as error:
        # A credential_process that is not there, or that prints something else than JSON.
        raise CredentialRetrievalError(
            provider=f"profile {session.profile or 'default'}",
            error_msg=f"{type(error).__name__}: {error}",
        ) from error
    return credentials


def ask_on_terminal(prompt: str) -> str:
    """Return what the user types, unseen. Raises MfaWithoutTerminal where there is no terminal."""
    try:
        os.close(os.open("/dev/tty", os.O_RDWR))
    except OSError:
        if os.name != "nt" or not sys.stdin.isatty():
            raise MfaWithoutTerminal(prompt.strip().rstrip(":")) from None
    return getpass.getpass(prompt)


def is_lasting(error: Exception) -> bool:
    """Return whether asking again within a statement would give the same error."""
    from botocore.exceptions import ClientError, HTTPClientError

    if isinstance(error, ClientError):
        status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
        code = error.response.get("Error", {}).get("Code")
        return bool(status < 500 and code not in THROTTLED.codes)
    return not isinstance(error, HTTPClientError)


def refused_before(failure: CallFailed, error: ClientError, settings: Mapping[str, Any]) -> None:
    """Put into a failure what was refused before its call could be made.

    `settings` are those of the profile. AWS's sentence names the role that it refused, which need
    not be the last one of a chain.
    """
    operation = error.operation_name
    failure.action = ACTIONS.get(operation, operation)
    named = _ROLE.search(failure.detail)
    if operation == "GetRoleCredentials":
        name, account = settings.get("sso_role_name"), settings.get("sso_account_id")
        failure.role = f"the role {name} in account {account}"
        failure.because = SSO_ROLE_REFUSED
    elif operation in ACTIONS and failure.code in DENIED.codes:
        failure.role = named[1] if named else str(settings.get("role_arn") or "")
        failure.because = ROLE_REFUSED
    elif not cause_of(failure.code, failure.detail).account_wide:
        failure.because = CREDENTIALS_REFUSED
