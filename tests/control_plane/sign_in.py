"""IAM Identity Center: sign-ins, and the roles that they have been assigned.

https://docs.aws.amazon.com/singlesignon/latest/PortalAPIReference/API_GetRoleCredentials.html
https://docs.aws.amazon.com/singlesignon/latest/OIDCAPIReference/API_CreateToken.html
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import Any

from .organization import account_name
from .refusals import not_assigned, refusal
from .settings import Ask
from .wire import CredentialScope, HttpRequest

#: The access token and the refresh token of the one sign-in that is good.
TOKEN, REFRESH_TOKEN = "signed-in", "sign-in-again"
TOKEN_HEADER = "x-amz-sso_bearer_token"
# Its calls have no signature, and so no service or region.
SERVICES = {
    "/federation/credentials": "sso",
    "/assignment/accounts": "sso",
    "/assignment/roles": "sso",
    "/token": "sso-oauth",
}
# The most that a page has here.
PAGE = 100
TOKEN_SECONDS = 3600


def scope_of_sign_in(request: HttpRequest) -> CredentialScope | None:
    """What an unsigned request is for, if it is one of a sign-in; the token is its key."""
    service = SERVICES.get(request.target.partition("?")[0])
    token = request.headers.get(TOKEN_HEADER, "")
    return CredentialScope(token, "", service) if service else None


def get_role_credentials(ask: Ask) -> dict[str, Any]:
    """SSO GetRoleCredentials."""
    _check(ask)
    account, role = ask.params.get("account_id", ""), ask.params.get("role_name", "")
    if not ask.settings.estate.grants(account, role):
        raise not_assigned()
    return {
        "roleCredentials": {
            "accessKeyId": f"ASIA{account}{ask.request_id[:8].upper()}",
            "secretAccessKey": "secret",
            "sessionToken": ask.request_id,
            "expiration": int((time.time() + ask.settings.session_seconds) * 1000),
        }
    }


def accounts(ask: Ask) -> dict[str, Any]:
    """SSO ListAccounts: those in which the signed-in user has a role."""
    _check(ask)
    estate = ask.settings.estate
    named = [
        {
            "accountId": account,
            "accountName": account_name(number),
            "emailAddress": f"{account_name(number)}@example.com",
        }
        for number, account in enumerate(estate.accounts)
    ]
    return _page(ask, "accountList", named)


def roles(ask: Ask) -> dict[str, Any]:
    """SSO ListAccountRoles: those of the user in one account, as the estate names them."""
    _check(ask)
    account = str(ask.params.get("account_id"))
    estate = ask.settings.estate
    names = [one for one in estate.assigned if estate.grants(account, one)]
    return _page(ask, "roleList", [{"roleName": one, "accountId": account} for one in names])


def _check(ask: Ask) -> None:
    if ask.call.access_key != TOKEN:
        raise refusal("expired", "sso")


def _page(ask: Ask, member: str, found: Sequence[Any]) -> dict[str, Any]:
    start, size = int(ask.params.get("next_token") or 0), int(ask.params.get("max_result") or PAGE)
    page = {member: found[start : start + size]}
    return page | ({"nextToken": str(start + size)} if start + size < len(found) else {})


def create_token(ask: Ask) -> dict[str, Any]:
    """SSO OIDC CreateToken, which renews a sign-in."""
    if ask.params.get("refreshToken") != REFRESH_TOKEN:
        raise refusal("expired", "sso-oauth")
    return {"accessToken": TOKEN, "expiresIn": TOKEN_SECONDS, "refreshToken": REFRESH_TOKEN}
