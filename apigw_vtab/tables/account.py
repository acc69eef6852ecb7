"""The tables of an account: its identity and its regions."""

from __future__ import annotations

from apigw_vtab.tables.columns import PROFILE
from apigw_vtab.tables.declaration import Read, Scope, Table

# STS and EC2 answer these in every account; they also determine the lanes (estate.py).
IDENTITY = Read("sts", "GetCallerIdentity", names="Account")


ENABLED_REGIONS = Read(
    "ec2",
    "DescribeRegions",
    items="Regions",
    constants={"AllRegions": True},
    most=50,
    names="RegionName",
)


REGIONS = Table(
    "regions",
    "The regions of each account, and whether each is enabled (opt_in_status).",
    scope=Scope.ACCOUNT,
    service="ec2",
    shape="Region",
    renames={"RegionName": "region"},
    reads=(ENABLED_REGIONS,),
    examples={
        "How many regions of each account are enabled": """
            select account_id, count(*) as enabled
            from regions
            where opt_in_status <> 'not-opted-in'
            group by account_id
        """,
        "Regions that somebody chose to enable": """
            select account_id, region
            from regions
            where opt_in_status = 'opted-in'
        """,
    },
)


ACCOUNTS = Table(
    "accounts",
    "The accounts that are read, each with the identity that reads it.",
    scope=Scope.ACCOUNT,
    service="sts",
    shape="GetCallerIdentityResponse",
    renames={"Account": "account_id"},
    reads=(IDENTITY,),
    extra=(PROFILE,),
    examples={
        "Who reads each account": """
            select profile, account_id, arn
            from accounts
        """,
        "Profiles that lead to one account": """
            select account_id, group_concat(profile, ', ') as profiles
            from accounts
            group by account_id
            having count(*) > 1
        """,
    },
)
