"""IAM Identity Center: sign-ins, and the roles that they have been assigned.

https://docs.aws.amazon.com/singlesignon/latest/PortalAPIReference/API_GetRoleCredentials.html
https://docs.aws.amazon.com/singlesignon/latest/OIDCAPIReference/API_CreateToken.html
"""

from __future__ import annotations

import time
from typing import Any

from .refusals import not_assigned, refusal
from .settings import Ask
from .wire import CredentialScope, HttpRequest

#: The access token and the refresh token of the one sign-in that is good.
TOKEN, REFRESH_TOKEN = "signed-in", "sign-in-again"
TOKEN_HEADER = "x-amz-sso_bearer_token"
# Its calls have no signature, and so no service or region.
SERVICES = {"/federation/credentials": "sso", "/token": "sso-oauth"}
TOKEN_SECONDS = 3600


def scope_of_sign_in(request: HttpRequest) -> CredentialScope | None:
    """What an unsigned request is for, if it is one of a sign-in; the token is its key."""
    service = SERVICES.get(request.target.partition("?")[0])
    token = request.headers.get(TOKEN_HEADER, "")
    return CredentialScope(token, "", service) if service else None


def get_role_credentials(ask: Ask) -> dict[str, Any]:
    """SSO GetRoleCredentials."""
    if ask.call.access_key != TOKEN:
        raise refusal("expired", "sso")
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


def create_token(ask: Ask) -> dict[str, Any]:
    """SSO OIDC CreateToken, which renews a sign-in."""
    if ask.params.get("refreshToken") != REFRESH_TOKEN:
        raise refusal("expired", "sso-oauth")
    return {"accessToken": TOKEN, "expiresIn": TOKEN_SECONDS, "refreshToken": REFRESH_TOKEN}
