"""Gets accounts ready for their first calls, all before any is sent."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Sequence
from concurrent.futures import Future
from concurrent.futures import TimeoutError as FutureTimeout

from apigw_vtab.aws.call import Call
from apigw_vtab.errors import UsageError

# Seconds to wait for credentials; calls wait for slower ones, each for its account's.
PREPARING = 5.0


def prepare_accounts(calls: Sequence[Call], timeout: float) -> None:
    """Fetch the credentials of some calls, and find their endpoints.

    Waits no longer than `timeout` seconds, and no longer than PREPARING. Raises UsageError for a
    wrong configuration.
    """
    prepared: Future[None] = Future()

    def prepare() -> None:
        try:
            for call in calls:
                service, operation = call.operation.service, call.operation.name
                call.lane.account.prepare(service, operation, call.lane.region)
        except UsageError as error:
            prepared.set_exception(error)
        except Exception:
            # The calls of this account will say so, each for itself.
            prepared.set_result(None)
        else:
            prepared.set_result(None)

    # On a thread, because a credential_process may never end.
    threading.Thread(target=prepare, name="apigw-vtab credentials", daemon=True).start()
    with contextlib.suppress(FutureTimeout):
        prepared.result(min(PREPARING, timeout))
