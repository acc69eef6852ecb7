"""What could not be read makes no verdict better, whatever a control does with its own table."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import pytest

from apigw_vtab.controls.findings import Finding
from apigw_vtab.controls.library import all_queries, find_queries
from apigw_vtab.controls.run import report_of, run_controls
from tests.conftest import Connect
from tests.control_plane import Fault, Plane, ServedEstate, serve

ACCOUNT, REGION = "111122223333", "eu-west-1"
ESTATE = ServedEstate.numbered(regions=1, rest_apis=2, stages=2, modelled=3)
HEAD = "select {} as resource, iif({}, 'alarm', 'ok') as status, 'x' as reason, {} from {}"
WHERE = "account_id, region"
# How often a name is used: it is of the part that is denied.
TWICE = (
    "exists (select 1 from stages o where o.stage_name = s.stage_name"
    " and o.rest_api_id <> s.rest_api_id)"
)
OPEN_V2 = "exists (select 1 from v2_stages v where v.access_log_settings is null)"
Check = Callable[..., list[Finding]]


@pytest.fixture
def own_plane(monkeypatch: pytest.MonkeyPatch) -> Iterator[Plane]:
    with serve(ESTATE) as plane:
        monkeypatch.setenv("AWS_ENDPOINT_URL", plane.url)
        yield plane


@pytest.fixture
def check(own_plane: Plane, connect: Connect, tmp_path: Path) -> Check:
    """Run controls, each given as SQL, with faults; return the findings."""

    def run(faults: Sequence[Fault], *controls: str) -> list[Finding]:
        own_plane.faults = list(faults)
        for number, sql in enumerate(controls):
            (tmp_path / f"control-{number}.sql").write_text(f"-- severity: low\n{sql}")
        names = [f"control-{number}" for number in range(len(controls))]
        connection = connect(regions=[REGION], on_error="warn", cache_ttl=0)
        queries = find_queries(names, all_queries([tmp_path]))
        outcomes = run_controls(connection, queries, {})
        return list(report_of(connection, outcomes).findings)

    return run


def statuses(found: Sequence[Finding]) -> set[str]:
    return {one.status for one in found if not one.is_unread}


DENIED = Fault("denied", operation="GetStages", path="/restapis/*", after=1)


@pytest.mark.parametrize(
    "control",
    [
        HEAD.format("region", "count(*) > 3", WHERE, "stages group by account_id, region"),
        HEAD.format("s.arn", TWICE, WHERE, "stages s"),
        HEAD.format("'all'", "count(*) > 3", "'' as account_id, '' as region", "stages"),
        HEAD.format("'all'", "count(*) > 3", "account_id, '' as region", "stages group by 4"),
        HEAD.format("'all'", "count(*) > 3", "account_id, upper(region) as region", "stages"),
    ],
    ids=["counted", "compared", "of no place", "of no region", "of a region by another name"],
)
def test_rows_that_rest_on_others_of_a_table_read_in_part_are_not_decided(
    check: Check, control: str
) -> None:
    assert "alarm" in statuses(check([], control))
    assert statuses(check([DENIED], control)) == {"error"}


def test_rows_that_rest_on_no_other_keep_their_verdict(check: Check) -> None:
    control = HEAD.format("arn", "stage_name = 'dev'", WHERE, "stages")
    found = check([DENIED], control)
    assert [one.status for one in found if not one.is_unread] == ["ok", "alarm"]
    assert [one.is_unread for one in found] == [False, False, True]


def test_a_control_that_fails_says_why_whatever_was_not_read(check: Check) -> None:
    control = HEAD.format("arn", "json_extract('no', '$')", WHERE, "stages")
    found = check([DENIED], control)
    assert [one.reason[:19] for one in found if not one.is_unread] == ["The control failed:"]


def test_an_operation_of_the_same_name_is_another_one(check: Check) -> None:
    control = HEAD.format("stages.arn", OPEN_V2, WHERE, "stages")
    assert statuses(check([], control)) == {"alarm"}
    assert statuses(check([Fault("denied", path="/v2/apis/*/stages")], control)) == {"error"}
    found = check([DENIED, Fault("denied", path="/v2/apis/*/stages")], control)
    assert len([one for one in found if one.is_unread]) == 2


def test_a_control_over_the_calls_sees_them_beside_others(check: Check) -> None:
    made = "(select count(*) from api_calls where operation = 'GetStages') > 0"
    control = HEAD.format("stages.arn", made, WHERE, "stages")
    alone = check([], control)
    assert statuses(alone) == {"alarm"}
    together = check([], control, HEAD.format("arn", "0", WHERE, "stages"))
    assert [one for one in together if one.control.name == "control-0"] == alone


def test_what_could_not_be_read_is_of_an_account_by_its_id(check: Check) -> None:
    control = HEAD.format("arn", "0", WHERE, "client_certificates")
    (found,) = check([Fault("denied", operation="GetClientCertificates")], control)
    assert (found.account_id, found.resource) == (ACCOUNT, f"{ACCOUNT}/{REGION}")
