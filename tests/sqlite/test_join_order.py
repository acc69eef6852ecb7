"""The order that SQLite chooses for common joins, pinned: the fewest calls first."""

from __future__ import annotations

import pytest

from tests.conftest import Connect, rows

USING = "using (account_id, region, rest_api_id)"


def scans(connect: Connect, sql: str) -> list[str]:
    """What is scanned, from the outermost loop to the innermost."""
    plan = [detail for *_, detail in rows(connect(), f"explain query plan {sql}")]
    return [detail.split()[1] for detail in plan if detail.startswith("SCAN")]


@pytest.mark.parametrize(
    ("sql", "order"),
    [
        (f"select * from rest_apis a join stages s {USING}", ["s", "a"]),
        (f"select * from stages s join rest_apis a {USING}", ["s", "a"]),
        (f"select * from stages s join rest_apis a {USING} where a.name like 'p%'", ["a", "s"]),
        (f"select * from stages s join rest_apis a {USING} where a.name = 'x'", ["a", "s"]),
        (
            f"select * from stages s join rest_apis a {USING}"
            " where s.region = 'eu-west-1' and s.rest_api_id = 'x'",
            ["s", "a"],
        ),
        (
            "select * from client_certificates c join stages s"
            " using (account_id, region, client_certificate_id)",
            ["s", "c"],
        ),
        (
            f"select * from stages s join rest_apis a {USING} left join client_certificates c"
            " using (account_id, region, client_certificate_id)",
            ["s", "a", "c"],
        ),
        (f"select * from rest_apis a left join stages s {USING}", ["a", "s"]),
    ],
)
def test_the_loops_are_nested_for_the_fewest_calls(
    connect: Connect, sql: str, order: list[str]
) -> None:
    assert scans(connect, sql) == order


def test_a_plan_says_what_will_be_asked(connect: Connect) -> None:
    sql = (
        "explain query plan select * from stages"
        " where region = 'eu-west-1' and rest_api_id = 'x' and stage_name = 'prod'"
    )
    ((*_, detail),) = rows(connect(), sql)
    assert "GetStage(region = ?, rest_api_id = ?, stage_name = ?)" in detail
