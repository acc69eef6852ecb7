"""The sandbox's organization: accounts behind a role, one that is closed and one that refuses."""

from __future__ import annotations

import apigw_vtab


def test_an_organization_can_be_tried_without_an_account() -> None:
    connection = apigw_vtab.connect(
        sandbox=True,
        organization=True,
        assume_role="audit",
        regions="eu-west-1",
        on_error="warn",
    )
    listed = connection.execute("select account_name, ou_path from accounts").fetchall()
    assert listed == [
        ("shop-production", "Root/workloads"),
        ("shop-staging", "Root/workloads/staging"),
        ("shop-vault", "Root/security"),
    ]
    sql = "select account_id from rest_apis group by 1"
    assert connection.execute(sql).fetchall() == [("111122223333",), ("444455556666",)]
    (failure,) = connection.executor.log.failures()
    assert str(failure).startswith("Account shop-vault (999900001111): sts:AssumeRole was refused")
    (warning,) = connection.executor.log.new_warnings()
    assert "shop-pilot (777788889999), SUSPENDED" in warning


def test_an_account_that_does_not_manage_the_organization_may_not_list_it() -> None:
    connection = apigw_vtab.connect(
        sandbox=True,
        profiles="sandbox-staging",
        organization=True,
        assume_role="audit",
        on_error="warn",
    )
    assert connection.execute("select account_id from accounts").fetchall() == []
    (failure,) = connection.executor.log.failures()
    assert failure.operation == "ListAccounts"
    assert "allow organizations:ListAccounts" in failure.advice
