"""The sandbox of this process, started once, and the profiles that can use it.

moto answers on the loopback interface, extended with what its API Gateway lacks, and nothing
here can reach AWS. moto is only imported when a sandbox starts.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from datetime import datetime, timezone
from threading import Lock
from typing import TYPE_CHECKING

from apigw_vtab.sandbox.accounts import SandboxProfile

if TYPE_CHECKING:
    from apigw_vtab.sandbox.server import SandboxServer

# These would make moto answer for another account, or refuse its own keys.
MOTO_SETTINGS = ("MOTO_ACCOUNT_ID", "INITIAL_NO_AUTH_ACTION_COUNT")

_running: dict[bool, Sandbox] = {}
_starting = Lock()


def start(seed: bool = True) -> Sandbox:
    """Start the sandbox, or return the one that already runs in this process.

    Its threads are daemons, so they never keep the process alive. Without `seed` the accounts
    exist but are empty.
    """
    for setting in MOTO_SETTINGS:
        os.environ.pop(setting, None)
    # These import moto, which takes longer than most commands.
    from apigw_vtab.sandbox import identities, seeding, shop

    with _starting:
        if seed not in _running:
            server = serve()
            if seed:
                today = datetime.now(timezone.utc).date()
                seeding.populate(server.backends, shop.SHOP_REGIONS, today)
            profiles = tuple(
                identities.session_of(account, account.roles[0]) for account in shop.ACCOUNTS
            )
            _running[seed] = Sandbox(server.endpoint_url, profiles)
        return _running[seed]


def serve() -> SandboxServer:
    """Start a new, empty server on a free port; its `stop()` ends it."""
    from apigw_vtab.sandbox.server import SandboxServer
    from apigw_vtab.sandbox.shop import ACCOUNTS, ORGANIZATION

    server = SandboxServer(ACCOUNTS, ORGANIZATION)
    server.start()
    return server


@dataclass(frozen=True)
class Sandbox:
    """A running sandbox: its endpoint, and the profiles that can use it."""

    endpoint_url: str
    profiles: tuple[SandboxProfile, ...]
