"""How the sandbox gives credentials: roles that may be assumed, and IAM Identity Center.

moto lets everybody assume every role, and has no portal of IAM Identity Center. Errors are AWS's:
https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_access-denied.html
https://docs.aws.amazon.com/singlesignon/latest/PortalAPIReference/API_GetRoleCredentials.html
https://docs.aws.amazon.com/singlesignon/latest/OIDCAPIReference/API_CreateToken.html
"""

from __future__ import annotations

import io
import json
import re
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any
from urllib.parse import parse_qsl
from xml.sax.saxutils import escape

from moto.iam.models import get_account_id_from
from moto.sts.models import sts_backends
from werkzeug.wrappers import Request, Response

from apigw_vtab.sandbox.estate import SandboxAccount
from apigw_vtab.sandbox.identities import session_of
from apigw_vtab.sandbox.organization import TARGET, SandboxOrganization

# The access token and the refresh token of the one sign-in that is good.
TOKEN, REFRESH_TOKEN = "signed-in", "sign-in-again"
TOKEN_SECONDS = 3600
# Where an access token is sent, and where the server puts it for the application.
TOKEN_HEADER, TOKEN_VARIABLE = "x-amz-sso_bearer_token", "apigw_vtab.sso_token"
ACCESS_KEY = re.compile(r"Credential=([^/]+)/")
STS_REQUEST = re.compile(r"Credential=([^/]+)/\d{8}/[^/]+/sts/aws4_request")
Application = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]


class SignInApplication:
    """Answers what gives credentials, and hands everything else on."""

    def __init__(
        self,
        behind: Application,
        accounts: Sequence[SandboxAccount],
        organization: SandboxOrganization | None = None,
    ) -> None:
        self._behind = behind
        self._organization = organization
        self._accounts = {account.id: account for account in accounts}

    def __call__(
        self, environ: dict[str, Any], start_response: Callable[..., Any]
    ) -> Iterable[bytes]:
        """Answer a request, as WSGI asks."""
        answer: Response | None = None
        path, signed = environ["PATH_INFO"], environ.get("HTTP_AUTHORIZATION", "")
        if path == "/federation/credentials":
            answer = self._role_credentials(Request(environ))
        elif path == "/token":
            answer = _token(json.loads(_body(environ) or b"{}"))
        elif self._organization and environ.get("HTTP_X_AMZ_TARGET", "").startswith(TARGET):
            operation = environ["HTTP_X_AMZ_TARGET"].removeprefix(TARGET)
            key = ACCESS_KEY.search(signed)
            account = get_account_id_from(key[1] if key else "")
            asked = json.loads(_body(environ) or b"{}")
            answer = self._organization.answer(operation, asked, account)
        elif match := STS_REQUEST.search(signed):
            form = dict(parse_qsl(_body(environ).decode()))
            if form.get("Action") == "AssumeRole":
                answer = self._refused_role(match[1], form.get("RoleArn", ""))
        return (answer or self._behind)(environ, start_response)

    def _refused_role(self, access_key: str, arn: str) -> Response | None:
        """Return AWS's refusal of a role that may not be assumed, or None."""
        account = self._accounts.get(arn.split(":")[4] if arn.count(":") >= 5 else "")
        if account and arn.rpartition("/")[2] in account.roles:
            return None
        own = get_account_id_from(access_key)
        _, principal, _ = sts_backends[own]["aws"].get_caller_identity(access_key, "us-east-1")
        message = (
            f"User: {principal} is not authorized to perform: sts:AssumeRole on resource: {arn}"
        )
        body = (
            '<ErrorResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><Error>'
            f"<Type>Sender</Type><Code>AccessDenied</Code><Message>{escape(message)}</Message>"
            "</Error><RequestId>sandbox</RequestId></ErrorResponse>"
        )
        return Response(body, 403, mimetype="text/xml")

    def _role_credentials(self, request: Request) -> Response:
        if request.environ.get(TOKEN_VARIABLE) != TOKEN:
            return _refused(401, "UnauthorizedException", "Session token not found or invalid")
        account = self._accounts.get(request.args.get("account_id", ""))
        role = request.args.get("role_name", "")
        if account is None or role not in account.roles:
            return _refused(403, "ForbiddenException", "No access")
        keys = session_of(account, f"aws-reserved/sso.amazonaws.com/AWSReservedSSO_{role}")
        return _answered(
            {
                "roleCredentials": {
                    "accessKeyId": keys.access_key,
                    "secretAccessKey": keys.secret_key,
                    "sessionToken": keys.session_token,
                    "expiration": int(time.time() + TOKEN_SECONDS) * 1000,
                }
            }
        )


def _token(asked: Mapping[str, Any]) -> Response:
    if asked.get("refreshToken") != REFRESH_TOKEN:
        return _refused(400, "InvalidGrantException", "Invalid refresh token provided")
    renewed = {"accessToken": TOKEN, "expiresIn": TOKEN_SECONDS, "refreshToken": REFRESH_TOKEN}
    return _answered({**renewed, "tokenType": "Bearer"})


def _body(environ: dict[str, Any]) -> bytes:
    """Return a request's body, and leave it to be read again."""
    body: bytes = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
    environ["wsgi.input"] = io.BytesIO(body)
    return body


def _answered(members: Mapping[str, Any]) -> Response:
    return Response(json.dumps(members), mimetype="application/json")


def _refused(status: int, code: str, message: str) -> Response:
    headers = {"x-amzn-ErrorType": code}
    return Response(json.dumps({"message": message}), status, headers, mimetype="application/json")
