"""Identities: moto tells accounts apart by the access keys that it has issued."""

from __future__ import annotations

from moto.sts.models import sts_backends

from apigw_vtab.sandbox.accounts import SandboxProfile
from apigw_vtab.sandbox.estate import SandboxAccount


def session_of(account: SandboxAccount, role: str) -> SandboxProfile:
    """Assume a role in the account, so that moto maps its keys to the account over HTTP too."""
    session = sts_backends[account.id]["aws"].assume_role(
        region_name=account.region,
        role_session_name="apigw-vtab",
        role_arn=f"arn:aws:iam::{account.id}:role/{role}",
        policy="",
        duration=3600,
        external_id="",
    )
    return SandboxProfile(
        name=account.profile,
        account_id=account.id,
        access_key=session.access_key_id,
        secret_key=session.secret_access_key,
        session_token=session.session_token,
        region=account.region,
    )
