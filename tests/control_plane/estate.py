"""The accounts and regions that the control plane answers for."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from typing import Any

from .lanes import LANE_PARTS, DeclaredLane, NumberedLane, ServedLane

#: The regions that every account has, without opting in.
DEFAULT_REGIONS = (
    "eu-west-1", "us-east-1", "us-east-2", "us-west-1", "us-west-2", "eu-central-1",
    "eu-west-2", "eu-west-3", "eu-north-1", "ap-northeast-1", "ap-northeast-2",
    "ap-northeast-3", "ap-southeast-1", "ap-southeast-2", "ap-south-1", "ca-central-1",
    "sa-east-1",
)  # fmt: skip

FIRST_ACCOUNT = 111_122_223_333
# Permanent keys begin with AKIA, those of a session (AssumeRole) with ASIA.
ACCESS_KEY = re.compile(r"A[KS]IA(\d{12})")


def access_key(account: str) -> str:
    """An access key that belongs to the account."""
    return f"AKIA{account}"


class NumberedAccounts(Sequence[str]):
    """The ids of so many accounts: a rule instead of a list."""

    def __init__(self, count: int) -> None:
        self._numbers = range(FIRST_ACCOUNT, FIRST_ACCOUNT + count)

    def __len__(self) -> int:
        return len(self._numbers)

    def __getitem__(self, index: Any) -> Any:
        found = self._numbers[index]
        return f"{found:012d}" if isinstance(found, int) else [f"{one:012d}" for one in found]

    def __contains__(self, account: object) -> bool:
        return isinstance(account, str) and account.isdecimal() and int(account) in self._numbers

    def index(self, value: str, start: int = 0, stop: int | None = None) -> int:
        """The number of an account."""
        return self._numbers.index(int(value))


@dataclass(frozen=True)
class ServedEstate:
    """Accounts and their regions; each lane is generated from the numbers unless declared.

    Keys are recognised by `access_keys` (key to account id) or by holding the account id,
    as `access_key` makes them. `disabled_regions` are listed by DescribeRegions with AllRegions.
    `roles` are globs of the names that may be assumed, and that IAM Identity Center has assigned;
    `assigned` are those that its portal lists. In the accounts `refusing`, none may be;
    elsewhere, whoever assumes one must know the `external_id`.
    `units` is how many organizational units there are, `suspended` accounts are closed, and
    `administrators` may ask about the organization as its first account may.
    """

    accounts: Sequence[str]
    regions: Sequence[str]
    rest_apis: int = 0
    stages: int = 0
    certificates: int = 0
    #: In how many of the regions there is anything; all by default.
    regions_in_use: int | None = None
    #: How many items each list holds that botocore's model alone describes.
    modelled: int = 0
    lanes: Mapping[tuple[str, str], Mapping[str, Any]] = field(default_factory=dict)
    access_keys: Mapping[str, str] = field(default_factory=dict)
    disabled_regions: Sequence[str] = ("af-south-1", "ap-east-1")
    roles: Sequence[str] = ("*",)
    assigned: Sequence[str] = ("audit",)
    refusing: Sequence[str] = ()
    external_id: str = ""
    units: int = 0
    suspended: Sequence[str] = ()
    administrators: Sequence[str] = ()
    #: Generated dates lie in the time before this one (2026-11-23).
    now: int = 1_795_392_000

    def __post_init__(self) -> None:
        for lane, parts in self.lanes.items():
            if unknown := set(parts) - LANE_PARTS:
                raise ValueError(f"{lane}: a lane holds {sorted(LANE_PARTS)}, not {unknown}")

    @classmethod
    def numbered(
        cls,
        *,
        accounts: int = 1,
        regions: int = 1,
        rest_apis: int = 20,
        stages: int = 3,
        certificates: int = 5,
        modelled: int = 0,
        units: int = 0,
        regions_in_use: int | None = None,
    ) -> ServedEstate:
        """An estate of a given size: so many in each account, region, and REST API."""
        if not 0 < regions <= len(DEFAULT_REGIONS):
            raise ValueError(f"there are 1 to {len(DEFAULT_REGIONS)} regions, not {regions}")
        return cls(
            accounts=NumberedAccounts(accounts),
            regions=DEFAULT_REGIONS[:regions],
            rest_apis=rest_apis,
            stages=stages,
            certificates=certificates,
            modelled=modelled,
            units=units,
            regions_in_use=regions_in_use,
        )

    @classmethod
    def declared(cls, lanes: Mapping[tuple[str, str], Mapping[str, Any]]) -> ServedEstate:
        """An estate of exactly these lanes, keyed by account and region.

        A lane holds `rest_apis` and `client_certificates`; a REST API's `stages` (and
        `deployments`) are inside it.
        """
        accounts = list(dict.fromkeys(account for account, _ in lanes))
        regions = list(dict.fromkeys(region for _, region in lanes))
        return cls(accounts=accounts, regions=regions, lanes=lanes)

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> ServedEstate:
        """The inverse of `to_json`."""
        lanes = {(account, region): parts for account, region, parts in data["lanes"]}
        accounts = data["accounts"]
        if isinstance(accounts, int):
            accounts = NumberedAccounts(accounts)
        return cls(**{**data, "accounts": accounts, "lanes": lanes})

    def to_json(self) -> dict[str, Any]:
        """The estate as plain data."""
        lanes = [[*lane, parts] for lane, parts in self.lanes.items()]
        numbered = isinstance(self.accounts, NumberedAccounts)
        accounts = len(self.accounts) if numbered else list(self.accounts)
        return {**vars(self), "accounts": accounts, "lanes": lanes}

    def account_of(self, key: str) -> str | None:
        """The account that an access key belongs to, or None when AWS would not know the key."""
        match = ACCESS_KEY.match(key)
        account = self.access_keys.get(key) or (match[1] if match else None)
        return account if account in self.accounts else None

    def grants(self, account: str, role: str) -> bool:
        """Whether a role of this name in the account is granted to whoever asks."""
        if account not in self.accounts or account in {*self.refusing, *self.suspended}:
            return False
        return any(fnmatchcase(role, glob) for glob in self.roles)

    def lane(self, account: str, region: str) -> ServedLane:
        """A lane that nobody has changed yet."""
        declared = self.lanes.get((account, region))
        if declared is not None:
            return ServedLane(DeclaredLane(declared))
        is_used = region in self.regions[: self.regions_in_use]
        numbered = NumberedLane(
            account,
            region,
            rest_apis=self.rest_apis if is_used else 0,
            stages=self.stages,
            certificates=self.certificates if is_used else 0,
            now=self.now,
        )
        return ServedLane(numbered)
