"""How AWS gives credentials, and how it refuses them: STS and IAM Identity Center.

https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html,
https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_access-denied.html, aws/aws-cli#7340
(an expired sign-in) and aws/aws-sam-cli#2129 (a role that is not assigned).
"""

from __future__ import annotations

from typing import Any

from .double import Double, fact, is_refused
from .sign_in import REFRESH_TOKEN, TOKEN

#: AWS's sentence about a role that may not be assumed, as a pattern of the principal and the role.
NO_ROLE = "User: {} is not authorized to perform: sts:AssumeRole on resource: {}"


def role_of(arn: str) -> dict[str, str]:
    """The account and the name of a role, as IAM Identity Center takes them."""
    return {"accountId": arn.split(":")[4], "roleName": arn.rpartition("/")[2]}


def keys_work(aws: Double, keys: Any, account: str) -> None:
    told = aws.client("sts", *keys).get_caller_identity()
    assert (told["Account"], ":assumed-role/" in told["Arn"]) == (account, True)


@fact("a role that may be assumed gives keys of its account")
def _(aws: Double) -> None:
    made = aws.client("sts").assume_role(RoleArn=aws.role, RoleSessionName="audit")["Credentials"]
    keys = (made["AccessKeyId"], made["SecretAccessKey"], made["SessionToken"])
    keys_work(aws, keys, role_of(aws.role)["accountId"])


@fact("a role that may not be assumed is AccessDenied, in words that name it and the caller")
def _(aws: Double) -> None:
    caller = aws.client("sts").get_caller_identity()["Arn"]
    is_refused(
        lambda: aws.client("sts").assume_role(RoleArn=aws.refused_role, RoleSessionName="audit"),
        403,
        "AccessDenied",
        NO_ROLE.format(caller, aws.refused_role),
    )


@fact("a role that is assigned gives its keys to a sign-in")
def _(aws: Double) -> None:
    sso = aws.client("sso")
    made = sso.get_role_credentials(**role_of(aws.role), accessToken=TOKEN)["roleCredentials"]
    assert made["expiration"] > 10**12
    keys = (made["accessKeyId"], made["secretAccessKey"], made["sessionToken"])
    keys_work(aws, keys, role_of(aws.role)["accountId"])


@fact("a role that is not assigned is a ForbiddenException")
def _(aws: Double) -> None:
    sso, asked = aws.client("sso"), role_of(aws.refused_role)
    is_refused(
        lambda: sso.get_role_credentials(**asked, accessToken=TOKEN),
        403,
        "ForbiddenException",
        "No access",
    )


@fact("a sign-in that has expired is an UnauthorizedException")
def _(aws: Double) -> None:
    sso, asked = aws.client("sso"), role_of(aws.role)
    is_refused(
        lambda: sso.get_role_credentials(**asked, accessToken="of-yesterday"),
        401,
        "UnauthorizedException",
        "Session token not found or invalid",
    )


@fact("a sign-in is renewed with its refresh token, and with no other")
def _(aws: Double) -> None:
    asked = {"clientId": "c", "clientSecret": "s", "grantType": "refresh_token"}
    oidc = aws.client("sso-oidc")
    assert oidc.create_token(**asked, refreshToken=REFRESH_TOKEN)["accessToken"] == TOKEN
    is_refused(
        lambda: oidc.create_token(**asked, refreshToken="of-yesterday"),
        400,
        "InvalidGrantException",
    )
