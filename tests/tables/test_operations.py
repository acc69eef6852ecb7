"""Every operation that a table declares is one of AWS's, with AWS's own names."""

from __future__ import annotations

import difflib
import fnmatch
from collections.abc import Iterator

import botocore.session
import pytest
from botocore.model import OperationModel, Shape, StructureShape

from apigw_vtab.tables.declaration import Operation, Read, Table, Write
from apigw_vtab.tables.registry import TABLES
from apigw_vtab.tables.tagging import tagging_of

SESSION = botocore.session.get_session()


def writes(table: Table) -> Iterator[Write]:
    update, tagging = table.update, tagging_of(table)
    yield from filter(None, (table.insert, update, table.delete))
    if update:
        yield from (one.erased_by for one in update.members.values() if one.erased_by)
    if tagging:
        yield from (tagging.add, tagging.remove)


def given(table: Table, write: Operation) -> set[str]:
    """The parameters that are made of what changes, not of a column as it is."""
    update, tagging = table.update, tagging_of(table)
    found = {
        one.entry for one in (update.members if update else {}).values() if one.erased_by is write
    }
    if tagging:
        found |= {tagging.tags} if write is tagging.add else set()
        found |= {tagging.keys} if write is tagging.remove else set()
    return found - {""}


def named(operation: Operation) -> str:
    return f"{operation.service}:{operation.name}"


READS = [
    pytest.param(table, read, id=f"{table.name}-{named(read)}")
    for table in TABLES
    for read in table.reads
]
WRITES = [
    pytest.param(table, write, id=f"{table.name}-{named(write)}")
    for table in TABLES
    for write in writes(table)
]
each_read = pytest.mark.parametrize(("table", "read"), READS)
each_write = pytest.mark.parametrize(("table", "write"), WRITES)
each_operation = pytest.mark.parametrize(("table", "operation"), READS + WRITES)


def model(operation: Operation) -> OperationModel:
    """botocore's model of an operation."""
    service = SESSION.get_service_model(operation.service)
    if operation.name not in service.operation_names:
        close = difflib.get_close_matches(operation.name, service.operation_names)
        pytest.fail(f"AWS has no {named(operation)}. Close to it: {', '.join(close) or 'nothing'}")
    return service.operation_model(operation.name)


def parameters(operation: Operation) -> set[str]:
    return set(operation.parameters)


def members(shape: Shape | None) -> dict[str, Shape]:
    return dict(shape.members) if isinstance(shape, StructureShape) else {}


def item_of(read: Read) -> Shape | None:
    """The shape of one item in the answer."""
    answer = model(read).output_shape
    if read.items:
        return members(answer)[read.items].member
    return members(answer)[read.item] if read.item else answer


def inside(item: Shape | None, path: tuple[str, ...]) -> Shape | None:
    """The shape that lies in an item at the end of a path."""
    for step in path:
        assert item is not None
        if step == "*":
            assert item.type_name == "list"
            item = item.member
        elif step.startswith("{"):
            assert item.type_name == "map"
            item = item.value
        else:
            item = members(item)[step]
    return item


@each_operation
def test_aws_has_the_operation(table: Table, operation: Operation) -> None:
    assert model(operation).name == operation.name


@each_operation
def test_what_is_sent_are_parameters_of_the_operation(table: Table, operation: Operation) -> None:
    known = members(model(operation).input_shape)
    sent = parameters(operation)
    if isinstance(operation, Read):
        sent |= set(operation.constants)
        sent |= {name for more in operation.asks.values() for name in more}
        if operation.page:
            sent |= {operation.page.size_member, operation.page.token_member}
    assert not sent - set(known), f"{named(operation)} takes: {', '.join(known)}"


@each_operation
def test_what_the_operation_requires_is_sent(table: Table, operation: Operation) -> None:
    shape = model(operation).input_shape
    required = set(shape.required_members) if isinstance(shape, StructureShape) else set()
    constants = operation.constants if isinstance(operation, Read) else {}
    missing = required - parameters(operation) - set(constants) - given(table, operation)
    assert not missing, f"{named(operation)} also needs these parameters"


@each_operation
def test_each_parameter_comes_from_a_column(table: Table, operation: Operation) -> None:
    assert set(operation.parameters.values()) <= set(table.index)


@each_read
def test_an_item_of_the_answer_has_every_member_of_the_tables_shape(
    table: Table, read: Read
) -> None:
    item = item_of(read)
    if table.is_inside(read):
        item = inside(item, table.path)
    if table.shape and isinstance(item, StructureShape):
        shape = SESSION.get_service_model(table.service).shape_for(table.shape)
        lacking = {table.columns[table.index[name]].member for name in table.lacking[read]}
        assert set(members(shape)) - lacking <= set(members(item))


@each_read
def test_what_a_list_lacks_a_single_resource_has(table: Table, read: Read) -> None:
    if table.lacking[read]:
        assert not read.is_get
        assert table.reads[0].is_get
        assert not table.lacking[table.reads[0]]


@each_read
def test_the_answer_has_the_token_of_the_next_page(table: Table, read: Read) -> None:
    if read.page:
        assert read.page.token_member in members(model(read).output_shape)


@each_read
def test_what_names_an_item_is_one_of_its_members(table: Table, read: Read) -> None:
    if read.names:
        assert read.names in members(item_of(read))


@each_read
def test_what_is_chosen_optional_asked_for_or_secret_is_a_column(table: Table, read: Read) -> None:
    named = {*read.choices, *read.optional, *read.asks, *read.secrets}
    assert named <= set(table.owner(read).index)
    assert all(table.columns[table.index[name]].hidden for name in read.secrets)


@each_read
def test_a_list_can_be_asked_with_what_its_parent_has(table: Table, read: Read) -> None:
    if read is table.reads[-1]:
        known = set(table.parent.index) if table.parent else set()
        assert set(read.needs) <= known


@each_write
def test_what_a_write_changes_is_a_column(table: Table, write: Write) -> None:
    assert {*write.patches, *write.members} <= set(table.index)
    assert set(table.instead) <= set(table.index)
    if write.needs:
        assert {write.needs.column, write.needs.other} <= {*write.patches, *write.members}


@each_write
def test_a_member_is_a_parameter_of_the_same_type(table: Table, write: Write) -> None:
    known = members(model(write).input_shape)
    for name in write.members:
        column = table.columns[table.index[name]]
        assert known[column.member].type_name == column.kind
    assert given(table, write) <= set(known)


@each_write
def test_a_needed_value_is_one_of_those_that_aws_lists(table: Table, write: Write) -> None:
    if write.needs:
        column = table.columns[table.index[write.needs.column]]
        patch = write.patches.get(column.name)
        listed = patch.one_of if patch and patch.one_of else column.one_of
        assert all(fnmatch.filter(listed, pattern) for pattern in write.needs.values)


@pytest.mark.parametrize("table", TABLES, ids=lambda table: table.name)
def test_what_is_renamed_is_a_member_of_the_shape(table: Table) -> None:
    if table.shape:
        shape = SESSION.get_service_model(table.service).shape_for(table.shape)
        assert set(table.renames) <= set(members(shape))
