"""The time that each call has: a call that is late is reported once, and no other call is."""

from __future__ import annotations

import queue
import threading
from collections.abc import Iterator

import pytest

from apigw_vtab.aws.deadlines import Deadlines

LONG = 3_600.0
PATIENCE = 20.0


@pytest.fixture
def late() -> queue.Queue[str]:
    return queue.Queue()


@pytest.fixture
def watching(late: queue.Queue[str]) -> Iterator[Deadlines[str]]:
    deadlines: Deadlines[str] = Deadlines(LONG, late.put)
    yield deadlines
    deadlines.close()


def test_who_is_late_is_told_of_in_turn(late: queue.Queue[str]) -> None:
    deadlines: Deadlines[str] = Deadlines(0.01, late.put)
    deadlines.begin("first")
    deadlines.begin("second")
    assert [late.get(timeout=PATIENCE), late.get(timeout=PATIENCE)] == ["first", "second"]
    deadlines.close()


def test_who_is_done_is_not_late(watching: Deadlines[str], late: queue.Queue[str]) -> None:
    watching.begin("done")
    watching.begin("late")
    watching.done("done")
    watching.hurry(0.0)
    assert late.get(timeout=PATIENCE) == "late"
    assert late.empty()


def test_who_is_in_a_hurry_does_not_hurry_those_who_come(
    watching: Deadlines[str], late: queue.Queue[str]
) -> None:
    watching.begin("early")
    watching.hurry(0.0)
    assert late.get(timeout=PATIENCE) == "early"
    watching.begin("new")
    with pytest.raises(queue.Empty):
        late.get(timeout=0.05)


def test_no_thread_is_left(watching: Deadlines[str]) -> None:
    before = threading.active_count()
    watching.begin("one")
    assert threading.active_count() == before + 1
    watching.close()
    assert threading.active_count() == before
