"""Remedies with client certificates: prepare new ones, attach and deploy them, delete the old.

AWS's own order for a rotation: generate, let the backend accept both, switch the stage, take the
old one from the backend, delete it. Each step is a run of its own, and does what is left to do.
"""

from __future__ import annotations

import enum
import functools
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import apsw.ext

from apigw_vtab.controls.findings import Finding
from apigw_vtab.controls.library import read_query_file
from apigw_vtab.controls.redeployment import Review, StageToDeploy, not_compared, reviewed
from apigw_vtab.controls.remedy import REMEDIES, filled_in, in_alarm
from apigw_vtab.controls.saved_query import SavedQuery
from apigw_vtab.errors import UsageError
from apigw_vtab.sqlite.connection import Connection
from apigw_vtab.tables.values import SqlValue
from apigw_vtab.writes.readings import Missing

ROTATED = "client-certificate-expiring"
# The columns of the alarms that the steps read.
KEY = ("rest_api_id", "stage_name", "client_certificate_id")
Admits = Callable[[str, str], bool]
_SECTION = re.compile(r"^-- section: (\w+)\n", re.MULTILINE)


def columns_for(control: SavedQuery) -> tuple[str, ...]:
    """Return the columns that the rows of a control need for these steps."""
    return KEY[-1:] if control.name == ROTATED else KEY


class Step(enum.Enum):
    """What a run does: one step of AWS's order."""

    PREPARE = "prepare"
    ATTACH = "attach"
    DELETE = "delete"


@dataclass(frozen=True)
class StepOptions:
    """What the user wants of a step.

    `label` begins the descriptions of the certificates; None gives the remedy's own. `per` is
    region or stage. `changed` says that stages are deployed again whatever else that publishes.
    """

    step: Step = Step.ATTACH
    label: str | None = None
    per: str = "region"
    redeploy: bool = True
    changed: bool = False


class Unprepared(NamedTuple):
    """A stage that presents a certificate in alarm, for which none is prepared."""

    account_id: str
    region: str
    rest_api_id: str
    stage_name: str
    certificate: str


class OldCertificate(NamedTuple):
    """A certificate in alarm, and one of the stages for which it is kept; None if there is none.

    `changed` is a stage that somebody else gave another certificate, and that may present this one.
    """

    account_id: str
    region: str
    certificate: str
    presented_by: str | None
    undeployed: str | None
    changed: str | None
    prepared_for: str | None


@dataclass
class CertificatePlan:
    """What a step is going to do: its SQL, and what there is to say of it beforehand.

    `before` has run already, and `after` is to be run. `reviews` are the stages that could be
    deployed again; `unprepared` and `old` are what is left alone. `stages` counts those
    that are to get a certificate, `switched` those that will present another one than now, and
    `keys` is the SQL that returns the public keys.
    """

    options: StepOptions
    before: str
    after: str = ""
    reviews: Sequence[Review] = ()
    unprepared: Sequence[Unprepared] = ()
    old: Sequence[OldCertificate] = ()
    stages: int = 0
    switched: int = 0
    keys: str = ""

    @property
    def sql(self) -> str:
        """All of the SQL, which also runs by itself."""
        return f"{self.before}\n{self.after}"

    def is_deployed(self, review: Review) -> bool:
        """Return whether a stage is deployed again."""
        return review.is_deployed(asked=self.options.changed)

    @property
    def kept(self) -> list[OldCertificate]:
        """The certificates in alarm that cannot go yet."""
        return [one for one in self.old if not self._can_go(one)]

    def _can_go(self, one: OldCertificate) -> bool:
        # Whether a stage presents what is attached before it is deployed is not settled.
        return not (one.presented_by or one.undeployed or one.changed or one.prepared_for)


def check_step(control: SavedQuery, options: StepOptions) -> None:
    """Raise UsageError for a step that a control's remedy does not have."""
    if options.step is Step.DELETE and control.name != ROTATED:
        raise UsageError(f"--delete-old goes with {ROTATED} alone: {control.name} has no old ones.")


