"""Causes that no error code tells: what is known of the account or the answer does."""

from __future__ import annotations

from dataclasses import replace

from apigw_vtab.aws.causes import DENIED, THROTTLED, Cause

# What botocore asks for credentials before a call is made at all; see credentials.py.
ROLE_REFUSED = Cause(
    DENIED.codes,
    "{action} was refused for {role}",
    "Allow {action} on it to the identity that profile {profile} starts from, name that identity "
    "in the role's trust policy, and check role_arn, external_id and mfa_serial of the profile.",
    account_wide=True,
    by_aws=True,
)
SSO_ROLE_REFUSED = Cause(
    frozenset(),
    "{action} was refused for {role}",
    "Have this role assigned to you in IAM Identity Center, or correct sso_account_id and "
    "sso_role_name of profile {profile}.",
    account_wide=True,
    by_aws=True,
)
# The same of accounts that are reached from another one; see reach/.
MEMBER_REFUSED = Cause(
    frozenset(),
    "{action} was refused for {role}",
    "Allow {action} on it to the identity of profile {profile}, name that identity in the role's "
    "trust policy, and check --assume-role and --external-id.",
    account_wide=True,
    by_aws=True,
)
MEMBER_ROLE_UNASSIGNED = Cause(
    frozenset(),
    "{action} was refused for {role}",
    "Have this role assigned to you in IAM Identity Center, or leave it out with --sso-role.",
    account_wide=True,
    by_aws=True,
)
# Their keys are of the role's session, whatever those of the profile are.
MEMBER_KEYS_REFUSED = Cause(
    frozenset(),
    "AWS does not take the session keys of {role}",
    "Kept keys that AWS refuses are thrown away, and the role is asked for new ones: try again, "
    "and check that STS and this service are reached the same way: AWS_ENDPOINT_URL, any proxy.",
    by_aws=True,
)
MEMBER_SECRET_REFUSED = replace(MEMBER_KEYS_REFUSED, account_wide=True)
MEMBER_KEYS_EXPIRED = Cause(
    frozenset(),
    "the session of {role} has ended",
    "Run it again, which asks the role for new keys; if those have ended, too, check the clock of "
    "this machine.",
    account_wide=True,
    by_aws=True,
)
MEMBER_KEYS_LATE = Cause(
    frozenset(),
    "{action} gave no answer in time, which {role} needs for its keys",
    "{detail} Check the network and the endpoint of that call, or allow more time with --timeout.",
    account_wide=True,
)
CREDENTIALS_LATE = Cause(
    frozenset(),
    "its credentials did not come in time",
    "{detail} Check what profile {profile} gets them from, such as its credential_process: "
    "aws sts get-caller-identity --profile {profile}",
    account_wide=True,
)
CREDENTIALS_REFUSED = Cause(
    frozenset(),
    "{action} failed, which profile {profile} needs for its credentials",
    "Check the profile: aws sts get-caller-identity --profile {profile}",
    account_wide=True,
    by_aws=True,
)
# https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_temp_enable-regions.html
OLD_TOKEN = Cause(
    frozenset(),
    "this region does not take the session token, though the region is enabled",
    "It is of version 1, from the global endpoint of STS. Take one from a regional endpoint: "
    "set AWS_STS_REGIONAL_ENDPOINTS=regional, and renew the credentials of profile {profile}.",
    by_aws=True,
)
# Where the regions cannot be listed, but the credentials are good elsewhere.
NOT_TAKEN = Cause(
    frozenset(),
    "this region does not take credentials that are good elsewhere",
    "Either the account has not enabled it, or the session token is of version 1: see to it with "
    "AWS_STS_REGIONAL_ENDPOINTS=regional, and allow ec2:DescribeRegions to find out.",
    by_aws=True,
)
OTHER_PARTITION = Cause(
    frozenset(),
    "AWS does not know these credentials, and profile {profile} names no region",
    "As the profile has none, {region} was asked. If the account is in GovCloud or China, set one: "
    "aws configure set region us-gov-west-1 --profile {profile}, or cn-north-1. "
    "Otherwise check the keys: aws sts get-caller-identity --profile {profile}",
    by_aws=True,
)
# Who an account is and which regions it has is asked once: our own pace is not why.
BUSY = Cause(
    frozenset(),
    THROTTLED.what,
    "Others make many such calls in the same account: try again later.",
    by_aws=True,
)
# AWS answers it also to an identity to which it is explicitly denied:
# https://docs.aws.amazon.com/STS/latest/APIReference/API_GetCallerIdentity.html
IDENTITY_DENIED = Cause(
    frozenset(),
    "access denied",
    "This call needs no permission, so what denied it stands between here and AWS: check the "
    "policy of the VPC endpoint for STS, and any proxy.",
    by_aws=True,
)

# Who may be asked for the accounts of an organization:
# https://docs.aws.amazon.com/organizations/latest/APIReference/API_ListAccounts.html
ORGANIZATION_DENIED = Cause(
    frozenset(),
    "access denied",
    "Run it with a profile of the management account, or of a delegated administrator's, and allow "
    "{action} to this identity.",
    by_aws=True,
)
KNOWN_OTHERWISE = (
    ORGANIZATION_DENIED,
    ROLE_REFUSED,
    SSO_ROLE_REFUSED,
    MEMBER_REFUSED,
    MEMBER_ROLE_UNASSIGNED,
    MEMBER_KEYS_REFUSED,
    MEMBER_SECRET_REFUSED,
    MEMBER_KEYS_EXPIRED,
    MEMBER_KEYS_LATE,
    CREDENTIALS_LATE,
    CREDENTIALS_REFUSED,
    OLD_TOKEN,
    NOT_TAKEN,
    OTHER_PARTITION,
    BUSY,
    IDENTITY_DENIED,
)
