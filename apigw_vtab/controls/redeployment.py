"""What deploying a stage again would publish besides, and whether that is to be left to somebody.

A deployment publishes whatever lies in an API's working copy. AWS tells the methods of both sides;
each API and each deployment is asked for once, and what cannot be read is not deployed.
"""

from __future__ import annotations

import contextlib
import json
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import CancelledError
from dataclasses import dataclass, field, replace

from apigw_vtab.analysis.working_copy import (
    Methods,
    differences,
    published_methods,
    working_methods,
)
from apigw_vtab.aws.accounts import Lane
from apigw_vtab.aws.call import Call, call_of
from apigw_vtab.aws.failures import CallFailed
from apigw_vtab.aws.reply import Reply
from apigw_vtab.errors import ApigwVtabError
from apigw_vtab.scan.scan import Scan
from apigw_vtab.scan.whole_lists import scan_of_list
from apigw_vtab.sqlite.connection import Connection
from apigw_vtab.tables.keys import Keys
from apigw_vtab.tables.v1.deployments import DEPLOYMENTS
from apigw_vtab.tables.v1.resources import RESOURCES

# The tag that CloudFormation gives to what it owns.
STACK = "aws:cloudformation:stack-name"
OWNED = "aws:cloudformation:"


@dataclass(frozen=True)
class StageToDeploy:
    """A stage that is to be deployed again.

    The four members before the last are JSON or text from AWS. `is_ours` says that `remediate`
    attaches its certificate, or has done so.
    """

    account_id: str
    region: str
    rest_api_id: str
    stage_name: str
    api_name: str | None
    purpose: str
    deployment_id: str | None
    canary_settings: str | None
    tags: str | None
    api_tags: str | None
    is_ours: int = 1

    @property
    def api(self) -> str:
        """The API that the stage belongs to, as people are told it."""
        name = self.api_name or "an API without a name"
        return f"{self.region} {name} ({self.rest_api_id}, account {self.account_id})"


@dataclass(frozen=True)
class Review:
    """What deploying a stage again would do besides.

    `changes` are the methods that it would publish, `owners` why the stage is somebody else's to
    deploy, `unread` why that could not be found out.
    """

    stage: StageToDeploy
    changes: tuple[str, ...] = ()
    owners: tuple[str, ...] = ()
    unread: str = ""

    @property
    def reasons(self) -> tuple[str, ...]:
        """Why the stage is not deployed unless it is asked for; nothing where it may be."""
        return (*((self.unread,) if self.unread else ()), *self.owners, *self.changes)

    def is_deployed(self, *, asked: bool) -> bool:
        """Return whether the stage is deployed; `asked` says that the user wants all that can be.

        What could not be compared is not deployed even then.
        """
        return not self.unread and (asked or not self.reasons)


@dataclass
class _Copies:
    """The working copies of the APIs of a lane: rows as they come, and what could not be read."""

    rows: dict[str, list[tuple[object, object]]] = field(default_factory=dict)
    unread: dict[str, str] = field(default_factory=dict)

    def methods(self, rest_api_id: str) -> Methods:
        """Return the methods of an API. Raises ValueError, in words, where they are not known."""
        if rest_api_id in self.unread:
            raise ValueError(f"its working copy could not be read: {self.unread[rest_api_id]}")
        if rest_api_id not in self.rows:
            # Every API has a root: an answer without it is none.
            raise ValueError("its working copy could not be read: AWS told of no resource.")
        return working_methods(self.rows[rest_api_id])


def reviewed(connection: Connection, stages: Sequence[StageToDeploy]) -> list[Review]:
    """Return a review of each stage, in their order."""
    by_lane: dict[tuple[str, str], list[StageToDeploy]] = {}
    for stage in stages:
        by_lane.setdefault((stage.account_id, stage.region), []).append(stage)
    with connection.executor.as_one_statement(), contextlib.ExitStack() as open_scans:
        # All lanes and both kinds of calls go side by side; then each is waited for.
        begun = [
            _LaneReview(connection, lane, some, open_scans)
            for where, some in by_lane.items()
            for lane in _lane(connection, *where)
        ]
        found = {review.stage: review for one in begun for review in one.reviews()}
    unknown = "its account and region could not be asked."
    return [found.get(stage) or Review(stage, unread=unknown) for stage in stages]


