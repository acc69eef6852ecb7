"""Opens the connection that the options of a command ask for."""

from __future__ import annotations

import gc
from typing import TYPE_CHECKING

import click

from apigw_vtab.commands.incomplete import tell_warnings
from apigw_vtab.commands.settings import Reading, Writes

if TYPE_CHECKING:
    from apigw_vtab.sqlite.connection import Connection
    from apigw_vtab.writes.policy import WritePolicy


def connect(settings: Reading, writes: Writes | None = None) -> Connection:
    """Open the connection that the options ask for. Raises UsageError."""
    from apigw_vtab.aws.reach.choice import account_choice
    from apigw_vtab.cluster.choice import ClusterChoice
    from apigw_vtab.sqlite.open import open_connection

    if settings.sandbox:
        click.echo(
            "Sandbox: a made-up AWS in this process; nothing reaches the real one.", err=True
        )
    connection = open_connection(
        settings.db,
        profiles=settings.profile,
        regions=settings.region,
        endpoint_url=settings.endpoint_url,
        sandbox=settings.sandbox,
        on_error="raise" if settings.on_error == "fail" else "warn",
        cache_ttl=settings.cache_ttl,
        max_rps=settings.max_rps,
        timeout=settings.timeout,
        policy=_policy(writes),
        skip_denied_by_scp=settings.skip_denied_by_scp,
        choice=account_choice(
            organization=settings.organization,
            assume_role=settings.assume_role,
            external_id=settings.external_id,
            role_session_name=settings.role_session_name,
            accounts=settings.account or None,
            ous=settings.ou or None,
            accounts_from=settings.accounts_from,
            sso_roles=settings.sso_role or None,
            sample=settings.sample,
            credential_cache=not settings.no_credential_cache,
        ),
        cluster=ClusterChoice(settings.workers, settings.cluster),
    )
    if not gc.isenabled():
        # What has been imported stays until the end, and need not be looked at again.
        gc.freeze()
        gc.enable()
    # Before a statement fails because of what these tell.
    tell_warnings(connection)
    return connection


def _policy(writes: Writes | None) -> WritePolicy | None:
    """Return how to write; None where nothing that the options say could come to it."""
    if writes is None or not (writes.allowed or writes.dry_run or writes.journal):
        return None
    from apigw_vtab.commands.confirm import policy_of

    return policy_of(writes)
