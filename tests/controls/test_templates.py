"""Commands of rows that differ in nothing but their ids are written once, and are the same."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from apigw_vtab.controls import rehearsal
from apigw_vtab.controls.library import all_queries, find_queries
from apigw_vtab.controls.run import run_controls
from apigw_vtab.controls.templates import Templates
from apigw_vtab.writes.changes import Change
from tests.conftest import REGIONS, Connect
from tests.control_plane import Plane

# One sets a value, one documents, and one makes a certificate first.
CONTROLS = ["stage-xray-tracing", "stage-execution-logging", "stage-client-certificate"]


@pytest.mark.parametrize("name", CONTROLS)
def test_each_row_has_the_commands_that_would_be_written_for_it(
    plane: Plane, connect: Connect, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    written: list[Change] = []
    connection = connect(regions=REGIONS[0])
    text = Templates.text

    def counted(templates: Templates, changes: Sequence[Change]) -> str:
        write = templates._write

        def noted(some: Sequence[Change]) -> str:
            written.extend(some)
            return write(some)

        templates._write = noted
        try:
            return text(templates, changes)
        finally:
            templates._write = write

    controls = find_queries([name], all_queries())
    monkeypatch.setattr(Templates, "text", counted)
    (templated,) = run_controls(connection, controls, {})
    once = len(written)
    monkeypatch.setattr(Templates, "text", lambda one, changes: one._write(changes))
    (plain,) = run_controls(connection, controls, {})
    assert list(templated.rows) == list(plain.rows)
    alarms = templated.rows.count("alarm")
    assert alarms > 2
    # Two of each kind: what depends on an id would differ between them.
    assert once % 2 == 0
    assert once <= 2 * alarms


def test_a_text_that_depends_on_an_id_has_no_template(connect: Connect, plane: Plane) -> None:
    connection = connect(regions=REGIONS[0])
    with connection.rehearsal("x") as made:
        connection.execute("update stages set description = 'new'")
        changes = made()
    templates = Templates(lambda some: f"{len(some[0].key['rest_api_id'] or '')}")
    first = "a" * 3
    other = "a" * 4
    told = [
        templates.text([changes[0].at({"rest_api_id": one, "stage_name": "prod"})])
        for one in (first, other)
    ]
    assert told == ["3", "4"]


def test_an_id_that_a_shell_would_not_take_as_it_is_has_its_own_text(
    connect: Connect, plane: Plane
) -> None:
    connection = connect(regions=REGIONS[0])
    with connection.rehearsal("x") as made:
        connection.execute("update stages set description = 'new'")
        change = made()[0]
    templates = Templates(lambda some: "".join(f"<{one}>" for one in some[0].key.values()))
    for stage in ("prod", "a b", "-x", "$stage", "q"):
        key = {"rest_api_id": "a1", "stage_name": stage}
        assert templates.text([change.at(key)]) == f"<a1><{stage}>"


@pytest.mark.parametrize("name", CONTROLS)
def test_a_few_regions_at_a_time_have_the_rows_that_all_have_at_once(
    plane: Plane, connect: Connect, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    connection = connect(profiles=["first", "second"], regions=REGIONS[:2])
    controls = find_queries([name], all_queries())
    (at_once,) = run_controls(connection, controls, {})
    calls = len(plane.calls)
    monkeypatch.setattr(rehearsal, "AT_ONCE", 1)
    (in_turn,) = run_controls(connection, controls, {})
    assert list(in_turn.rows) == list(at_once.rows)
    assert len(in_turn.rows.places) == 4
    assert len(plane.calls) == calls
