"""A list answer without its list is no empty list, whatever the operation."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from apigw_vtab import CallFailed
from apigw_vtab.aws.call import call_of
from apigw_vtab.tables.declaration import Read, Table
from apigw_vtab.tables.model import wire_names
from apigw_vtab.tables.registry import TABLES
from tests.conftest import REGIONS, Connect


def _with_ancestors(table: Table) -> list[Table]:
    users = table.delete.used_by if table.delete else ()
    return [table, *table.ancestors, *(one for one in TABLES if one.name in users)]


EVERY = {
    one for table in TABLES for user in _with_ancestors(table) for one in _with_ancestors(user)
}
LISTS = sorted(
    {
        read
        for table in EVERY
        for read in table.reads
        if read.items and read.service.startswith("apigateway")
    },
    key=lambda read: (read.service, read.name),
)
Answer = Callable[[bytes], str]


def ask(connect: Connect, url: str, read: Read) -> int:
    """Return how many items an endpoint's answer has."""
    connection = connect(regions=REGIONS[0], endpoint_url=url)
    (account,) = connection.context.estate.profiles
    call = call_of(account.lane(REGIONS[0]), read, dict.fromkeys(read.parameters.values(), "a1"))
    return connection.executor.submit(call).result(60).count


def test_both_versions_are_among_them() -> None:
    assert {(read.service, read.name) for read in LISTS} >= {
        ("apigateway", "GetRestApis"),
        ("apigateway", "GetStages"),
        ("apigateway", "GetClientCertificates"),
        ("apigatewayv2", "GetApis"),
        ("apigatewayv2", "GetStages"),
    }


@pytest.mark.parametrize("read", LISTS, ids=lambda read: f"{read.service} {read.name}")
def test_an_answer_has_its_list(connect: Connect, httpserver: Answer, read: Read) -> None:
    names = {member: name for name, member in wire_names(read.service, read.name).items()}
    assert read.items
    name = names[read.items]
    for body in ("{}", f'{{"{name}":null}}', f'{{"message":"Forbidden","{name}":null}}'):
        with pytest.raises(CallFailed) as caught:
            ask(connect, httpserver(body.encode()), read)
        assert caught.value.code == "UnreadableAnswer"
    assert ask(connect, httpserver(f'{{"{name}":[]}}'.encode()), read) == 0
