"""Configurations in which a call may be sent: by environment, configuration file and options."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

KEYS = "aws_access_key_id = AKIDPROFILE\naws_secret_access_key = profile's secret\n"
STATIC = {"AWS_ACCESS_KEY_ID": "AKIDENVIRONMENT", "AWS_SECRET_ACCESS_KEY": "env's/secret+"}
SESSION = {**STATIC, "AWS_SESSION_TOKEN": "session/token+="}


class SentOperation(NamedTuple):
    """An operation of a service, and its parameters."""

    service: str
    operation: str
    parameters: Mapping[str, Any] = {}


ARN = "arn:aws:acm:eu-west-1:123456789012:certificate/12345678-1234"
# One operation for each protocol and for each set of rules that an endpoint has.
STAGES = SentOperation("apigateway", "GetStages", {"restApiId": "a1b2c3"})
APIS = SentOperation("apigateway", "GetRestApis", {"limit": 500})
APIS_2 = SentOperation("apigatewayv2", "GetApis", {"MaxResults": "500"})
IDENTITY = SentOperation("sts", "GetCallerIdentity")
REGIONS = SentOperation("ec2", "DescribeRegions", {"AllRegions": True})
CERTIFICATE = SentOperation("acm", "DescribeCertificate", {"CertificateArn": ARN})
WEB_ACLS = SentOperation("wafv2", "ListWebACLs", {"Scope": "REGIONAL", "Limit": 100})
ODD_ID = SentOperation("apigateway", "GetStages", {"restApiId": "a b/c?d&é"})
ODD_POSITION = SentOperation("apigateway", "GetRestApis", {"position": "a+b/c=&d", "limit": 1})
LIST = SentOperation("apigateway", "GetResources", {"restApiId": "a", "embed": ["methods", "b"]})
EVERY = (STAGES, APIS, APIS_2, IDENTITY, REGIONS, CERTIFICATE, WEB_ACLS)


@dataclass(frozen=True)
class SendingCase:
    """One configuration; `{url}` and `{folder}` in it stand for a server and for a folder."""

    name: str
    environment: Mapping[str, str] = field(default_factory=lambda: STATIC)
    config: str = ""
    region: str = "eu-west-1"
    calls: tuple[SentOperation, ...] = EVERY
    endpoint_url: str | None = None
    files: Mapping[str, str] = field(default_factory=dict)
    # Whose keys have to sign.
    signer: str = ""

    def written_to(self, folder: Path, url: str) -> dict[str, str]:
        """Write its files into a folder; return its environment."""
        for name, text in {**self.files, "config": self.config}.items():
            path = folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(_filled(text, folder, url))
        own = {name: _filled(text, folder, url) for name, text in self.environment.items()}
        return {"AWS_CONFIG_FILE": str(folder / "config"), **own}


def _filled(text: str, folder: Path, url: str) -> str:
    return text.replace("{url}", url).replace("{folder}", str(folder))


def _with(**variables: str) -> dict[str, str]:
    return {**STATIC, **variables}


def _default(*lines: str) -> str:
    return "[default]\n" + KEYS + "\n".join(lines) + "\n"


REGIONAL = [
    SendingCase(f"region {region}", region=region)
    for region in (
        *("us-east-1", "eu-west-1", "ap-southeast-3", "me-west-9", "cn-north-1", "us-gov-west-1"),
        *("us-iso-east-1", "us-isob-east-1", "eusc-de-east-1", "fips-us-east-1", "us-east-2-fips"),
    )
]
VARIANTS = [
    SendingCase("FIPS by environment", _with(AWS_USE_FIPS_ENDPOINT="true"), region="us-east-1"),
    SendingCase("FIPS by profile", {}, _default("use_fips_endpoint = true"), region="us-west-2"),
    SendingCase("FIPS in GovCloud", _with(AWS_USE_FIPS_ENDPOINT="true"), region="us-gov-east-1"),
    SendingCase("no FIPS", _with(AWS_USE_FIPS_ENDPOINT="false")),
    SendingCase("dual stack by environment", _with(AWS_USE_DUALSTACK_ENDPOINT="true")),
    SendingCase("dual stack by profile", {}, _default("use_dualstack_endpoint = true")),
    SendingCase(
        "FIPS and dual stack",
        _with(AWS_USE_FIPS_ENDPOINT="true", AWS_USE_DUALSTACK_ENDPOINT="true"),
        region="us-east-1",
        calls=(STAGES, APIS_2, IDENTITY, REGIONS),
    ),
    SendingCase("the global STS", _with(AWS_STS_REGIONAL_ENDPOINTS="legacy"), calls=(IDENTITY,)),
    SendingCase(
        "the global STS in another region",
        _with(AWS_STS_REGIONAL_ENDPOINTS="legacy"),
        region="eu-south-1",
        calls=(IDENTITY,),
    ),
    SendingCase(
        "the global STS with FIPS",
        _with(AWS_STS_REGIONAL_ENDPOINTS="legacy", AWS_USE_FIPS_ENDPOINT="true"),
        region="us-east-1",
        calls=(IDENTITY,),
    ),
    SendingCase("defaults mode", _with(AWS_DEFAULTS_MODE="standard")),
    SendingCase("defaults mode by profile", {}, _default("defaults_mode = in-region")),
]
# With an endpoint of the user's own.
SERVICES = """
[services local]
apigateway =
  endpoint_url = {url}/one
