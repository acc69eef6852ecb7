"""Regions by code and by pattern, and those that botocore lists."""

from __future__ import annotations

import functools
import re
from collections.abc import Callable, Iterable, Mapping

from apigw_vtab.errors import UsageError, did_you_mean

# The regions that are enabled in every account ("AWS Regions", AWS General Reference).
ALWAYS_ENABLED = frozenset(
    (
        *("ap-northeast-1", "ap-northeast-2", "ap-northeast-3", "ap-south-1", "ap-southeast-1"),
        *("ap-southeast-2", "ca-central-1", "eu-central-1", "eu-north-1", "eu-west-1", "eu-west-2"),
        *("eu-west-3", "sa-east-1", "us-east-1", "us-east-2", "us-west-1", "us-west-2"),
    )
)


@functools.cache
def known_regions() -> tuple[str, ...]:
    """Return the regions that botocore lists for API Gateway, enabled in the account or not."""
    import botocore.session

    return tuple(botocore.session.Session().get_available_regions("apigateway"))


@functools.cache
def all_known_regions() -> frozenset[str]:
    """Return the regions of all partitions that botocore lists for API Gateway."""
    import botocore.session

    session = botocore.session.Session()
    return frozenset(
        region
        for partition in session.get_available_partitions()
        for region in session.get_available_regions("apigateway", partition)
    )


EVERY_REGION = "*"
PARTITIONS = {
    "cn-": "aws-cn",
    "us-gov-": "aws-us-gov",
    "us-iso-": "aws-iso",
    "us-isob-": "aws-iso-b",
    "eu-isoe-": "aws-iso-e",
    "us-isof-": "aws-iso-f",
    "eusc-": "aws-eusc",
}


# Where an account is asked about itself if its profile names no region.
HOME_REGIONS = {"aws": "us-east-1", "aws-us-gov": "us-gov-west-1", "aws-cn": "cn-north-1"}
_ARN = re.compile(r"arn:([a-z-]+):")
_REGION_CODE = re.compile(r"[a-z]{2,}(-[a-z]+)+-\d+")


def partition_by_name(region: str) -> str:
    """Return the partition that a region's code belongs to, even if botocore does not know it.

    https://docs.aws.amazon.com/whitepapers/latest/aws-fault-isolation-boundaries/partitions.html
    """
    found = (name for prefix, name in PARTITIONS.items() if region.startswith(prefix))
    return next(found, "aws")


@functools.cache
def partition_of_region(region: str) -> str:
    """Return the partition of a region, the second word of its ARNs, as botocore places it."""
    placed = (name for name, regions, code in _partitions() if region in regions or code(region))
    # AWS opens regions before botocore knows them; an account is in one partition.
    return next(placed, None) or partition_by_name(region)


@functools.cache
def _partitions() -> list[tuple[str, frozenset[str], Callable[[str], object]]]:
    """Return botocore's partitions: the name, the regions, and what fits a region's code."""
    from botocore.loaders import Loader

    # Beside the rules for endpoints; the older file endpoints.json takes 35 ms to read.
    known = Loader().load_data("partitions")["partitions"]
    return [
        (one["id"], frozenset(one["regions"]), re.compile(one["regionRegex"]).match)
        for one in known
    ]


def partition_of_settings(settings: Mapping[str, object]) -> str:
    """Return the partition that a profile's role or sign-in region lies in; else `aws`."""
    role = _ARN.match(str(settings.get("role_arn") or ""))
    return role[1] if role else partition_by_name(str(settings.get("sso_region") or ""))


def is_pattern(text: str) -> bool:
    """Return whether a region is given as a pattern and not as a code."""
    return "*" in text or "?" in text


def region_patterns(texts: Iterable[str]) -> list[str]:
    """Return the codes and patterns given for --region, where commas separate several.

    Raises UsageError for anything that cannot be a region.
    """
    patterns = [part.strip().lower() for text in texts for part in text.split(",")]
    for pattern in patterns:
        if not pattern:
            raise UsageError("Empty region: give a code such as eu-west-1, or a pattern: 'eu-*'.")
        if is_pattern(pattern):
            continue
        if not _REGION_CODE.fullmatch(pattern):
            raise UsageError(
                f"{pattern!r} is not a region code.{did_you_mean(pattern, known_regions())} "
                "Give a code such as eu-west-1, or a pattern: 'eu-*'."
            )
    return patterns
