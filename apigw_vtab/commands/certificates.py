"""What `remediate` says about client certificates: what is left alone, and what is for the user.

Nothing here may look like success where a backend would refuse its stage.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING

import click

from apigw_vtab.analysis.working_copy import NOT_COMPARED
from apigw_vtab.commands import progress
from apigw_vtab.commands.exit_codes import FAILED, INCOMPLETE
from apigw_vtab.commands.public_keys import hand_out, print_pem
from apigw_vtab.commands.typed import Typed
from apigw_vtab.controls.certificates import (
    ROTATED,
    Admits,
    CertificatePlan,
    Step,
    StepOptions,
    planned,
)
from apigw_vtab.controls.redeployment import Review
from apigw_vtab.output.terminal import harmless
from apigw_vtab.tables.values import SqlValue

if TYPE_CHECKING:
    from apigw_vtab.controls.findings import Finding
    from apigw_vtab.controls.saved_query import SavedQuery
    from apigw_vtab.sqlite.connection import Connection

# The options that the command of a next step does not repeat: what they ask for was done, and each
# step asks again before it sends anything.
ONCE = ("prepare", "delete-old", "dry-run", "show-sql", "yes")
UNTRUSTED = (
    "Backends that check certificates and do not trust the new public key refuse every request "
    "of the stage that presents it."
)
UNPROTECTED = (
    "For you to do: let the backends trust the public keys, and refuse requests without them. "
    "Until they do, nothing is protected."
)
STILL_OLD = (
    "Whether a stage presents a certificate before it is deployed is not settled: until somebody "
    "deploys them, take the old certificate, or none, for what they present."
)


def plan(
    connection: Connection,
    remedy: SavedQuery,
    chosen: Sequence[Finding],
    is_admitted: Admits,
    options: StepOptions,
) -> CertificatePlan:
    """Return what is going to be done."""
    with progress.shown(connection.executor):
        return planned(connection, remedy, chosen, is_admitted, options)


def tell_keys(
    made: CertificatePlan,
    rows: Sequence[Mapping[str, SqlValue]],
    folder: Path | None,
    typed: Typed,
) -> None:
    """Hand out the public keys, if there are any."""
    if made.options.step is Step.PREPARE and folder is None:
        print_pem(rows)
    elif rows:
        hand_out(rows, folder, typed)


def tell_steps(
    made: CertificatePlan, control: str, rows: Sequence[Mapping[str, SqlValue]], typed: Typed
) -> None:
    """Say what is for the user to do after a step that was carried out as a whole."""
    for line in _steps_to_do(made.options.step, control, typed) if rows else ():
        click.echo(harmless(line), err=True)


def exit_code_of(made: CertificatePlan) -> int:
    """Return 3 where something could not be compared, 1 where an alarm is left, else 0."""
    if any(one.unread for one in made.reviews):
        return INCOMPLETE
    return FAILED if made.unprepared or made.kept else 0


def _steps_to_do(step: Step, control: str, typed: Typed) -> Iterator[str]:
    """Yield what is for the user to do after a step."""
    if step is Step.PREPARE:
        yield "Nothing is attached yet. For you to do, in this order:"
        yield "  1. Let the backends trust these public keys, beside those that they trust now."
        yield "  2. Attach the new certificates. Run:"
        yield f"     {typed.again(without=ONCE)}"
        yield UNTRUSTED
    elif control == ROTATED:
        yield "The old certificates are still there. For you to do, in this order:"
        yield f"  1. See that the backends answer. {UNTRUSTED}"
        yield "  2. Take the old public keys from the backends."
        yield "  3. Run:"
        yield f"     {typed.again('delete-old', without=(*ONCE, 'pem-dir'))}"
    else:
        yield f"{UNPROTECTED} {UNTRUSTED}"


def summary(made: CertificatePlan, typed: Typed) -> Iterator[str]:
    """Yield what there is to know before anything is sent."""
    if made.unprepared:
        stages = sorted({(one.region, one.certificate) for one in made.unprepared})
        yield (
            f"Left as they are, because no certificate is prepared to replace theirs "
            f"({_counted(len(made.unprepared), 'stage')}):"
        )
        for region, certificate in stages:
            names = [
                f"{one.rest_api_id}/{one.stage_name}"
                for one in made.unprepared
                if (one.region, one.certificate) == (region, certificate)
            ]
            yield f"  certificate {certificate} in {region}: {', '.join(names)}"
        yield f"First run: {typed.again('prepare', without=ONCE)}"
    if made.kept:
        yield f"Not deleted ({_counted(len(made.kept), 'certificate')}):"
        for old in made.kept:
            why = (
                f"the stage {old.presented_by} presents it"
                if old.presented_by
                else f"the stage {old.undeployed} was not deployed since it got the new one"
                if old.undeployed
                else f"the stage {old.changed} was not deployed since its last change, and may "
                "still present it: deploy it first"
                if old.changed
                else f"it is prepared to replace {old.prepared_for}"
            )
            yield f"  {old.certificate} in {old.region} ({old.account_id}): {why}"
    if made.options.step is Step.PREPARE and not made.stages:
        yield "No stage of a REST API presents a certificate in alarm: there is nothing to prepare."
    if made.switched:
        yield f"Another certificate than now, for {_counted(made.switched, 'stage')}. {UNTRUSTED}"
        yield (
            "Let the backends trust the new public keys first. To have them handed out: "
            f"{typed.again('prepare', without=ONCE)}"
        )
    if made.options.step is Step.ATTACH:
        yield from _about_deployments(made, typed)


def _about_deployments(made: CertificatePlan, typed: Typed) -> Iterator[str]:
    if not made.options.redeploy:
        yield f"No stage is deployed (--no-redeploy). {STILL_OLD}"
        return
    deployed = [one for one in made.reviews if made.is_deployed(one)]
    same = [one for one in deployed if not one.reasons]
    changed = [one for one in deployed if one.reasons]
    held = [one for one in made.reviews if not made.is_deployed(one)]
    if deployed:
        yield "A deployment publishes the whole working copy of its API, as it is now."
    if same:
        yield (
            f"To be deployed again ({_counted(len(same), 'stage')}), with the methods and the "
            "authorization that are deployed now:"
        )
        yield from _by_api(same)
    if changed:
        yield f"To be deployed again, as you asked ({_counted(len(changed), 'stage')}):"
        yield from _with_reasons(changed)
    if deployed:
        yield f"Not compared: {NOT_COMPARED}. AWS does not tell which of them are deployed."
    if held:
        yield (
            f"Not to be deployed again, although the new certificate is attached "
            f"({_counted(len(held), 'stage')}):"
        )
        yield from _with_reasons(held)
        if any(not one.unread for one in held):
            yield (
                "To deploy these, too, except what could not be compared: "
                f"{typed.again('redeploy-changed', without=ONCE)}"
            )
        yield STILL_OLD


def _by_api(reviews: Iterable[Review]) -> Iterator[str]:
    ordered = sorted(reviews, key=lambda one: (one.stage.api, one.stage.stage_name))
    for api, some in groupby(ordered, key=lambda one: one.stage.api):
        yield f"  {api}: {', '.join(one.stage.stage_name for one in some)}"


def _with_reasons(reviews: Iterable[Review]) -> Iterator[str]:
    for one in reviews:
        yield f"  {one.stage.api}, {one.stage.stage_name}: {'; '.join(one.reasons)}"


def _counted(count: int, what: str) -> str:
    return f"{count} {what}" if count == 1 else f"{count} {what}s"
