"""The answer is SQLite's: the same rows as from ordinary tables with the same data."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Any

import apsw
import pytest

import apigw_vtab
from apigw_vtab.sqlite.connection import Connection
from tests.conftest import REGIONS, operations
from tests.control_plane import Plane

TABLES = ("rest_apis", "stages", "client_certificates", "regions", "accounts")
FIRST, SECOND, _ = REGIONS

STATEMENTS = [
    "select * from stages where region = 7",
    f"select name from rest_apis where region = upper('{FIRST}') collate nocase",
    "select count(*) from rest_apis where account_id = 111122223333",
    "select count(*) from rest_apis where cast(account_id as integer) = 111122223333",
    f"select name from rest_apis where region > '{FIRST}' and region <= '{SECOND}'",
    "select name from rest_apis where region between 'eu' and 'ev'",
    "select name from rest_apis where region like 'US%1' or region glob 'eu-*'",
    "select name from rest_apis where region glob '[ae]*' and region not like '%2'",
    "select arn from stages where rest_api_id in (select rest_api_id from rest_apis limit 2)",
    "select stage_name from stages where rest_api_id in (select name from rest_apis)",
    "select count(*) from stages where rest_api_id not in (select rest_api_id from rest_apis)",
    f"select stage_name from stages where region = '{FIRST}' or stage_name = 'prod'",
    "select count(*) from stages where client_certificate_id is null",
    "select count(*) from stages where client_certificate_id is not 'x'",
    "select count(*) from client_certificates where client_certificate_id is null",
    "select a.name, s.stage_name from rest_apis a left join stages s using (rest_api_id)"
    " where s.client_certificate_id is null",
    "select s.stage_name, c.description from stages s right join client_certificates c"
    " using (account_id, region, client_certificate_id)",
    "select count(*), count(s.arn), count(c.arn) from stages s full join client_certificates c"
    " using (account_id, region, client_certificate_id)",
    "select count(*) from accounts a right join regions r on r.region = a.region",
    "select count(*), count(distinct rowid) from regions",
    "select region, count(*), max(created_date) from stages group by region having count(*) > 1",
    "select distinct region, description from stages order by 1, 2",
    "select stage_name, row_number() over (partition by region order by arn) from stages",
    "select arn from stages order by arn desc limit 3 offset 2",
    "select region from rest_apis union select region from regions except select 'us-east-1'",
    "with x as (select region, count(*) n from stages group by 1) select * from x where n > 0",
    "select name from rest_apis a where exists (select 1 from stages s"
    " where s.rest_api_id = a.rest_api_id and s.stage_name = 'prod')",
    "select name, (select count(*) from stages s where s.rest_api_id = a.rest_api_id"
    " and s.region = a.region) from rest_apis a",
    "select count(*) from rest_apis natural join stages",
    "select a.arn, b.arn from rest_apis a join rest_apis b on a.rowid = b.rowid",
    "select (account_id, region) in (select account_id, region from rest_apis) from accounts",
    "select count(*) from stages, json_each(tags)",
    "select key, value from stages, json_each(variables) where stage_name = 'prod'",
]


@pytest.fixture(scope="module")
def both(running_plane: Plane, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """Our tables, and ordinary ones with the same rows."""
    with pytest.MonkeyPatch.context() as patch:
        folder = tmp_path_factory.mktemp("aws")
        config = "".join(
            f"[profile {name}]\naws_access_key_id = AKIA{account}\naws_secret_access_key = s\n"
            for name, account in zip(("a", "b"), running_plane.estate.accounts, strict=True)
        )
        (folder / "config").write_text(config)
        patch.setenv("AWS_CONFIG_FILE", str(folder / "config"))
        patch.setenv("AWS_ENDPOINT_URL", running_plane.url)
        running_plane.faults = []
        ours = apigw_vtab.connect(profiles=["a", "b"])
        plain = apsw.Connection(":memory:")
        for name in TABLES:
            columns = [one for one in ours.context.tables[name].columns if not one.hidden]
            declared = ", ".join(f'"{one.name}" {one.type}' for one in columns)
            plain.execute(f"create table {name}({declared})")
            places = ", ".join("?" * len(columns))
            plain.executemany(
                f"insert into {name} values({places})", list(ours.execute(f"select * from {name}"))
            )
        yield ours, plain
        ours.close()


@pytest.mark.parametrize("sql", STATEMENTS)
def test_the_rows_are_those_of_ordinary_tables(
    both: tuple[Connection, apsw.Connection], sql: str
) -> None:
    ours, plain = both
    expected = list(plain.execute(sql))
    found = list(ours.execute(sql))
    if "order by" in sql and "over" not in sql:
        assert found == expected
    assert Counter(found) == Counter(expected)


@pytest.mark.parametrize("sql", STATEMENTS)
def test_no_call_is_made_twice(both: Any, plane: Plane, sql: str) -> None:
    ours, _ = both
    ours.executor.forget()
    plane.reset()
    list(ours.execute(sql))
    operations(plane)
