"""Which IAM action an operation needs, on which paths, and how often AWS answers it."""

from __future__ import annotations

import re
from collections.abc import Iterable

from apigw_vtab.tables.declaration import Operation, Read, Table
from apigw_vtab.tables.model import service_model
from apigw_vtab.tables.services import iam_action, service_of

# https://docs.aws.amazon.com/STS/latest/APIReference/API_GetCallerIdentity.html
NO_PERMISSION = ("GetCallerIdentity",)
_PLACE = re.compile(r"\{[^}]+\}")
_VERSION = re.compile(r"^/v\d+(?=/)")


def action_of(operation: Operation) -> str:
    """Return the IAM action that an operation needs; empty where it needs none."""
    if operation.name in NO_PERMISSION:
        return ""
    return iam_action(operation.service, operation.name)


def path_of(operation: Operation) -> str:
    """Return the path that an IAM policy can name, where the action is an HTTP method.

    https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-control-access-using-iam-policies-to-create-and-manage-apis.html
    """
    http = service_model(operation.service).operation_model(operation.name).http
    if not action_of(operation).endswith(f":{http['method']}"):
        return ""
    return _PLACE.sub("*", _VERSION.sub("", http["requestUri"]))


def actions_to_read(tables: Iterable[Table]) -> list[str]:
    """Return the IAM actions that reading these tables needs."""
    reads = (read for table in tables for read in table.reads)
    return sorted({action for read in reads if (action := action_of(read))})


def quota_of(operation: Operation) -> str:
    """Return how often AWS answers an operation, in words."""
    if operation.seconds_each:
        is_wide = isinstance(operation, Read) or operation.account_wide
        where = "account" if is_wide else "account and region"
        seconds = operation.seconds_each * operation.at_once
        return f"{operation.at_once} in {seconds:g} seconds, in each {where}"
    service = service_of(operation.service)
    if service.shared:
        return f"shared: {service.shared.rate:g} a second, {service.shared.burst:g} at once"
    own = service.quota_of(operation.name)
    return f"{own.rate:g} a second, in each account and region" if own else "ample"
