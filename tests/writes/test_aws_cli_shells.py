"""Commands that are pasted into a shell call the AWS CLI with what was meant, in every shell."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from apigw_vtab.writes.aws_cli import commands
from tests.writes.aws_cli_cases import (
    HOSTILE,
    PROFILES,
    REGION,
    SHELLS,
    certificate_deleted,
    certificate_made,
    deployment_made,
    hostile_change,
    lane,
    need,
    pasted,
    stage_changed,
    stage_of_version_2_changed,
)

every_shell = pytest.mark.parametrize("shell", SHELLS)
# Any text that SQLite can hold: Unicode without lone surrogates.
ANY_TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=40)
# Texts of what shells and the CLI look for, in any order.
PIECES = st.lists(st.sampled_from([*HOSTILE, *"'\"\\$!`\n {}"]), max_size=8).map("".join)


def check(shell: str, texts: list[str], folder: Path) -> None:
    """Paste a change for each text, and compare what the AWS CLI was given."""
    where = lane()
    changes = [
        hostile_change(where, number, text, text[::-1]) for number, text in enumerate(texts, 1)
    ]
    calls = pasted(shell, commands(changes), folder)
    assert [call.parameters for call in calls] == [change.parameters for change in changes]
    for call in calls:
        assert call.operation == "update-stage"
        assert call.options == {
            "profile": "first",
            "region": REGION,
            "endpoint-url": "http://127.0.0.1:9",
        }


@every_shell
def test_a_hostile_text_arrives_unchanged(shell: str, tmp_path: Path) -> None:
    check(shell, list(HOSTILE), tmp_path)


@every_shell
def test_any_text_arrives_unchanged(
    shell: str, tmp_path_factory: pytest.TempPathFactory, many: int
) -> None:
    folder = tmp_path_factory.mktemp("shell")
    need(shell)

    @settings(
        max_examples=3 * many,
        deadline=None,
        database=None,
        derandomize=many == 1,
        # A shell a try: to find a smaller example would take minutes.
        phases=[Phase.generate],
    )
    @given(st.lists(ANY_TEXT | PIECES, min_size=40, max_size=60))
    def any_text(texts: list[str]) -> None:
        check(shell, texts, folder)

    any_text()


@every_shell
def test_the_name_of_a_profile_arrives_unchanged(shell: str, tmp_path: Path) -> None:
    lines = [
        line for name in PROFILES for line in commands([stage_changed(lane(name), description="x")])
    ]
    calls = pasted(shell, lines, tmp_path)
    assert [call.options["profile"] for call in calls] == list(PROFILES)


@every_shell
def test_a_made_id_is_where_it_is_needed_and_nowhere_else(shell: str, tmp_path: Path) -> None:
    where = lane()
    changes = [
        certificate_made(where, 1),
        certificate_made(where, 2, description="$certificate_1"),
        stage_changed(
            where, 3, client_certificate_id="$certificate_2", description="$certificate_1"
        ),
        deployment_made(where, 4, stage_name="prod", description="$certificate_2"),
        certificate_deleted(where, 5, "$certificate_1"),
    ]
    first, second, update, deploy, delete = pasted(shell, commands(changes), tmp_path)
    assert first.parameters == {}
    assert second.parameters == {"description": "$certificate_1"}
    assert [one["value"] for one in update.parameters["patchOperations"]] == [
        "made2",
        "$certificate_1",
    ]
    assert deploy.parameters["description"] == "$certificate_2"
    assert delete.parameters == {"clientCertificateId": "made1"}


@every_shell
@pytest.mark.parametrize("before", ["", "old"])
def test_what_rests_on_a_failure_is_not_run(shell: str, before: str, tmp_path: Path) -> None:
    where = lane()
    changes = [
        certificate_made(where, 1),
        stage_changed(where, 2, client_certificate_id="$certificate_1"),
        deployment_made(where, 3, stage_name="prod"),
        certificate_deleted(where, 4, "$certificate_1"),
        stage_changed(where, 5, stage="other", description="independent"),
        deployment_made(where, 6, stage_name="other"),
    ]
    # Of an earlier paste.
    names = ("certificate_1", "changed_2", "deployment_3", "changed_5")
    environment = {"STUB_FAILS": "yes"} | (dict.fromkeys(names, before) if before else {})
    calls = pasted(shell, commands(changes), tmp_path, environment)
    assert [call.operation for call in calls] == ["generate-client-certificate", "update-stage"]
    assert calls[1].parameters["patchOperations"][0]["value"] == "independent"


@every_shell
@pytest.mark.parametrize("fails", ["", "yes"])
def test_the_operations_of_a_row_follow_one_another(shell: str, fails: str, tmp_path: Path) -> None:
    changes = stage_of_version_2_changed(lane())
    calls = pasted(shell, commands(changes), tmp_path, {"STUB_FAILS": fails})
    # Each rests on those before it.
    expected = changes[:1] if fails else changes
    assert [call.parameters for call in calls] == [change.parameters for change in expected]


@every_shell
def test_no_pager_takes_the_next_line_for_its_keystrokes(shell: str, tmp_path: Path) -> None:
    (call,) = pasted(shell, commands([stage_changed(lane(), description="x")]), tmp_path)
    assert call.pager == ""
