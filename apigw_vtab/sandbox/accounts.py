"""The sandbox's accounts, which ignore every AWS setting in the environment."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from apigw_vtab.aws.accounts import Account
from apigw_vtab.aws.reach.choice import PROFILE, matching, parted
from apigw_vtab.aws.regions import is_pattern
from apigw_vtab.errors import UsageError, did_you_mean

if TYPE_CHECKING:
    from apigw_vtab.aws.wire.sending import Wires


@dataclass(frozen=True)
class SandboxProfile:
    """Credentials of one of the sandbox's accounts; useless anywhere else."""

    name: str
    account_id: str
    access_key: str
    secret_key: str
    session_token: str | None
    region: str


def open_sandbox_accounts(
    known: Sequence[SandboxProfile], wanted: Sequence[str], endpoint_url: str
) -> list[Account]:
    """Open the sandbox's accounts, ignoring every AWS setting in the environment.

    Raises UsageError for a profile that the sandbox does not have.
    """
    names = [profile.name for profile in known]
    for name in parted(wanted, PROFILE):
        if name not in names and not is_pattern(name):
            raise UsageError(
                f"No profile {name!r} in the sandbox.{did_you_mean(name, names)} "
                f"It has: {', '.join(names)}."
            )
    chosen = matching(
        parted(wanted, PROFILE), known, lambda one: (one.name,), "profile of the sandbox"
    )
    from apigw_vtab.aws.wire.sending import Wires

    wires = Wires()
    return [_sandbox_account(profile, endpoint_url, wires) for profile in chosen]


def _sandbox_account(profile: SandboxProfile, endpoint_url: str, wires: Wires) -> Account:
    import botocore.session
    from botocore.configprovider import BOTOCORE_DEFAUT_SESSION_VARIABLES

    # A variable with neither a file key nor an environment name can only have its default.
    blind = {
        name: (None, None, default, convert)
        for name, (_, _, default, convert) in BOTOCORE_DEFAUT_SESSION_VARIABLES.items()
    }
    core = botocore.session.Session(
        session_vars=blind
        | {
            "config_file": (None, None, os.devnull, None),
            "credentials_file": (None, None, os.devnull, None),
            "region": (None, None, profile.region, None),
        }
    )
    core.set_credentials(profile.access_key, profile.secret_key, profile.session_token)
    account = Account(core, endpoint_url=endpoint_url, sandbox=True, wires=wires)
    account.profile = account.label = account.cli_profile = profile.name
    return account
