"""Faults as data: what goes wrong, in which lane, for which operation, how often.

Whether a fault with a probability strikes depends only on the seed and the call (its lane,
its target, how often it was made before), so the same calls meet the same faults in whatever
order the threads of a client make them.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from hashlib import blake2b
from typing import Any

from .log import ServedCall

#: Each kind, and what a client meets.
KINDS: Mapping[str, str] = {
    "internal-error": "500",
    "unavailable": "503",
    "throttle": "429, though the bucket has tokens left",
    "denied": "403 AccessDeniedException: no policy allows the call",
    "denied-by-scp": "403: a service control policy of the organization denies the call",
    "conflict": "409 ConflictException: something else is being changed; it passes",
    "disabled": "403 UnrecognizedClientException: the region is not enabled for the account",
    "expired": "403 ExpiredTokenException",
    "vanished": "404 for all below a REST API that is listed anyway",
    "reset": "the connection is reset instead of an answer; a write took effect",
    "cut-off": "a body shorter than its Content-Length, then the connection is closed",
    "silence": "the call is accepted and never answered",
    "slow": "`seconds` more latency",
    "repeated-token": "a page's position is the one it was asked with, for ever",
    "empty-page": "before each page, an empty one that has a position",
    "duplicates": "each page but the first begins with the last item of the page before",
    "unknown-member": "members that no model knows, on the answer and on each item",
    "unknown-value": "a value that the model's enum does not know",
    "missing-member": "`member` (createdDate) is absent from each item",
    "wrong-type": "each number, or `member`, is text; `value` when it is given",
}
PAGE_KINDS = frozenset({"repeated-token", "empty-page", "duplicates"})
BODY_KINDS = frozenset({"unknown-member", "unknown-value", "missing-member", "wrong-type"})
CONNECTION_KINDS = frozenset({"reset", "cut-off", "silence"})
REFUSAL_KINDS = frozenset(KINDS) - PAGE_KINDS - BODY_KINDS - CONNECTION_KINDS - {"slow"}

#: Members that the model of a REST API or a stage declares as an enum.
ENUM_MEMBERS = frozenset(
    {"apiKeySource", "apiStatus", "cacheClusterSize", "cacheClusterStatus", "securityPolicy"}
)
UNKNOWN_VALUE = "SOMETHING_NEW"


def chance(*parts: object) -> float:
    """A number in [0, 1) that depends only on the parts."""
    digest = blake2b(repr(parts).encode(), digest_size=8).digest()
    return int.from_bytes(digest, "big") / 2**64


def twisted(answer: dict[str, Any], faults: Sequence[Fault]) -> dict[str, Any]:
    """The answer as the body faults leave it; the answer itself is not changed."""
    for fault in faults:
        if fault.kind not in BODY_KINDS:
            continue
        if isinstance(answer.get("item"), list):
            answer = {**answer, "item": [_twisted_item(item, fault) for item in answer["item"]]}
            if fault.kind == "unknown-member":
                answer["pageOfTheFuture"] = 1
        else:
            answer = _twisted_item(answer, fault)
    return answer


def _twisted_item(item: dict[str, Any], fault: Fault) -> dict[str, Any]:
    if fault.kind == "unknown-member":
        return {**item, "memberOfTheFuture": {"depth": [1, 2]}}
    if fault.kind == "missing-member":
        absent = fault.member or "createdDate"
        return {name: value for name, value in item.items() if name != absent}
    if fault.kind == "unknown-value":
        names = {fault.member} if fault.member else ENUM_MEMBERS
        unknown = UNKNOWN_VALUE if fault.value is None else fault.value
        return {name: unknown if name in names else value for name, value in item.items()}
    return {name: _as_text(name, value, fault) for name, value in item.items()}


def _as_text(name: str, value: Any, fault: Fault) -> Any:
    if fault.member is None:
        chosen = isinstance(value, (int, float)) and not isinstance(value, bool)
    else:
        chosen = name == fault.member
    if not chosen:
        return value
    return str(value) if fault.value is None else fault.value


@dataclass(frozen=True)
class Fault:
    """One fault; a field that is None matches all. `path` and `access_key` are globs.

    `after` matching calls pass unharmed first, and it strikes at most `times`.
    """

    kind: str
    account: str | None = None
    region: str | None = None
    operation: str | None = None
    path: str | None = None
    access_key: str | None = None
    probability: float = 1.0
    after: int = 0
    times: int | None = None
    seconds: float = 0.0
    member: str | None = None
    value: str | None = None

    def __post_init__(self) -> None:
        if self.kind not in KINDS:
            raise ValueError(f"no fault is called {self.kind!r}; there are: {', '.join(KINDS)}")
        if not 0 <= self.probability <= 1:
            raise ValueError(f"a probability lies between 0 and 1: {self}")

    def concerns(self, call: ServedCall, path: str) -> bool:
        """Whether a call is one that this fault may strike."""
        return (
            self.account in (None, call.account)
            and self.region in (None, call.region)
            and self.operation in (None, call.operation)
            and (self.path is None or fnmatchcase(path, self.path))
            and (self.access_key is None or fnmatchcase(call.access_key, self.access_key))
            and (self.kind != "vanished" or "restApiId" in call.params)
        )


class FaultBook:
    """The faults in force, and how often each was met."""

    def __init__(self, faults: Sequence[Fault], seed: int) -> None:
        self._faults = tuple(faults)
        self._seed = seed
        self._met: Counter[int] = Counter()
        self._struck: Counter[int] = Counter()
        self._made: Counter[tuple[int, str, str, str]] = Counter()

    def striking(self, call: ServedCall, target: str) -> Sequence[Fault]:
        """The faults that strike a call, in the order they were declared."""
        if not self._faults:
            return ()
        path = target.partition("?")[0]
        return [
            fault
            for number, fault in enumerate(self._faults)
            if fault.concerns(call, path) and self._strikes(number, fault, call, target)
        ]

    def _strikes(self, number: int, fault: Fault, call: ServedCall, target: str) -> bool:
        self._met[number] += 1
        if self._met[number] <= fault.after:
            return False
        if fault.times is not None and self._struck[number] >= fault.times:
            return False
        if fault.probability < 1 and self._draw(number, fault, call, target) >= fault.probability:
            return False
        self._struck[number] += 1
        return True

    def _draw(self, number: int, fault: Fault, call: ServedCall, target: str) -> float:
        if fault.kind == "vanished":
            # What has vanished stays away, so its draw depends only on the REST API.
            return chance(self._seed, number, call.account, call.region, call.params["restApiId"])
        made = (number, call.account, call.region, target)
        self._made[made] += 1
        return chance(self._seed, *made, self._made[made])
