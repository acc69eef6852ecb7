"""A call that got no answer, as its reader sees it. Pure: no AWS, no SQLite."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from apigw_vtab.aws.causes import DENIED_BY_SCP, Cause, cause_of
from apigw_vtab.errors import ApigwVtabError
from apigw_vtab.tables.services import iam_action, service_of

# Stands for a profile's name where the keys are those of the environment.
ENVIRONMENT = "(environment)"
GONE = frozenset(("NotFoundException",))


@dataclass(eq=False)
class CallFailed(ApigwVtabError):  # noqa: N818
    """One AWS call that got no answer.

    `code` is AWS's error code or, if nothing came back at all, the name of botocore's exception;
    `advice` is what the reader can do next. `is_passing` says that another attempt may succeed,
    `retry_after` in how many seconds, where AWS said so. `because` is the cause where more is known
    than the code; `action` what was refused before the call was made, for `role`; `clock` how far
    this machine's clock is off. `is_left_out`: the user does without this region. `is_foreign`: it
    is not AWS that answered. `resource` is the one that was looked up, where that was all. `label`
    is what the account is called, which is its profile's name unless it was reached by another way;
    `unreached` is the call that should have reached it, where that is what failed.
    """

    profile: str
    region: str
    service: str
    operation: str
    code: str
    detail: str
    is_passing: bool = False
    retry_after: float | None = None
    because: Cause | None = None
    action: str = ""
    role: str = ""
    clock: str = "wrong"
    is_left_out: bool = False
    is_foreign: bool = False
    resource: str = ""
    label: str = ""
    unreached: Any = None

    def __post_init__(self) -> None:
        self.label = self.label or self.profile

    def __str__(self) -> str:
        return f"{self.place([self.called], [self.region], 1)}: {self.told}"

    @property
    def called(self) -> str:
        """The operation; both versions of API Gateway have some of one name."""
        return f"{self.operation} (v2)" if self.service == "apigatewayv2" else self.operation

    @property
    def cause(self) -> Cause:
        """Why the call got no answer."""
        return self.because or cause_of(self.code, self.detail)

    @property
    def told(self) -> str:
        """What happened, what AWS said, and what to do next, without the place."""
        return f"{self.said} {self.advice}"

    @property
    def said(self) -> str:
        """What happened, and what AWS said, unless the advice quotes it."""
        what = _of_environment(self.cause.what.format(**self._words))
        said = self.detail.strip() if self.cause.by_aws else ""
        return f"{what} ({self.code})." + (f" AWS said: {_sentence(said)}" if said else "")

    def place(self, operations: Sequence[str], regions: Sequence[str], calls: int) -> str:
        """Return whose calls these are, for one failure or for several of one cause."""
        times = f"{calls} calls" if calls > 1 else ""
        where = ", ".join(regions)
        if self.unreached:
            return self.whose
        if self.is_account_wide:
            return f"{self.whose} in {where}" + (f" ({times})" if times else "")
        whose = ", ".join(filter(None, (self._whose, times)))
        return f"{', '.join(operations)} in {where} ({whose})"

    @property
    def whose(self) -> str:
        """The account, as a line begins with it."""
        return self._whose[0].upper() + self._whose[1:]

    @property
    def _whose(self) -> str:
        return named(self.label, self.profile)

    @property
    def is_account_wide(self) -> bool:
        """Whether the profile itself is the cause, the same in all regions and for all calls."""
        return self.cause.account_wide

    @property
    def is_denied_by_scp(self) -> bool:
        """Whether a service control policy denied the call."""
        return self.cause is DENIED_BY_SCP

    @property
    def is_regional(self) -> bool:
        """Whether one region is missing without the answer, and not the whole account."""
        return service_of(self.service).is_regional

    @property
    def is_conflict(self) -> bool:
        """Whether AWS refused a change because of another one at the same moment."""
        return self.code == "ConflictException" and "try again" in self.detail.lower()

    @property
    def advice(self) -> str:
        """What to do next."""
        return _of_environment(self.cause.advice.format(**self._words))

    @property
    def _words(self) -> dict[str, str]:
        return {
            "action": self.action or iam_action(self.service, self.operation),
            "role": self.role or "its role",
            "profile": self.profile,
            "region": self.region,
            "clock": self.clock,
            "detail": _sentence(self.detail.strip() or "(no details)"),
        }


def named(label: str, profile: str) -> str:
    """Return what an account is called within a sentence."""
    if label != profile:
        return f"account {label}"
    return _of_environment(f"profile {profile}")


def _of_environment(text: str) -> str:
    """Return a text about a profile as one about the environment, where that has the keys.

    With --profile, the AWS CLI would take other keys.
    """
    if ENVIRONMENT not in text:
        return text
    without = text.replace(f" --profile {ENVIRONMENT}", "")
    return without.replace(f"profile {ENVIRONMENT}", "the environment")


def _sentence(text: str) -> str:
    return text if text.endswith((".", "!", "?")) else f"{text}."
