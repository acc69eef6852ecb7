"""The control plane itself: what happens to a call."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any, NamedTuple

from .faults import CONNECTION_KINDS, PAGE_KINDS, REFUSAL_KINDS, Fault, FaultBook, twisted
from .lanes import ServedLane
from .log import ServedCall, ServedCallLog
from .operations import OPERATION_NAMES, ServedOperation, told_apart
from .quota import Quota, QuotaBucket, QuotaWindow
from .refusals import BY_SCP, denied_call, no_rest_api, refusal, unknown_operation, unsigned
from .settings import Ask, Settings
from .sign_in import SERVICES, scope_of_sign_in
from .wire import (
    JSON,
    JSON_1_1,
    JSON_SERVICES,
    XML,
    AwsError,
    CredentialScope,
    HttpAnswer,
    HttpRequest,
    error_answer,
    json_bytes,
    scope_of,
)

# The bytes that all lanes' encoded answers may take up before they are dropped.
ANSWERS_BYTES_MAX = 32 * 1024 * 1024
UNKNOWN_OPERATION = "?"
NOBODY = CredentialScope("", "", "")


class PlannedAnswer(NamedTuple):
    """What happens to a call: its answer, when it is due, and what breaks the connection."""

    call: ServedCall
    answer: HttpAnswer
    request_id: str
    delay: float = 0.0
    breaks: str = ""


class ControlPlane:
    """The state of all lanes, and the log of the calls."""

    def __init__(self, settings: Settings) -> None:
        self.log = ServedCallLog()
        self._requests = 0
        self._settings = settings
        self._lanes: dict[tuple[str, str], ServedLane] = {}
        self._accounts: dict[str, str | None] = {}
        self._answers_bytes = 0
        self._buckets: dict[tuple[str, str, str], QuotaBucket] = {}
        self._windows: dict[tuple[str, str, str], QuotaWindow] = {}
        self._faults = self._book(settings)

    @property
    def settings(self) -> Settings:
        """The settings in force."""
        return self._settings

    def change(self, **settings: Any) -> None:
        """Change some of the settings; other faults start anew, another estate loses all writes.

        Buckets keep their tokens, so that another client can begin to steal in mid-run.
        """
        changed = replace(self._settings, **settings)
        self._faults = self._book(changed) if "faults" in settings else self._faults
        self._settings = changed
        if "estate" in settings:
            self._lanes.clear()
            self._accounts.clear()

    def reset(self) -> None:
        """Forget the calls, fill the buckets, begin the faults again; what was written stays."""
        self.log.reset()
        self._buckets.clear()
        self._windows.clear()
        self._faults = self._book(self._settings)

    def receive(self, request: HttpRequest, seen: float) -> PlannedAnswer:
        """Decide what happens to a request whose first byte came at `seen`."""
        self._requests += 1
        request_id = f"{self._requests:08x}-0000-4000-8000-000000000000"
        scope = scope_of(request) or scope_of_sign_in(request) or NOBODY
        call = ServedCall(
            seen=seen,
            account=self._account_of(scope.access_key) or "",
            region=scope.region,
            service=scope.service,
            operation=UNKNOWN_OPERATION,
            access_key=scope.access_key,
            params={},
        )
        self.log.open(call)
        faults: Sequence[Fault] = ()
        try:
            if scope is NOBODY:
                raise unsigned()
            operation, call.params = told_apart(scope.service, request)
            if operation is None:
                raise unknown_operation(scope.service, call.params)
            call.operation = operation.name
            self._admit(call)
            faults = self._faults.striking(call, request.target)
            answer = self._answer(operation, call, request, request_id, faults)
        except AwsError as refused:
            answer = error_answer(refused, scope.service, request_id)
        delay = self._settings.latency + sum(f.seconds for f in faults if f.kind == "slow")
        breaks = next((f.kind for f in faults if f.kind in CONNECTION_KINDS), "")
        return PlannedAnswer(call, answer, request_id, delay, breaks)

    def _book(self, settings: Settings) -> FaultBook:
        for fault in settings.faults:
            if fault.operation is not None and fault.operation not in OPERATION_NAMES:
                raise ValueError(f"no operation is called {fault.operation!r}")
        return FaultBook(settings.faults, settings.seed)

    def _account_of(self, access_key: str) -> str | None:
        if access_key not in self._accounts:
            self._accounts[access_key] = self._settings.estate.account_of(access_key)
        return self._accounts[access_key]

    def _admit(self, call: ServedCall) -> None:
        estate = self._settings.estate
        if call.service in SERVICES.values():
            return
        if call.service == "apigateway":
            enabled = call.region in estate.regions
        else:
            # STS and EC2 are called in regions that hold nothing, such as the global one.
            enabled = call.region not in estate.disabled_regions
        if not call.account or not enabled:
            raise refusal("disabled", call.service)
        if call.service != "apigateway" or self._settings.quota is None:
            return
        if call.operation == "GetResources":
            self._admit_by_its_own_quota(call, self._settings.quota)
            return
        name, rate, burst = self._settings.quota.bucket(call.operation)
        key = (call.account, call.region, name)
        bucket = self._buckets.get(key)
        if bucket is None:
            bucket = self._buckets[key] = QuotaBucket(burst, call.seen)
        if not bucket.take(call.seen, rate, burst):
            raise refusal("throttle", call.service)

    def _admit_by_its_own_quota(self, call: ServedCall, quota: Quota) -> None:
        """Count a call by its operation's own quota, in a bucket or in a window."""
        key = (call.account, "" if quota.per_account else call.region, call.operation)
        calls, seconds = quota.resources_at_once, quota.resources_seconds
        if quota.in_a_window:
            window = self._windows.setdefault(key, QuotaWindow())
            let_through = window.take(call.seen, int(calls), seconds)
        else:
            bucket = self._buckets.setdefault(key, QuotaBucket(calls, call.seen))
            let_through = bucket.take(call.seen, calls / seconds, calls)
        if not let_through:
            raise refusal("throttle", call.service)

    def _answer(
        self,
        operation: ServedOperation,
        call: ServedCall,
        request: HttpRequest,
        request_id: str,
        faults: Sequence[Fault],
    ) -> HttpAnswer:
        for fault in faults:
            if fault.kind in REFUSAL_KINDS:
                raise self._refusal(fault.kind, call, request)
        lane = self._lane(call)
        reads = request.method == "GET" and call.service == "apigateway"
        if reads and not faults and request.target in lane.answers:
            return HttpAnswer(operation.status, JSON, lane.answers[request.target])
        ask = Ask(
            call=call,
            request_id=request_id,
            lane=lane,
            page_faults=frozenset(fault.kind for fault in faults if fault.kind in PAGE_KINDS),
            settings=self._settings,
        )
        body = operation.handler(ask)
        if isinstance(body, str):
            return HttpAnswer(operation.status, XML, body.encode())
        sent = b"" if operation.status == 204 else json_bytes(twisted(body, faults))
        kind = JSON_1_1 if call.service in JSON_SERVICES else JSON
        answer = HttpAnswer(operation.status, kind, sent)
        if request.method != "GET" and kind == JSON:
            lane.answers.clear()
        elif reads and not faults:
            self._keep(lane, request.target, answer.body)
        return answer

    def _refusal(self, kind: str, call: ServedCall, request: HttpRequest) -> AwsError:
        if kind == "vanished":
            return no_rest_api(call.account, call.params["restApiId"])
        if kind in ("denied", "denied-by-scp"):
            why = BY_SCP if kind == "denied-by-scp" else ""
            return denied_call(call, request.method, request.target.partition("?")[0], why)
        return refusal(kind, call.service)

    def _lane(self, call: ServedCall) -> ServedLane:
        key = (call.account, call.region)
        lane = self._lanes.get(key)
        if lane is None:
            lane = self._lanes[key] = self._settings.estate.lane(*key)
        return lane

    def _keep(self, lane: ServedLane, target: str, body: bytes) -> None:
        self._answers_bytes += len(body)
        if self._answers_bytes > ANSWERS_BYTES_MAX:
            for other in self._lanes.values():
                other.answers.clear()
            self._answers_bytes = len(body)
        lane.answers[target] = body
