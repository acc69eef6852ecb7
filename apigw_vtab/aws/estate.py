"""Profiles x regions = lanes: which accounts and regions to read, in a fixed order."""

from __future__ import annotations

import contextlib
import functools
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

from apigw_vtab.aws.account_calls import (
    Regions,
    ask_id,
    enabled_regions,
    identity_call,
    known_id,
    lists_as_they_come,
    regions_call,
    without_list,
)
from apigw_vtab.aws.accounts import Account, Lane
from apigw_vtab.aws.call import Answer, Call
from apigw_vtab.aws.call_log import Alike
from apigw_vtab.aws.causes import (
    DENIED,
    INTERRUPTED,
    TIMED_OUT,
    UNREACHABLE,
    UNREADABLE,
    UNRECOGNISED,
)
from apigw_vtab.aws.executor import Executor
from apigw_vtab.aws.failures import CallFailed
from apigw_vtab.aws.known_causes import NOT_TAKEN, OLD_TOKEN
from apigw_vtab.aws.named_regions import check_listed, settle_homes, unknown_regions
from apigw_vtab.aws.reach.distinct import distinct
from apigw_vtab.aws.reach.site import Unlisted
from apigw_vtab.aws.reach.ways import Reach
from apigw_vtab.aws.regions import ALWAYS_ENABLED, EVERY_REGION, is_pattern
from apigw_vtab.aws.reply import Reply
from apigw_vtab.aws.wildcards import is_like
from apigw_vtab.errors import UsageError, examples
from apigw_vtab.tables.keys import Keys

# Called with a call whose rows are missing, and why they are; may raise.
Failed = Callable[[Call, CallFailed], None]


def by_profile(label: str) -> str:
    """Return what stands for an account whose id is not known: it is reached by its profile."""
    return f"profile {label}"


def id_or_stand_in(label: str, ids: Mapping[str, str]) -> str:
    """Return the id of an account or, where `ids` do not have it, what stands for it."""
    return ids.get(label) or by_profile(label)