def planned(
    connection: Connection,
    remedy: SavedQuery,
    chosen: Sequence[Finding],
    is_admitted: Admits,
    options: StepOptions,
) -> CertificatePlan:
    """Return what a step would do about the alarms that were `chosen`. Sends nothing.

    `is_admitted` says of an account's id and a stage's ARN whether a stage that an earlier run left
    undeployed may be deployed.
    """
    values: dict[str, SqlValue] = {
        "label": options.label or remedy.header["label"],
        "per": options.per,
        "generates": int(_generates(remedy, options)),
        "deletes": int(options.step is Step.DELETE),
    }
    steps = {
        name: filled_in(f"\n\n{sql}", values).strip()
        for name, sql in {**_sections(), "wanted": remedy.sql.partition("\n\n")[2]}.items()
    }
    before = "\n\n".join(
        (in_alarm(chosen, KEY), steps["prepared"], steps["wanted"], steps["undeployed"])
    )
    with connection.executor.as_one_statement():
        connection.execute(before)
        plan = CertificatePlan(options, before)
        ((plan.stages,),) = _rows(connection, "select count(*) from wanted")
        if options.step is Step.DELETE:
            plan.old = [OldCertificate(*row) for row in _rows(connection, steps["old"])]
        elif options.step is Step.ATTACH:
            ((plan.switched,),) = _rows(connection, steps["switched"])
            if not _generates(remedy, options):
                plan.unprepared = [
                    Unprepared(*row) for row in _rows(connection, steps["unprepared"])
                ]
            if options.redeploy:
                stages = _stages_to_deploy(connection, steps["to_deploy"], is_admitted)
                compared = [one for one in stages if one.is_ours or options.changed]
                others = [one for one in stages if one not in compared]
                plan.reviews = [*reviewed(connection, compared), *not_compared(others)]
    plan.after = _transaction(plan, remedy, steps)
    return plan


def _generates(remedy: SavedQuery, options: StepOptions) -> bool:
    """Return whether a step makes the certificates that are missing.

    A certificate that works is replaced only by one that was prepared, so that its backend had
    time to trust it.
    """
    return options.step is Step.PREPARE or remedy.name != "rotate"


def _stages_to_deploy(connection: Connection, sql: str, is_admitted: Admits) -> list[StageToDeploy]:
    """Return the stages that are to be deployed again, each once."""
    log = connection.executor.log
    mark = log.mark()
    rows = _rows(connection, sql)
    missing = Missing(log.missed(mark))
    labels = {account_id: label for label, account_id in log.account_ids.items()}
    lanes = {(one.label, one.region if one.is_regional else "") for one in missing}
    stages: dict[tuple[SqlValue, ...], StageToDeploy] = {}
    for *columns, is_left_over, arn in rows:
        account_id, region, *_ = columns
        label = labels.get(str(account_id), "")
        is_half_read = not lanes.isdisjoint({(label, region), (label, "")})
        if is_left_over and (is_half_read or not is_admitted(str(account_id), str(arn))):
            continue
        stages.setdefault(tuple(columns[:4]), StageToDeploy(*columns))
    return list(stages.values())


def _transaction(plan: CertificatePlan, remedy: SavedQuery, steps: Mapping[str, str]) -> str:
    """Return the SQL of a step's changes."""
    if plan.options.step is Step.DELETE:
        gone = [one[:3] for one in plan.old if one not in plan.kept]
        table = _table("unused", ("account_id", "region", "client_certificate_id"), gone)
        return "\n\n".join((table, steps["begin"], steps["delete"], steps["commit"]))
    columns = ("account_id", "region", "rest_api_id", "stage_name", "purpose", "is_ours")
    again = [one.stage for one in plan.reviews if plan.is_deployed(one)]
    values = [tuple(getattr(stage, name) for name in columns) for stage in again]
    names = ["begin"]
    if _generates(remedy, plan.options):
        names += ["generate"]
    if plan.options.step is Step.ATTACH:
        names += ["attach", "deploy"]
    names += ["commit"]
    plan.keys = steps["public_keys"]
    changes = (steps[name] for name in names)
    return "\n\n".join((_table("redeployed", columns, values), *changes, plan.keys))


def _table(name: str, columns: Sequence[str], rows: Sequence[tuple[SqlValue, ...]]) -> str:
    """Return the SQL that creates a temp table with these rows."""
    lines = [f"create temp table {name} ({', '.join(columns)});"]
    if rows:
        values = (f"  ({', '.join(map(apsw.format_sql_value, row))})" for row in rows)
        lines += [f"insert into {name} values", ",\n".join(values) + ";"]
    return "\n".join(lines)


def _rows(connection: Connection, sql: str) -> list[tuple[Any, ...]]:
    return list(connection.execute(sql))


@functools.cache
def _sections() -> Mapping[str, str]:
    """Return the sections of certificates.sql by their names."""
    _, *parts = _SECTION.split(read_query_file(REMEDIES / "certificates.sql").sql)
    return {name: sql.strip() for name, sql in zip(parts[::2], parts[1::2], strict=True)}
