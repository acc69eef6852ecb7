"""What the declared reads ask of an endpoint is what we can give it."""

from __future__ import annotations

import pytest

from apigw_vtab.tables.account import ENABLED_REGIONS, IDENTITY
from apigw_vtab.tables.declaration import Read
from apigw_vtab.tables.model import service_model
from apigw_vtab.tables.registry import TABLES

READS = sorted(
    {IDENTITY, ENABLED_REGIONS, *(read for table in TABLES for read in table.reads)},
    key=lambda read: (read.service, read.name),
)


@pytest.mark.parametrize("read", READS, ids=lambda read: f"{read.service} {read.name}")
def test_no_read_needs_another_host_signature_or_body(read: Read) -> None:
    model = service_model(read.service).operation_model(read.name)
    # The name of a host that depends on a parameter, or that has something before it.
    assert not (model.context_parameters or model.operation_context_parameters or model.endpoint)
    assert model.resolved_auth_type in (None, "v4")
    assert not (model.has_streaming_input or model.has_streaming_output)
    assert not (model.http_checksum or model.request_compression)
