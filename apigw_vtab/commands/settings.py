"""The options of a command, grouped by what they are for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from apigw_vtab.output.style import Style


@dataclass(frozen=True)
class Reading:
    """What to read, and how: the options of every command that reads AWS."""

    profile: Sequence[str]
    region: Sequence[str]
    endpoint_url: str | None
    sandbox: bool
    on_error: str
    cache_ttl: float
    max_rps: float | None
    timeout: float
    db: str
    skip_denied_by_scp: bool = False
    organization: bool = False
    assume_role: str | None = None
    external_id: str | None = None
    role_session_name: str | None = None
    account: Sequence[str] = ()
    ou: Sequence[str] = ()
    accounts_from: Path | None = None
    sso_role: Sequence[str] = ()
    sample: int | None = None
    no_credential_cache: bool = False
    workers: int | None = None
    cluster: str | None = None


@dataclass(frozen=True)
class Writes:
    """Whether and how AWS may be changed: the options of every command that can write."""

    allowed: bool = False
    dry_run: bool = False
    yes: bool = False
    journal: Path | None = None


@dataclass(frozen=True)
class Output:
    """How and where to write rows. `format` is None if the user did not choose one."""

    format: str | None
    exports: Sequence[Path]
    header: bool
    separator: str
    raw: bool = False

    @property
    def style(self) -> Style:
        """How to write rows; each file sets its own width."""
        return Style(self.header, self.separator, raw=self.raw)


@dataclass(frozen=True)
class Gate:
    """When a check fails, and which alarms are accepted: the options that only `check` has."""

    fail_on: str
    baseline: Path | None
    write_baseline: Path | None