class _LaneReview:
    """The reviews of one account and region, whose calls have begun."""

    def __init__(
        self,
        connection: Connection,
        lane: Lane,
        stages: Sequence[StageToDeploy],
        open_scans: contextlib.ExitStack,
    ) -> None:
        self._connection = connection
        self._stages = stages
        self._copies = _Copies()
        self._scan = self._scan_of(lane, sorted({stage.rest_api_id for stage in stages}))
        open_scans.callback(self._scan.close)
        self._scan.start()
        self._published: dict[tuple[str, str], tuple[Call, Reply]] = {}
        for stage in stages:
            if stage.deployment_id:
                key = (stage.rest_api_id, stage.deployment_id)
                named = dict(zip(DEPLOYMENTS.key, key, strict=True))
                # What a deployment has published comes only to who asks for it.
                call = call_of(lane, DEPLOYMENTS.reads[0], named, ("api_summary",))
                if key not in self._published:
                    self._published[key] = (call, connection.executor.submit(call))

    def reviews(self) -> Iterator[Review]:
        """Wait for the answers, and review each stage."""
        path, methods, api = (
            RESOURCES.index[name] for name in ("path", "resource_methods", "rest_api_id")
        )
        for batch in self._scan.batches():
            for place in batch.positions:
                told = batch.cells(methods)[place]
                row = (batch.cells(path)[place], json.loads(str(told)) if told else None)
                self._copies.rows.setdefault(str(batch.cells(api)[place]), []).append(row)
        for stage in self._stages:
            review = Review(stage, owners=tuple(_owners(stage)))
            try:
                published = self._methods_of(stage)
                changes = differences(published, self._copies.methods(stage.rest_api_id))
                yield replace(review, changes=tuple(changes))
            except (ValueError, RecursionError) as unknown:
                yield replace(review, unread=str(unknown))

    def _scan_of(self, lane: Lane, rest_api_ids: Sequence[str]) -> Scan:
        columns = ("rest_api_id", "resource_id", "path", "resource_methods")
        pinned = {"rest_api_id": tuple(rest_api_ids)}
        executor = self._connection.executor
        return scan_of_list(RESOURCES, lane, executor, columns, self._failed, pinned)

    def _failed(self, call: Call, failure: CallFailed) -> None:
        self._copies.unread.setdefault(str(dict(call.parameters)["restApiId"]), str(failure))
        self._connection.context.failed(call, failure)

    def _methods_of(self, stage: StageToDeploy) -> Methods:
        """Return what is deployed. Raises ValueError, in words, where it is not known."""
        if not stage.deployment_id:
            raise ValueError("AWS names no deployment of it.")
        call, future = self._published[stage.rest_api_id, stage.deployment_id]
        try:
            (deployment,) = future.result().items
        except CancelledError:
            raise ApigwVtabError("The connection was closed while a statement ran.") from None
        except CallFailed as failure:
            self._connection.context.failed(call, failure)
            raise ValueError(f"what is deployed could not be read: {failure}") from None
        if deployment.get("id") != stage.deployment_id:
            raise ValueError("what is deployed could not be read: AWS told of another deployment.")
        return published_methods(deployment.get("apiSummary"))


def not_compared(stages: Iterable[StageToDeploy]) -> list[Review]:
    """Return reviews of stages that are somebody else's to deploy, without a call."""
    return [Review(stage, owners=tuple(_owners(stage))) for stage in stages]


def _lane(connection: Connection, account_id: str, region: str) -> Iterable[Lane]:
    context = connection.context
    keys = Keys(None, {"account_id": (account_id,), "region": (region,)}, {})
    return context.estate.lanes(keys, context.failed)


def _owners(stage: StageToDeploy) -> Iterator[str]:
    """Say why a stage is not ours to deploy."""
    if not stage.is_ours:
        yield f"its certificate ({stage.purpose}) is not one of this run's, and was never deployed"
    if stage.canary_settings:
        percent = _members(stage.canary_settings).get("percentTraffic", 0)
        yield f"has a canary with {percent} % of the traffic, beside which AWS takes no deployment"
    for words, tags in (("belongs", stage.tags), ("its API belongs", stage.api_tags)):
        names = _members(tags)
        if any(name.startswith(OWNED) for name in names):
            yield f"{words} to the CloudFormation stack {names.get(STACK) or '(unnamed)'}"
            return


def _members(text: str | None) -> dict[str, object]:
    try:
        members = json.loads(text or "{}")
    except ValueError:
        members = None
    return members if isinstance(members, dict) else {}
