"""STS and EC2, as far as an audit needs them to know its accounts and regions. Both answer XML."""

from __future__ import annotations

import time
from collections.abc import Mapping
from datetime import datetime, timezone
from typing import Any
from xml.sax.saxutils import escape

from .estate import DEFAULT_REGIONS
from .refusals import denied
from .settings import Ask
from .wire import AwsError

STS_NAMESPACE = "https://sts.amazonaws.com/doc/2011-06-15/"
EC2_NAMESPACE = "http://ec2.amazonaws.com/doc/2016-11-15/"


def get_caller_identity(ask: Ask) -> str:
    """STS GetCallerIdentity."""
    return _sts_answer(
        ask,
        "GetCallerIdentity",
        f"<Arn>{ask.call.principal}</Arn>"
        f"<UserId>AIDA{ask.call.account}</UserId><Account>{ask.call.account}</Account>",
    )


def assume_role(ask: Ask) -> str:
    """STS AssumeRole: keys of the role's account, new ones each time."""
    parts = str(ask.params.get("RoleArn", "")).split(":")
    named = parts[-1].rpartition("/")[2]
    estate = ask.settings.estate
    knows = ask.params.get("ExternalId", "") == estate.external_id or not estate.external_id
    if len(parts) != 6 or not knows or not estate.grants(parts[4], named):
        raise denied("sts", ask.call.principal, "sts:AssumeRole", ":".join(parts))
    expires = datetime.fromtimestamp(time.time() + ask.settings.session_seconds, timezone.utc)
    role_name = parts[5].rpartition("/")[2]
    session = ask.params.get("RoleSessionName", "session")
    arn = f"arn:{parts[1]}:sts::{parts[4]}:assumed-role/{role_name}/{session}"
    return _sts_answer(
        ask,
        "AssumeRole",
        f"<AssumedRoleUser><AssumedRoleId>AROA{parts[4]}:{escape(str(session))}</AssumedRoleId>"
        f"<Arn>{escape(arn)}</Arn></AssumedRoleUser><Credentials>"
        f"<AccessKeyId>ASIA{parts[4]}{ask.request_id[:8].upper()}</AccessKeyId>"
        f"<SecretAccessKey>secret</SecretAccessKey><SessionToken>{ask.request_id}</SessionToken>"
        f"<Expiration>{expires:%Y-%m-%dT%H:%M:%SZ}</Expiration></Credentials>",
    )


def describe_regions(ask: Ask) -> str:
    """EC2 DescribeRegions: the enabled regions, or with AllRegions the others too."""
    estate = ask.settings.estate
    regions = {region: _opt_in_status(region) for region in estate.regions}
    disabled = dict.fromkeys(estate.disabled_regions, "not-opted-in")
    if str(ask.params.get("AllRegions", "")).lower() == "true":
        regions |= disabled
    if named := _values(ask.params, "RegionName."):
        if unknown := [name for name in named if name not in regions | disabled]:
            message = f"Invalid region names provided: {unknown[0]}"
            raise AwsError(400, "InvalidParameterValue", message)
        regions = {region: (regions | disabled)[region] for region in named}
    if statuses := _filter_values(ask.params, "opt-in-status"):
        regions = {region: status for region, status in regions.items() if status in statuses}
    items = "".join(
        f"<item><optInStatus>{status}</optInStatus><regionName>{region}</regionName>"
        f"<regionEndpoint>ec2.{region}.amazonaws.com</regionEndpoint></item>"
        for region, status in regions.items()
    )
    return (
        '<?xml version="1.0" encoding="UTF-8"?>'
        f'<DescribeRegionsResponse xmlns="{EC2_NAMESPACE}"><requestId>{ask.request_id}</requestId>'
        f"<regionInfo>{items}</regionInfo></DescribeRegionsResponse>"
    )


def _opt_in_status(region: str) -> str:
    return "opt-in-not-required" if region in DEFAULT_REGIONS else "opted-in"


def _sts_answer(ask: Ask, operation: str, result: str) -> str:
    return (
        f'<{operation}Response xmlns="{STS_NAMESPACE}"><{operation}Result>{result}'
        f"</{operation}Result><ResponseMetadata><RequestId>{ask.request_id}</RequestId>"
        f"</ResponseMetadata></{operation}Response>"
    )


def _values(params: Mapping[str, Any], prefix: str) -> list[str]:
    return [str(value) for name, value in params.items() if name.startswith(prefix)]


def _filter_values(params: Mapping[str, Any], wanted: str) -> list[str]:
    return [
        value
        for name, filter_name in params.items()
        if name.startswith("Filter.") and name.endswith(".Name") and filter_name == wanted
        for value in _values(params, f"{name.removesuffix('Name')}Value.")
    ]
