"""Profiles that are good, and each kind that is not; what refuses them; how it is told."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable

from click.testing import Result

from tests.promises.refusing_endpoint import Refusing, access_key, refusing

GOOD, BASE = access_key("111111111111"), access_key("444444444444")
EXPIRED, TEMPORARY = access_key("222222222222", "ASIA"), access_key("111111111111", "ASIA")
ROLE = "arn:aws:iam::333333333333:role/Audit"
KEYS = "aws_secret_access_key = s\nregion = us-east-1\n"
PROFILES = {
    "good": f"aws_access_key_id = {GOOD}\n{KEYS}",
    "expired": f"aws_access_key_id = {EXPIRED}\naws_session_token = t\n{KEYS}",
    "refused": f"role_arn = {ROLE}\nsource_profile = good\nregion = us-east-1\n",
    "temporary": f"aws_access_key_id = {TEMPORARY}\naws_session_token = t\n{KEYS}",
    "mfa": f"role_arn = {ROLE}\nsource_profile = good\nregion = us-east-1\n"
    "mfa_serial = arn:aws:iam::111111111111:mfa/me\n",
    "nowhere": f"aws_access_key_id = {BASE}\naws_secret_access_key = s\n",
    "govcloud": "role_arn = arn:aws-us-gov:iam::333333333333:role/Audit\n"
    "source_profile = nowhere\n",
    "sso": "sso_start_url = https://corp.awsapps.com/start\nsso_region = us-east-1\n"
    "sso_account_id = 333333333333\nsso_role_name = Audit\nregion = us-east-1\n",
    "garbled": "credential_process = /bin/echo hello\nregion = us-east-1\n",
    "misplaced": f"aws_access_key_id = {BASE}\naws_secret_access_key = s\nregion = us east 1\n",
    "half": f"aws_access_key_id = {BASE}\nregion = us-east-1\n",
    "sourceless": f"role_arn = {ROLE}\nsource_profile = nobody\nregion = us-east-1\n",
    "unheard": f"aws_access_key_id = {BASE}\nsts_regional_endpoints = never\n{KEYS}",
    "absent": "credential_process = /does/not/exist\nregion = us-east-1\n",
}
REGIONS = ("us-east-1", "eu-west-1", "nz-north-1", "eu-central-1")
SCP = (
    "User: arn:aws:iam::111111111111:user/u is not authorized to perform: apigateway:GET on "
    "resource: arn:aws:apigateway:eu-west-1::/restapis with an explicit deny in a service "
    "control policy"
)
NO_ROLE = (
    "User: arn:aws:iam::111111111111:user/u is not authorized to perform: sts:AssumeRole on "
    f"resource: {ROLE}"
)
INVALID = "The security token included in the request is invalid."
DENIED_BY_SCP = refusing(".* apigateway eu-west-1 .*", 403, "AccessDeniedException", SCP)
BLOCKED = "<html><head><title>Blocked</title></head><body>Ask <b>IT</b></body></html>"


Run = Callable[..., tuple[Result, Refusing]]


def causes(result: Result) -> list[str]:
    """The lines on stderr that name a cause."""
    return [line.strip() for line in result.stderr.splitlines() if line.startswith("  ")][:-1]


def findings(result: Result) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(result.stdout)))
