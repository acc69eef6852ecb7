"""Which controls give each row of their table a verdict of its own."""

from __future__ import annotations

import pytest

from apigw_vtab.controls.row_by_row import is_row_by_row

KEY = ("account_id", "region", "api_id", "name")
VIEWS = {
    "entries": "create temp view entries as select * from stages, json_each(variables)",
    "crowded": "create view crowded(name) as select name from stages group by region",
    "others": "create view others as select * from apis",
}
BY_KEY = "using (account_id, region, api_id, name)"


@pytest.mark.parametrize(
    "sql",
    [
        "select arn, 'ok' from stages",
        "select arn, iif(max(a, b) > 3, 'ok', '') from stages s where a is not distinct from b;",
        "select s.arn from main.stages as s join apis using (region, api_id) order by 1",
        "select s.arn from apis left join others on true join stages s on s.api_id = apis.api_id",
        # Rows of other tables, and those of a JSON text, may be put together.
        "select arn, (select count(*) from apis where apis.api_id = stages.api_id) from stages",
        "select arn, (select json_group_array(value) from json_each(stages.variables)) from stages",
        "with n as (select region, count(*) from apis group by region)"
        " select arn from stages join n using (region)",
        # What is grouped or joined by the whole key stays apart.
        f"with j as (select *, count(*) from entries group by {', '.join(KEY)})"
        f" select stages.arn from stages left join j {BY_KEY}",
        f"with d as (select distinct {', '.join(KEY)}, 1 as odd from entries)"
        f" select stages.arn from stages left join d {BY_KEY}",
        f"select arn, count(*) from stages s group by s.{', s.'.join(KEY)} having count(*) > 1",
        "with stages as materialized (select *, 1 as one from stages) select arn from stages",
        "with a(arn) as (select arn from stages) select arn from a as stages",
        "select arn from (select * from stages) s",
        "select arn from stages where x = 1 union all select arn from apis",
    ],
)
def test_one_row_decides(sql: str) -> None:
    assert is_row_by_row(sql, "stages", KEY, VIEWS)


@pytest.mark.parametrize(
    "sql",
    [
        "select region, iif(count(*) > 3, 'alarm', 'ok') from stages group by account_id, region",
        "select arn, max(name) from stages",
        "select arn, iif(sum(x) filter (where y) > 1, 'ok', 'alarm') from stages",
        "select arn, count(*) from stages group by account_id, region, api_id, lower(name)",
        "select arn, count(*) from stages group by account_id, region, api_id, name = 'x'",
        "select distinct account_id, region, api_id, lower(name) from stages",
        "select arn from nothing_of_it",
        "select arn, row_number() over (partition by region) from stages",
        "select distinct region from stages",
        "select arn from stages order by created limit 1",
        "select arn from (select * from stages limit 1)",
        "with n as (select region, count(*) c from stages group by 1) select arn, c from n, stages",
        "select s.arn, exists (select 1 from stages o where o.name = s.name) from stages s",
        "select arn from stages where name not in (select name from stages)",
        "select arn from stages where region in (select region from entries)",
        "select a.arn from stages a join stages b using (region, name)",
        "select a.arn from stages a join stages b on a.name = b.name",
        "select a.arn from stages a, stages b",
        "select a.arn from stages a natural join stages b",
        "select stages.arn from apis left join stages using (region, api_id)",
        "select stages.arn from stages right join apis using (region, api_id)",
        "select stages.arn from stages full join apis using (region, api_id)",
        "select arn from crowded join stages using (name)",
        "select arn from stages except select arn from apis",
        "select arn from apis intersect select arn from stages",
        "with recursive a as (select * from stages union all select * from a) select arn from a",
        'select arn, count(*) from "Stages"',
        "select arn, count(*) from [stages] -- group by account_id, region, api_id, name",
    ],
)
def test_a_row_may_rest_on_others(sql: str) -> None:
    assert not is_row_by_row(sql, "stages", KEY, VIEWS)
