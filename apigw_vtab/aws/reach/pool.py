"""Fetches the credentials of many accounts side by side, and not faster than AWS allows."""

from __future__ import annotations

import contextlib
import random
import threading
import time
from collections import deque
from collections.abc import Callable, Iterable
from typing import Any, TypeVar

from apigw_vtab.aws.call import Call
from apigw_vtab.aws.call_log import CallLog, CallRecord
from apigw_vtab.aws.causes import INTERRUPTED, THROTTLED

Result = TypeVar("Result")
# Fetches at once: at 20 ms an answer, more than AWS allows in a second.
MOST_THREADS = 16
# Half of STS's quota per account and region, which others share, "Request rate quotas" in
# https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
ROLES_A_SECOND = 300.0
# IAM Identity Center's portal has no documented quota.
SIGN_INS_A_SECOND = 20.0
MOST_ATTEMPTS = 8
FIRST_WAIT, LONGEST_WAIT = 0.2, 5.0


class FetchPool:
    """A few threads that end when nothing is left to do, and the pace of what they ask for.

    `rate` is in calls per second, `timeout` in seconds; `log` gets each call with its outcome.
    """

    def __init__(self, rate: float, timeout: float, log: CallLog) -> None:
        self._log = log
        self._between = 1 / rate
        self.timeout = timeout
        self._next = 0.0
        self._jobs: deque[Callable[[], None]] = deque()
        self._threads = 0
        self._lock = threading.Lock()

    def put(self, job: Callable[[], None]) -> None:
        """Do a job soon, on one of the threads; whoever needs what it does sees its errors."""
        with self._lock:
            self._jobs.append(job)
            if self._threads >= MOST_THREADS:
                return
            self._threads += 1
        threading.Thread(target=self._work, name="apigw-vtab credentials", daemon=True).start()

    def all(self, asks: Iterable[Callable[[], Result]]) -> list[Result]:
        """Return what each of the calls returns, made side by side. Raises their first error."""
        waiting = [_Waiting(ask) for ask in asks]
        for one in waiting:
            self.put(one.run)
        return [one.result() for one in waiting]

    def patiently(
        self, call: Call, ask: Callable[[], Result], count: Callable[[Result], int] = lambda _: 1
    ) -> Result:
        """Return what a call returns, made at the pace; again after a refusal that passes.

        `call` is what the log says of it, and `count` how many items are in the answer. Raises
        botocore's errors.
        """
        sent: list[float] = []
        status, rows = INTERRUPTED, 0

        def send() -> Result:
            sent.append(time.time())
            return ask()

        try:
            answer = self._until_it_passes(send)
            status, rows = "ok", count(answer)
            return answer
        except Exception as error:
            status = _code(error)
            raise
        finally:
            # A signal may come while the call waits for its turn.
            if sent:
                milliseconds = round((time.time() - sent[0]) * 1000, 1)
                record = CallRecord(call, status, int(sent[0]), milliseconds, len(sent), rows)
                self._log.called(record, beside=True)

    def _until_it_passes(self, ask: Callable[[], Result]) -> Result:
        from botocore.exceptions import ClientError, HTTPClientError

        until = time.monotonic() + self.timeout
        for attempt in range(1, MOST_ATTEMPTS + 1):
            self._take_turn()
            try:
                return ask()
            except (ClientError, HTTPClientError) as error:
                wait = random.uniform(0.5, 1.0) * min(LONGEST_WAIT, FIRST_WAIT * 2.0**attempt)
                is_last = attempt == MOST_ATTEMPTS or time.monotonic() + wait > until
                if is_last or not _passes(error):
                    raise
            time.sleep(wait)
        raise AssertionError("the last attempt returns or raises")

    def _take_turn(self) -> None:
        with self._lock:
            now = time.monotonic()
            turn = self._next = max(now, self._next + self._between)
        if turn > now:
            time.sleep(turn - now)

    def _work(self) -> None:
        while True:
            with self._lock:
                if not self._jobs:
                    self._threads -= 1
                    return
                job = self._jobs.popleft()
            with contextlib.suppress(Exception):
                job()


class _Waiting:
    """A call that somebody waits for."""

    def __init__(self, ask: Callable[[], Any]) -> None:
        self._ask = ask
        self._over = threading.Event()
        self._result: Any = None
        self._error: Exception | None = None

    def run(self) -> None:
        try:
            self._result = self._ask()
        except Exception as error:
            self._error = error
        self._over.set()

    def result(self) -> Any:
        self._over.wait()
        if self._error is not None:
            raise self._error
        return self._result


def _code(error: Exception) -> str:
    told = getattr(error, "response", None)
    return str(told["Error"].get("Code")) if isinstance(told, dict) else type(error).__name__


def _passes(error: Any) -> bool:
    response = getattr(error, "response", None)
    if not isinstance(response, dict):
        return True
    status = response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
    return status >= 500 or status == 429 or response["Error"].get("Code") in THROTTLED.codes
