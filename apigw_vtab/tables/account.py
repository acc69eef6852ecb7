"""The tables of an account: its identity and its regions."""

from __future__ import annotations

from apigw_vtab.tables.columns import PROFILE, Column, Origin
from apigw_vtab.tables.declaration import Page, Read, Scope, Table

# STS and EC2 answer these in every account; they also determine the lanes (estate.py).
IDENTITY = Read("sts", "GetCallerIdentity", names="Account")
# In its place where no column needs the answer and the id is known: it is never sent.
KNOWN_IDENTITY = Read("sts", "GetCallerIdentity")

# Organizations lists the accounts, at most 20 to a page, and says where each of them is.
PAGES = Page("MaxResults", "NextToken", 20)
EVERY_ACCOUNT = Read(
    "organizations",
    "ListAccounts",
    items="Accounts",
    page=PAGES,
)
ACCOUNTS_OF_PARENT = Read(
    "organizations",
    "ListAccountsForParent",
    {"ParentId": "parent_id"},
    items="Accounts",
    page=PAGES,
)
UNITS_OF_PARENT = Read(
    "organizations",
    "ListOrganizationalUnitsForParent",
    {"ParentId": "parent_id"},
    items="OrganizationalUnits",
    page=PAGES,
)
ROOTS = Read("organizations", "ListRoots", items="Roots", page=PAGES)

# So does IAM Identity Center's portal for the user who is signed in.
ACCOUNTS_OF_USER = Read("sso", "ListAccounts", items="accountList")
ROLES_OF_USER = Read("sso", "ListAccountRoles", items="roleList")
ROLE_KEYS = Read("sso", "GetRoleCredentials")


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


# What the list says that an account was found in.
_FROM_LISTS = (
    Column("account_name", "TEXT", "Its name, from the list that it is in.", Origin.LANE),
    Column(
        "email",
        "TEXT",
        "The e-mail address of its owner, from the organization or the sign-in.",
        Origin.LANE,
        hidden=True,
    ),
    Column("state", "TEXT", "Its state in the organization, such as ACTIVE.", Origin.LANE),
    Column(
        "ou_path",
        "TEXT",
        "The names of the organizational units around it, from the root on. Reading this "
        "column costs calls of its own.",
        Origin.LANE,
        hidden=True,
    ),
    Column(
        "reached_by",
        "TEXT",
        "How it is reached: its profile itself, or the role from that profile.",
        Origin.LANE,
    ),
)


ACCOUNTS = Table(
    "accounts",
    "The accounts that are read, each once, with the identity that reads it.",
    scope=Scope.ACCOUNT,
    service="sts",
    shape="GetCallerIdentityResponse",
    renames={"Account": "account_id"},
    reads=(IDENTITY,),
    extra=(PROFILE, *_FROM_LISTS),
    examples={
        "Who reads each account": """
            select profile, account_id, arn
            from accounts
        """,
        "The accounts that are not reached by a profile of their own": """
            select account_id, account_name, profile, reached_by
            from accounts
            where reached_by <> 'profile'
        """,
    },
)