class Estate:
    """The lanes of a connection: its profiles, and the regions that its patterns admit.

    `patterns` are region codes, or patterns with `*` and `?`. `skips_denied_by_scp`: regions that
    a service control policy denies are left out.
    """

    def __init__(
        self,
        accounts: Sequence[Account],
        patterns: Sequence[str],
        executor: Executor,
        *,
        skips_denied_by_scp: bool = False,
        reach: Reach | None = None,
    ) -> None:
        self.executor = executor
        self.patterns = tuple(patterns) or (EVERY_REGION,)
        self._named = frozenset(one for one in self.patterns if not is_pattern(one))
        self._are_all_named = len(self._named) == len(set(self.patterns))
        # Those of the profiles, until others are reached from them.
        self.profiles = tuple(accounts)
        self.reach = reach
        # All accounts by their ids, once every id is known.
        self._by_id: dict[str, Account] = {}
        # Lanes that were called and whose region turned out not to be enabled.
        self.not_enabled: set[Lane] = set()
        self.skips_denied_by_scp = skips_denied_by_scp
        # While it is set, an account whose id is unknown goes by its profile's name.
        self._goes_by_profile = self._is_checked = False
        executor.log.expect(account.label for account in accounts)
        settle_homes(self.profiles, self.patterns)

    @contextlib.contextmanager
    def executed_by(self, executor: Executor) -> Iterator[None]:
        """Let another executor answer the calls while the block runs."""
        usual, self.executor = self.executor, executor
        try:
            yield
        finally:
            self.executor = usual

    @contextlib.contextmanager
    def going_by_profile(self) -> Iterator[None]:
        """Let a profile's name stand for its account while the block runs, if STS does not answer.

        Rows without an account could not be joined with each other.
        """
        self._goes_by_profile = True
        try:
            yield
        finally:
            self._goes_by_profile = False

    def stand_in(self, account: Account) -> str | None:
        """Return what stands for the id of an account that is not known."""
        return by_profile(account.label) if self._goes_by_profile else None

    def leaves_out(self, failure: CallFailed) -> bool:
        """Return whether the user does without a lane that answers everything with this failure."""
        return self.skips_denied_by_scp and failure.is_regional and failure.is_denied_by_scp

    def check_regions(self) -> None:
        """Raise UsageError for a region that no account has, and where no region is meant at all.

        What cannot be asked is for those to tell who read. One account with a region that is meant
        is enough: the others may be slow to tell theirs.
        """
        every, untold = Keys(None, {}, {}), lambda *_: None
        accounts = self.accounts_to_read(every, untold)
        if self.has_named_regions(every):
            return
        asked = map(self.regions_answer, accounts)
        if not any(any(map(self._admits, listed)) for listed in lists_as_they_come(asked)):
            for _ in self.lanes_by_account(accounts, every, untold):
                pass

    def includes(self, lane: Lane) -> bool:
        """Return whether a lane belongs to this estate."""
        account = lane.account
        known = self._by_id.get(account.id or "") is account or account in self.profiles
        return known and self._admits(lane.region)

    def close(self) -> None:
        """Close every account's connections to AWS."""
        for account in {*self.profiles, *(self.reach.bases if self.reach else ())}:
            account.close()

    def accounts(self, failed: Failed) -> list[Account]:
        """Return each account once, in profile order. `failed` gets each call that got no answer.

        Two profiles can lead to the same account, whose rows must not come twice: where there
        are several, each account is asked for its id.
        """
        self._reach_all(failed)
        for missing in self.reach.unlisted if self.reach else ():
            failed(missing.call, missing.failure)
        if self._by_id or len(self.profiles) == 1:
            return list(self.profiles)
        found = distinct(self.profiles, self.executor)
        found.tell(self.executor.log.warn)
        for account, failure in found.unknown:
            failed(identity_call(account), failure)
        return list(found.accounts)

    def _reach_all(self, failed: Failed) -> None:
        """Find out which accounts there are, with the first statement that needs them."""
        if self.reach is None or self.reach.is_settled:
            return
        try:
            found = self.reach.accounts()
        except Unlisted as missing:
            # The next statement asks again; until then there is nobody to read.
            self.profiles = ()
            return failed(missing.call, missing.failure)
        self.profiles = found
        if all(account.id for account in found):
            self._by_id = {str(account.id): account for account in found}

    def fact(self, account: Account, name: str, failed: Failed) -> str | None:
        """Return what is known of an account, by the column that says it. `failed` as above."""
        if name == "profile":
            return account.profile
        if name != "ou_path" or self.reach is None:
            fact: str | None = getattr(account.facts, name, None)
            return fact or None
        try:
            return self.reach.path(account, self.account_id(account))
        except Unlisted as missing:
            failed(missing.call, missing.failure)
            return None

    def identify(self, accounts: Iterable[Account]) -> None:
        """Ask each account for its id, without waiting for the answers."""
        for account in accounts:
            ask_id(account, self.executor)

    def account_id(self, account: Account) -> str:
        """Return the account's 12-digit id, from STS. Raises CallFailed."""
        return known_id(account, self.executor)

    def lanes(self, keys: Keys, failed: Failed) -> Iterator[Lane]:
        """Yield the lanes that a scan has to read. `failed` gets each call that got no answer.

        Raises UsageError if the region patterns admit no region of any account.
        """
        accounts = self.accounts_to_read(keys, failed)
        if self._literal_regions(keys, accounts) is None:
            for account in accounts:
                self.regions_answer(account)
        for lanes in self.lanes_by_account(accounts, keys, failed):
            yield from lanes

    def accounts_to_read(self, keys: Keys, failed: Failed) -> list[Account]:
        """Return the accounts whose lanes a scan has to read. `failed` as in `accounts`.

        Raises UsageError for a named region that no account has.
        """
        accounts = self.accounts_of(keys, failed)
        # Otherwise, which accounts there are could not be found out.
        if self.profiles:
            self._check_named()
        return accounts

    def lanes_by_account(
        self, accounts: Iterable[Account], keys: Keys, failed: Failed
    ) -> Iterator[list[Lane]]:
        """Yield the lanes of each of the accounts, once its regions are known; else as `lanes`."""
        chosen = []
        for account in accounts:
            regions = self._regions(account, keys, failed)
            chosen.append((account, regions))
            yield self._lanes_in(account, regions.admitted, keys)
        self._check_patterns(chosen)

    def has_named_regions(self, keys: Keys) -> bool:
        """Return whether a scan's lanes are known without asking accounts for their regions."""
        return self._literal_regions(keys, self.profiles) is not None

    def listed_lanes(self, account: Account, keys: Keys, answer: Answer) -> list[Lane] | None:
        """Return an account's lanes by the answer that lists its regions; None if it lists none."""
        if not (enabled := enabled_regions(answer)):
            return None
        admitted = [region for region in enabled if self._admits(region)]
        return self._lanes_in(account, admitted, keys)

    @staticmethod
    def _lanes_in(account: Account, regions: Iterable[str], keys: Keys) -> list[Lane]:
        wanted = [region for region in sorted(regions) if keys.admits("region", region)]
        return [account.lane(region) for region in wanted]

    def home_lanes(self, keys: Keys, failed: Failed) -> Iterator[Lane]:
        """Yield one lane per account, for what is the same in all regions."""
        for account in self.accounts_of(keys, failed):
            yield account.lane(account.home_region)

    def is_enabled(self, lane: Lane, failure: CallFailed) -> bool:
        """Return whether the region of a failed call is enabled at all.

        AWS gives the same answer for a region that is not enabled as for wrong keys, so look in
        the account's list of regions.
        """
        if failure.code not in UNRECOGNISED.codes or failure.is_account_wide:
            return True
        is_optional = lane.region not in ALWAYS_ENABLED
        try:
            enabled = enabled_regions(self.regions_answer(lane.account).result())
        except CallFailed as unknown:
            # Without a list of regions, this answer is the only sign. Who is denied the list is
            # known to AWS; where it failed otherwise, that is what is told.
            works = unknown.code in DENIED.codes and not unknown.is_account_wide
            if is_optional and works:
                failure.because = NOT_TAKEN
            is_told = works or self.executor.log.is_missed(regions_call(lane.account))
            if not is_optional or not is_told or lane.region in self._named:
                return True
        else:
            if is_optional and lane.region in enabled and lane.account.has_session_token:
                failure.because = OLD_TOKEN
            if lane.region in enabled:
                return True
        if self.executor.log.has_read(lane):
            # It was enabled a moment ago: some of its rows may have been read.
            return True
        self.not_enabled.add(lane)
        self._left_out(lane.account, [lane.region])
        return False

    def _check_patterns(self, chosen: Sequence[tuple[Account, Regions]]) -> None:
        """Raise UsageError if regions were listed and the patterns admit none of them."""
        listed = {region for _, regions in chosen for region in regions.enabled}
        if listed and not any(regions.admitted for _, regions in chosen):
            names = examples([account.label for account, _ in chosen])
            raise UsageError(
                f"No region of profile {names} matches {', '.join(self.patterns)}. "
                f"The enabled regions are: {', '.join(sorted(listed))}."
            )

    def _check_named(self) -> None:
        """Raise UsageError for a named region that neither botocore nor any account knows."""
        if self._unknown and not self._is_checked:
            warn = self.executor.log.warn
            check_listed(self._unknown, self.profiles, self.regions_answer, warn)
            self._is_checked = True

    @functools.cached_property
    def _unknown(self) -> frozenset[str]:
        return unknown_regions(self._named, self.profiles)

    def accounts_of(self, keys: Keys, failed: Failed) -> list[Account]:
        """Return the accounts that a scan may read. `failed` as in `accounts`."""
        self._reach_all(failed)
        pinned = keys.pinned.get("account_id", ())
        found = [self._by_id[one] for one in pinned if one in self._by_id]
        # Where all of them are known, none is among those that could not be listed.
        accounts = found if found and len(found) == len(pinned) else self.accounts(failed)
        if "account_id" not in keys.pinned and "account_id" not in keys.tests:
            return accounts
        if self._by_id and pinned:
            return [one for one in found if keys.admits("account_id", str(one.id))]
        self.identify(accounts)
        wanted = []
        for account in accounts:
            try:
                if keys.admits("account_id", self.account_id(account)):
                    wanted.append(account)
            except CallFailed as failure:
                failed(identity_call(account), failure)
                stand_in = self.stand_in(account)
                if stand_in and keys.admits("account_id", stand_in):
                    wanted.append(account)
        return wanted

    def regions_answer(self, account: Account) -> Reply:
        """Return the reply to the call that asks an account for its regions."""
        return self.executor.submit(regions_call(account))

    def _literal_regions(self, keys: Keys, accounts: Iterable[Account]) -> set[str] | None:
        """Return the regions that are given by name; None if AWS must be asked for a list."""
        pinned = keys.pinned.get("region")
        if self._are_all_named:
            return set(self._named if pinned is None else self._named.intersection(pinned))
        if pinned is None:
            return None
        known = {region for account in accounts for region in account.known_regions}
        return set(pinned) if known.issuperset(pinned) else None

    def _regions(self, account: Account, keys: Keys, failed: Failed) -> Regions:
        literal = self._literal_regions(keys, [account])
        if literal is not None:
            unlisted, enabled = self._unlisted(account)
            known = [region for region in literal - unlisted if self._admits(region)]
            return Regions(known, enabled if unlisted >= self._named else ())
        try:
            enabled = enabled_regions(self.regions_answer(account).result())
            if not enabled:
                raise regions_call(account).failed(UNREADABLE, "It lists no regions.")
        except CallFailed as failure:
            # In the home region, which is never off, it is the keys that are not known.
            if failure.is_account_wide or failure.code in UNRECOGNISED.codes:
                failed(regions_call(account), failure)
                return Regions([])
            if failure.code in DENIED.codes:
                alike = Alike(f"list of regions: {failure.cause.what}", account.label)
                self.executor.log.warn(without_list(failure), alike)
            else:
                failed(regions_call(account), failure)
            if failure.code in UNREACHABLE.codes | {TIMED_OUT, INTERRUPTED}:
                return Regions([])
            enabled = account.known_regions
        self._left_out(account, sorted(set(self._named) - set(enabled)))
        return Regions([region for region in enabled if self._admits(region)], enabled)

    def _unlisted(self, account: Account) -> tuple[frozenset[str], Sequence[str]]:
        """Return which regions neither botocore nor the account has and, if asked, all it has."""
        if not self._unknown:
            return frozenset(), ()
        try:
            enabled = enabled_regions(self.regions_answer(account).result())
        except CallFailed:
            return frozenset(), ()
        unlisted = self._unknown - set(enabled)
        self._left_out(account, sorted(unlisted))
        return unlisted, enabled

    def _left_out(self, account: Account, regions: Iterable[str]) -> None:
        for region in self._named.intersection(regions):
            self.executor.log.warn(
                f"Region {region} is not enabled for {account.called}: left out.",
                Alike(f"not enabled: {region}", account.label),
            )

    def _admits(self, region: str) -> bool:
        return region in self._named or any(is_like(region, one) for one in self.patterns)
