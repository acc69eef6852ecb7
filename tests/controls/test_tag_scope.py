"""Findings in scope by the tags of what they are about."""

from __future__ import annotations

import pytest

from apigw_vtab.controls.findings import Finding
from apigw_vtab.controls.library import all_queries, find_queries
from apigw_vtab.controls.run import report_of, run_controls
from apigw_vtab.controls.saved_query import SavedQuery
from apigw_vtab.controls.tag_scope import Parted, TagScope, tag_patterns
from apigw_vtab.errors import UsageError
from tests.conftest import Connect, rows

CONTROL = SavedQuery("stage-owner", "")
REGION = "us-east-1"
ALL = ("stage-xray-tracing", "rest-api-tagged", "method-authorization", "domain-name-tls")


def scope(*wanted: str, without: tuple[str, ...] = ()) -> TagScope:
    return TagScope(tag_patterns(wanted), tag_patterns(without))


@pytest.mark.parametrize(
    ("scope", "is_in"),
    [
        (scope("env"), True),
        (scope("env=prod"), True),
        (scope("env=p*"), True),
        (scope("e?v"), True),
        (scope("env="), False),
        (scope("Env"), False),
        (scope("env=Prod"), False),
        (scope("team", "env"), True),
        (scope("team"), False),
        (scope(without=("env=test",)), True),
        (scope(without=("env",)), False),
        (scope("env", without=("cost[1]",)), False),
        (scope("env", without=("cost1",)), True),
    ],
)
def test_a_tag_is_in_scope_by_its_key_and_value(scope: TagScope, is_in: bool) -> None:
    assert scope.has({"env": "prod", "cost[1]": "17"}) is is_in


@pytest.mark.parametrize("text", ["", "=prod", " "])
def test_a_tag_without_a_key_is_refused(text: str) -> None:
    with pytest.raises(UsageError, match="write KEY or KEY=VALUE"):
        tag_patterns([text])


def parted(connect: Connect, wanted: TagScope, *names: str, **options: object) -> Parted:
    """The findings of controls over the sandbox, parted; reading the tags makes no call."""
    given = {"profiles": "sandbox-production", "regions": REGION, "on_error": "warn"} | options
    connection = connect(sandbox=True, **given)
    controls = find_queries(names, all_queries())
    with connection.executor.as_one_statement():
        outcomes = list(run_controls(connection, controls, {}, commands=False))
        before = connection.executor.log.calls_made
        found = wanted.parted(connection, report_of(connection, outcomes).findings)
        assert connection.executor.log.calls_made == before
    return found


@pytest.mark.parametrize("cache_ttl", [300, 0])
@pytest.mark.parametrize("name", ALL)
def test_reading_the_tags_makes_no_call_that_the_control_has_made(
    connect: Connect, name: str, cache_ttl: float
) -> None:
    found = parted(connect, scope("no such tag"), name, cache_ttl=cache_ttl)
    assert found.left_out
    assert not found.kept


def test_a_stage_has_its_own_tags_and_a_method_those_of_its_api(connect: Connect) -> None:
    production = {"profiles": "sandbox-production", "regions": REGION}
    connection = connect(sandbox=True, **production)
    tagged = "select arn from {} where tags ->> 'team' = 'payments'"
    stages, apis = (
        {arn for (arn,) in rows(connection, tagged.format(name))}
        for name in ("stages", "rest_apis")
    )
    found = parted(connect, scope("team=payments"), "stage-xray-tracing", "method-authorization")
    kept = {one.resource for one in found.kept}
    assert {one for one in kept if "/methods/" not in one} == stages
    assert {one.partition("/resources/")[0] for one in kept if "/methods/" in one} == apis != set()


def test_what_cannot_be_tagged_and_what_was_not_read_stays(connect: Connect) -> None:
    found = parted(connect, scope("team"), "account-cloudwatch-role")
    assert [one.resource for one in found.unknown] == [f"arn:aws:apigateway:{REGION}::/account"]
    assert found.kept == found.unknown
    nothing = Finding(CONTROL, "no stages", "skip", "Nothing to check.")
    unread = Finding(CONTROL, "1/eu-west-1", "error", "Denied.", "1", "eu-west-1", is_unread=True)
    gone = Finding(CONTROL, "arn:aws:apigateway:x::/restapis/gone", "ok", "Good.", "1", "x")
    connection = connect(sandbox=True, profiles="sandbox-production", regions=REGION)
    again = scope("team").parted(connection, [nothing, unread, gone])
    assert again.kept == [nothing, unread, gone]
    assert again.unknown == [gone]


def test_resources_without_any_tag_are_counted(connect: Connect) -> None:
    found = parted(connect, scope("team"), "rest-api-tagged")
    assert {one.resource for one in found.untagged} == {
        one.resource for one in found.left_out if one.status == "alarm"
    }
    assert found.untagged
