"""The keys of roles on disk: where the AWS CLI keeps them, for their owner alone."""

from __future__ import annotations

import json
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from botocore.credentials import AssumeRoleCredentialFetcher, Credentials

from apigw_vtab import CallFailed
from apigw_vtab.aws.reach import key_cache
from apigw_vtab.sqlite.connection import Connection
from tests.aws.reach.conftest import ESTATE, IDS
from tests.conftest import Connect, rows
from tests.control_plane import Fault, Plane

SQL = "select count(*) from rest_apis"
ROLE = f"arn:aws:iam::{IDS[1]}:role/audit"


@pytest.fixture(name="reach")
def reach_fixture(organization: Plane, connect: Connect) -> Any:
    def reach(**options: Any) -> Connection:
        regions = ESTATE.regions[0]
        organized = {"organization": True, "assume_role": "audit", "accounts": IDS[1]}
        return connect(**{"regions": regions, **organized, **options})

    return reach


@pytest.fixture(name="folder")
def folder_fixture(tmp_path: Path) -> Path:
    return tmp_path / ".aws" / "cli" / "cache"


def kept(**changed: str) -> str:
    """Keys of the role as a file holds them."""
    keys = {
        "AccessKeyId": f"ASIA{IDS[1]}KEPT",
        "SecretAccessKey": "secret",
        "SessionToken": "token",
        "Expiration": "2099-01-01T00:00:00Z",
    }
    return json.dumps({"Credentials": {**keys, **changed}})


def key_of(**more: str) -> str:
    """The name that botocore, and so the AWS CLI, gives to the keys of a role."""
    client: Any = None
    keys = Credentials("", "")
    fetcher = AssumeRoleCredentialFetcher(client, keys, ROLE, extra_args=more)
    return f"{fetcher._cache_key}.json"


@pytest.mark.parametrize(
    ("options", "more"),
    [
        ({}, {}),
        ({"external_id": "corp-17"}, {"ExternalId": "corp-17"}),
        ({"role_session_name": "audit"}, {"RoleSessionName": "audit"}),
    ],
)
def test_keys_are_kept_as_the_aws_cli_keeps_them(
    reach: Any, folder: Path, options: dict[str, str], more: dict[str, str]
) -> None:
    rows(reach(**options), SQL)
    (path,) = folder.iterdir()
    assert path.name == key_of(**more)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    kept = json.loads(path.read_text())["Credentials"]
    assert kept["AccessKeyId"].startswith(f"ASIA{IDS[1]}")
    assert {"SecretAccessKey", "SessionToken", "Expiration"} <= set(kept)


def test_keys_that_are_kept_are_not_asked_for_again(organization: Plane, reach: Any) -> None:
    for _ in range(2):
        assert rows(reach(), SQL) == [(2,)]
    assert organization.count("AssumeRole") == 1


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        '{"Credentials": {}}',
        json.dumps(
            {
                "Credentials": {
                    "AccessKeyId": f"ASIA{IDS[1]}",
                    "SecretAccessKey": "secret",
                    "SessionToken": "old",
                    "Expiration": "2020-01-01T00:00:00UTC",
                }
            }
        ),
        kept(Expiration="2099-01-01T00:00:00"),
        kept(AccessKeyId="ASIA\r\nX: y"),
        "[" * 100_000,
    ],
)
def test_what_is_spoilt_or_old_is_asked_for_again(
    organization: Plane, reach: Any, folder: Path, text: str
) -> None:
    folder.mkdir(parents=True)
    (folder / key_of()).write_text(text)
    assert rows(reach(), SQL) == [(2,)]
    assert organization.count("AssumeRole") == 1


def test_without_the_cache_nothing_is_kept(organization: Plane, reach: Any, folder: Path) -> None:
    for _ in range(2):
        rows(reach(credential_cache=False), SQL)
    assert organization.count("AssumeRole") == 2
    assert not folder.exists()


def test_a_folder_that_cannot_be_written_is_a_word_and_no_failure(
    organization: Plane, reach: Any, folder: Path
) -> None:
    folder.parent.mkdir(parents=True)
    folder.write_text("in the way")
    connection = reach(accounts=f"{IDS[1]},{IDS[2]}")
    assert rows(connection, SQL) == [(4,)]
    (warning,) = [one for one in connection.executor.log.new_warnings() if "Cannot keep" in one]
    assert "--no-credential-cache does without" in warning


@pytest.fixture(name="short_sessions")
def short_sessions_fixture(organization: Plane) -> Iterator[None]:
    # botocore renews what ends within 15 minutes.
    organization._change("session_seconds", 60.0)
    yield
    organization._change("session_seconds", 3600.0)


@pytest.mark.usefixtures("short_sessions")
def test_keys_that_end_soon_are_renewed_in_the_middle_of_a_scan(
    organization: Plane, reach: Any
) -> None:
    connection = reach()
    rows(connection, "select count(*) from stages")
    used = {one.access_key for one in organization.calls if one.service == "apigateway"}
    assert len(used) > 1
    assert {key[:16] for key in used} == {f"ASIA{IDS[1]}"}


def test_the_folder_is_that_of_the_aws_cli(tmp_path: Path, organization: Plane) -> None:
    assert key_cache.cache_folder() == str(tmp_path / ".aws" / "cli" / "cache")


REFUSALS = ["expired", "disabled"]


@pytest.mark.parametrize("kind", REFUSALS)
@pytest.mark.parametrize("regions", [ESTATE.regions[0], "*"])
def test_kept_keys_that_aws_refuses_are_thrown_away(
    organization: Plane, reach: Any, folder: Path, kind: str, regions: str
) -> None:
    folder.mkdir(parents=True)
    (folder / key_of()).write_text(kept())
    organization.faults = [Fault(kind, access_key="*KEPT")]
    for _ in range(2):
        connection = reach(regions=regions)
        assert rows(connection, "select distinct account_id from rest_apis") == [(IDS[1],)]
        assert connection.executor.log.failures() == []
    assert organization.count("AssumeRole") == 1
    assert "KEPT" not in (folder / key_of()).read_text()


@pytest.mark.parametrize("kind", REFUSALS)
def test_new_keys_that_aws_refuses_are_not_those_of_the_profile(
    organization: Plane, reach: Any, kind: str
) -> None:
    organization.faults = [Fault(kind, access_key=f"ASIA{IDS[1]}*")]
    with pytest.raises(CallFailed) as refused:
        rows(reach(), SQL)
    assert ROLE in str(refused.value)
    assert "profile" not in refused.value.told
    assert organization.count("AssumeRole") == 1


def test_good_keys_are_kept_where_a_region_is_not_enabled(organization: Plane, reach: Any) -> None:
    for _ in range(2):
        assert rows(reach(regions=ESTATE.disabled_regions[0]), SQL) == [(0,)]
    assert organization.count("AssumeRole") == 1


def test_keys_that_do_not_come_in_time_are_what_is_missing(organization: Plane, reach: Any) -> None:
    organization.faults = [Fault("silence", operation="AssumeRole")]
    connection = reach(regions="*", timeout=1, on_error="warn")
    assert rows(connection, SQL) == [(0,)]
    errors = "select service, operation, code from scan_errors"
    assert rows(connection, errors) == [("sts", "AssumeRole", "TimedOut")]
    (failure,) = connection.executor.log.failures()
    assert ROLE in str(failure)
    assert organization.count("DescribeRegions") == 0
