"""What these tests share: profiles that refuse, and a command that meets them."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from apigw_vtab.cli.main import main
from tests.promises.refused_profiles import (
    PROFILES,
    REGIONS,
    Run,
)
from tests.promises.refusing_endpoint import Refusal, Refusing, refusing_endpoint


@pytest.fixture
def profiles(aws_configuration: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Profiles that are good, and each kind that is not."""
    text = "".join(f"[profile {name}]\n{settings}" for name, settings in PROFILES.items())
    aws_configuration.write_text(text)
    monkeypatch.delenv("AWS_PROFILE")


@pytest.fixture
def run(profiles: None, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Run a command against an AWS that refuses by rules."""

    monkeypatch.setattr("apigw_vtab.aws.retry.LONGEST_BACKOFF", 0.001)

    def run_command(
        rules: Sequence[Refusal],
        *words: str,
        regions: Sequence[str] = REGIONS,
        seconds_off: float = 0.0,
        typed: str | None = None,
    ) -> tuple[Result, Refusing]:
        with refusing_endpoint(rules, regions, seconds_off) as endpoint:
            monkeypatch.setenv("AWS_ENDPOINT_URL", endpoint.url)
            result = CliRunner().invoke(main, [*words], input=typed)
        assert "Traceback" not in result.output
        assert "bug in apigw-vtab" not in result.output
        return result, endpoint

    return run_command
