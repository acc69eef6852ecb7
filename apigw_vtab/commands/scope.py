"""Narrows findings to those in scope, and says what is left out and what is not known."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import click

from apigw_vtab.controls.findings import Finding
from apigw_vtab.controls.narrowing import matching
from apigw_vtab.controls.tag_scope import Parted, TagScope
from apigw_vtab.output.terminal import harmless
from apigw_vtab.sqlite.connection import Connection

# Resources that are named, of those whose tags are not known.
MOST_NAMED = 5
# Why nothing tells whether a condition is true.
NOT_READ = "a part of what --where reads could not be read"


@dataclass(frozen=True)
class FindingScope:
    """Which findings count: those that an SQL condition is true of, and that are in a tag scope."""

    where: str | None = None
    tags: TagScope = field(default_factory=TagScope)

    def __bool__(self) -> bool:
        return self.where is not None or bool(self.tags)


def parted_by(connection: Connection, findings: Sequence[Finding], scope: FindingScope) -> Parted:
    """Part findings: those in scope, those left out by their tags, those that nothing tells."""
    if scope.where is None or not findings:
        return scope.tags.parted(connection, findings)
    kept, undecided = matching(connection, findings, scope.where)
    parted = scope.tags.parted(connection, kept)
    ids = {id(one) for one in undecided}
    return replace(
        parted,
        unmatched=len(findings) - len(kept),
        undecided=[one for one in parted.kept if id(one) in ids],
    )


def tell_left_out(parted: Parted) -> None:
    """Say how many findings the condition and the tags leave out."""
    left, bare = len(parted.left_out), len(parted.untagged)
    if parted.unmatched:
        every = parted.unmatched + left + len(parted.kept)
        told = f"{parted.unmatched:,} of {every:,} findings are left out because of --where"
        click.echo(f"apigw-vtab: {told}.", err=True)
    if not left:
        return
    words = f"{left:,} of {left + len(parted.kept):,} findings are left out because of tags"
    more = f", {bare:,} of them about resources that have none" if bare else ""
    click.echo(f"apigw-vtab: {words}{more}.", err=True)


def tell_unknown(parted: Parted) -> None:
    """Say which findings stay because nothing tells whether they are in scope."""
    _tell_that_they_stay(parted.unknown, "the tags of their resources are not known here")
    _tell_that_they_stay(parted.undecided, NOT_READ)


def _tell_that_they_stay(findings: Sequence[Finding], why: str) -> None:
    if not findings:
        return
    names = list(dict.fromkeys(one.resource for one in findings))
    more = f" and {len(names) - MOST_NAMED:,} more" if len(names) > MOST_NAMED else ""
    what = "1 finding stays" if len(findings) == 1 else f"{len(findings):,} findings stay"
    told = f"{what}, because {why}"
    click.echo(harmless(f"apigw-vtab: {told}: {', '.join(names[:MOST_NAMED])}{more}."), err=True)
