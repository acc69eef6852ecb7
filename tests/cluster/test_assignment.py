"""Which worker has which account."""

from __future__ import annotations

from apigw_vtab.cluster.assignment import Assignment


def test_an_account_stays_with_its_worker_and_each_has_as_many() -> None:
    assignment: Assignment[int, str] = Assignment(["a", "b"])
    assert [assignment.owner(one) for one in range(4)] == ["a", "b", "a", "b"]
    assert [assignment.owner(one) for one in range(4)] == ["a", "b", "a", "b"]


def test_what_a_lost_worker_had_goes_to_the_others() -> None:
    assignment: Assignment[int, str] = Assignment(["a", "b", "c"])
    assert [assignment.owner(one) for one in range(6)] == [*"abcabc"]
    assert assignment.lose("b") == 2
    assert [assignment.owner(one) for one in range(6)] == [*"aacacc"]


def test_without_any_worker_an_account_has_none() -> None:
    assignment: Assignment[int, str] = Assignment(["a"])
    assignment.lose("a")
    assert assignment.owner(1) is None