api_gateway =
  endpoint_url = {url}/two
sts =
  endpoint_url = {url}
"""
ENDPOINTS = [
    SendingCase("an option", endpoint_url="{url}"),
    SendingCase("an option with a path", endpoint_url="{url}/base"),
    SendingCase("an option with a slash at its end", endpoint_url="{url}/base/"),
    SendingCase("an option with dots in its path", endpoint_url="{url}/a/./b/../c//d"),
    SendingCase("an option with letters to encode", endpoint_url="{url}/naïve~a%20b"),
    SendingCase("an option with a query", endpoint_url="{url}/base?b=2&a=1"),
    SendingCase("an option in capitals", endpoint_url="HTTP://LOCALHOST:4566/Base"),
    SendingCase("an option without a port", endpoint_url="http://localstack/base"),
    SendingCase("an option with the usual port", endpoint_url="http://localhost:80"),
    SendingCase("an option with TLS and its usual port", endpoint_url="https://localhost:443/x"),
    SendingCase("an option with IPv6", endpoint_url="http://[::1]:4566/base"),
    SendingCase("the environment", _with(AWS_ENDPOINT_URL="{url}")),
    SendingCase("the environment for a service", _with(AWS_ENDPOINT_URL_API_GATEWAY="{url}")),
    SendingCase("the environment for version 2", _with(AWS_ENDPOINT_URL_APIGATEWAYV2="{url}/v")),
    SendingCase(
        "the environment for a service and for all",
        _with(AWS_ENDPOINT_URL="{url}", AWS_ENDPOINT_URL_STS="{url}/sts"),
    ),
    SendingCase("the profile", {}, _default("endpoint_url = {url}/profile")),
    SendingCase("services of the profile", {}, _default("services = local") + SERVICES),
    SendingCase(
        "services of the profile after the environment",
        {"AWS_ENDPOINT_URL": "{url}/environment"},
        _default("services = local") + SERVICES,
    ),
    SendingCase(
        "endpoints that are ignored",
        _with(AWS_ENDPOINT_URL="{url}", AWS_IGNORE_CONFIGURED_ENDPOINT_URLS="true"),
    ),
    SendingCase(
        "endpoints that the profile ignores",
        {},
        _default("endpoint_url = {url}", "ignore_configured_endpoint_urls = true"),
    ),
    SendingCase(
        "an option although endpoints are ignored",
        _with(AWS_IGNORE_CONFIGURED_ENDPOINT_URLS="true"),
        endpoint_url="{url}",
    ),
    SendingCase(
        "an endpoint and FIPS",
        _with(AWS_ENDPOINT_URL="{url}", AWS_USE_FIPS_ENDPOINT="true"),
        region="us-east-1",
    ),
    SendingCase(
        "an endpoint for the global STS",
        _with(AWS_ENDPOINT_URL="{url}", AWS_STS_REGIONAL_ENDPOINTS="legacy"),
        calls=(IDENTITY,),
    ),
]
OTHERS = [
    SendingCase("a name of the application", _with(AWS_SDK_UA_APP_ID="audit/1")),
    SendingCase("a name by profile", {}, _default("sdk_ua_app_id = audit")),
    SendingCase("AWS_EXECUTION_ENV", _with(AWS_EXECUTION_ENV="CloudShell")),
    SendingCase(
        "inside a Lambda function",
        _with(AWS_LAMBDA_FUNCTION_NAME="f", _X_AMZN_TRACE_ID="Root=1-5759;Parent=53 9"),
    ),
    SendingCase("other attempts", _with(AWS_MAX_ATTEMPTS="9", AWS_RETRY_MODE="adaptive")),
    SendingCase("keep-alive", {}, _default("tcp_keepalive = true")),
    SendingCase("values to encode", calls=(ODD_ID, ODD_POSITION, LIST)),
]
# Where the keys come from; each source gives others.
ROLE = "role_arn = arn:aws:iam::123456789012:role/Audit\nrole_session_name = audit\n"
SSO = """
[profile sso]
sso_session = corp
sso_account_id = 123456789012
sso_role_name = Audit
[sso-session corp]
sso_start_url = https://corp.awsapps.com/start
sso_region = us-east-1
"""
PROCESS = """[default]
credential_process = cat {folder}/printed.json
"""
PRINTED = """
{"Version": 1, "AccessKeyId": "AKIDPROCESS", "SecretAccessKey": "s", "SessionToken": "t",
"Expiration": "2099-01-01T00:00:00Z"}
"""
LOCAL = {"AWS_ENDPOINT_URL": "{url}"}
SOURCES = [
    SendingCase("keys of the environment", calls=(STAGES,), signer="AKIDENVIRONMENT"),
    SendingCase("a session of the environment", SESSION, calls=EVERY, signer="AKIDENVIRONMENT"),
    SendingCase("keys of a profile", {}, _default(), calls=(STAGES,), signer="AKIDPROFILE"),
    SendingCase(
        "keys of the credentials file",
        {"AWS_SHARED_CREDENTIALS_FILE": "{folder}/keys"},
        calls=(STAGES,),
        files={"keys": f"[default]\n{KEYS}".replace("PROFILE", "FILE")},
        signer="AKIDFILE",
    ),
    SendingCase(
        "another profile",
        {"AWS_PROFILE": "other"},
        f"[profile other]\n{KEYS}",
        calls=(STAGES,),
        signer="AKIDPROFILE",
    ),
    SendingCase(
        "a process",
        {},
        PROCESS,
        calls=(STAGES,),
        files={"printed.json": PRINTED},
        signer="AKIDPROCESS",
    ),
    SendingCase(
        "a role by another profile",
        {**LOCAL, "AWS_PROFILE": "role"},
        _default() + f"[profile role]\n{ROLE}source_profile = default\n",
        calls=(STAGES,),
        signer="AKIDROLE",
    ),
    SendingCase(
        "a role by the environment",
        {**LOCAL, **STATIC, "AWS_PROFILE": "role"},
        f"[profile role]\n{ROLE}credential_source = Environment\n",
        calls=(STAGES,),
        signer="AKIDENVIRONMENT",
    ),
    SendingCase(
        "a web identity",
        {
            **LOCAL,
            "AWS_ROLE_ARN": "arn:aws:iam::123456789012:role/Audit",
            "AWS_WEB_IDENTITY_TOKEN_FILE": "{folder}/token",
        },
        calls=(STAGES,),
        files={"token": "a.b.c"},
        signer="AKIDWEB",
    ),
    SendingCase(
        "a sign-in", {**LOCAL, "AWS_PROFILE": "sso"}, SSO, calls=(STAGES,), signer="AKIDSSO"
    ),
    SendingCase(
        "a container",
        {"AWS_CONTAINER_CREDENTIALS_FULL_URI": "{url}/container"},
        calls=(STAGES,),
        signer="AKIDCONTAINER",
    ),
    SendingCase(
        "a machine",
        {"AWS_EC2_METADATA_DISABLED": "false", "AWS_EC2_METADATA_SERVICE_ENDPOINT": "{url}/"},
        calls=(STAGES,),
        signer="AKIDMACHINE",
    ),
]
CASES = [*REGIONAL, *VARIANTS, *ENDPOINTS, *OTHERS, *SOURCES]
