"""The sandbox of this process: started once, and who may ask it.

moto answers on the loopback interface, extended with what its API Gateway lacks, and nothing
here can reach AWS. moto is imported when a sandbox starts and not before.
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

# With these, moto would answer for another account, or refuse its own keys.
MOTO_SETTINGS = ("MOTO_ACCOUNT_ID", "INITIAL_NO_AUTH_ACTION_COUNT")

_running: dict[bool, Sandbox] = {}
_starting = Lock()


def start(seed: bool = True) -> Sandbox:
    """Start the sandbox, or give the one that already runs in this process.

    Its threads are daemons, so the process ends whenever it likes. Without `seed` the accounts
    are there and everything in them is missing.
    """
    for setting in MOTO_SETTINGS:
        os.environ.pop(setting, None)
    # They import moto, which takes longer than most commands.
    from apigw_vtab.sandbox import identities, seeding, shop

    with _starting:
        if seed not in _running:
            server = serve()
            if seed:
                today = datetime.now(timezone.utc).date()
                seeding.populate(server.backends, shop.SHOP_REGIONS, today)
            profiles = tuple(identities.session_in(account) for account in shop.ACCOUNTS)
            _running[seed] = Sandbox(server.endpoint_url, profiles)
        return _running[seed]


def serve() -> SandboxServer:
    """Start an empty server of its own on a free port; its `stop()` ends it."""
    from apigw_vtab.sandbox.server import SandboxServer

    server = SandboxServer()
    server.start()
    return server


@dataclass(frozen=True)
class Sandbox:
    """A running sandbox: where it answers, and as whom to ask."""

    endpoint_url: str
    profiles: tuple[SandboxProfile, ...]
