"""The operations that the control plane knows, and how it recognises a request for one of them."""

from __future__ import annotations

import json
import re
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple
from urllib.parse import parse_qs, parse_qsl, unquote

from . import account_services, neighbours, organization, reads, resources, sign_in, writes
from .modelled import modelled_operations
from .other_writes import OTHER_WRITES
from .refusals import bad_request
from .settings import Ask
from .wire import HttpRequest


class ServedOperation(NamedTuple):
    """One operation; those without a path of their own are recognised by their name alone."""

    service: str
    method: str
    path: str
    name: str
    handler: Callable[[Ask], dict[str, Any] | str]
    status: int = 200


#: Path members have the same names as in boto3.
OPERATIONS: tuple[ServedOperation, ...] = (
    ServedOperation("apigateway", "GET", "/v2/apis", "GetApis", reads.get_apis),
    ServedOperation(
        "apigateway", "GET", "/v2/apis/{apiId}/stages", "GetStagesV2", reads.get_v2_stages
    ),
    ServedOperation("apigateway", "GET", "/restapis", "GetRestApis", reads.get_rest_apis),
    ServedOperation("apigateway", "GET", "/restapis/{restApiId}", "GetRestApi", reads.get_rest_api),
    ServedOperation(
        "apigateway", "GET", "/restapis/{restApiId}/stages", "GetStages", reads.get_stages
    ),
    ServedOperation(
        "apigateway",
        "GET",
        "/restapis/{restApiId}/stages/{stageName}",
        "GetStage",
        reads.get_stage,
    ),
    ServedOperation(
        "apigateway",
        "GET",
        "/restapis/{restApiId}/deployments",
        "GetDeployments",
        reads.get_deployments,
    ),
    ServedOperation(
        "apigateway",
        "GET",
        "/restapis/{restApiId}/deployments/{deploymentId}",
        "GetDeployment",
        resources.get_deployment,
    ),
    ServedOperation(
        "apigateway",
        "GET",
        "/restapis/{restApiId}/resources",
        "GetResources",
        resources.get_resources,
    ),
    ServedOperation(
        "apigateway",
        "GET",
        "/clientcertificates",
        "GetClientCertificates",
        reads.get_client_certificates,
    ),
    ServedOperation(
        "apigateway",
        "GET",
        "/clientcertificates/{clientCertificateId}",
        "GetClientCertificate",
        reads.get_client_certificate,
    ),
    ServedOperation(
        "apigateway",
        "POST",
        "/clientcertificates",
        "GenerateClientCertificate",
        writes.generate_client_certificate,
        201,
    ),
    ServedOperation(
        "apigateway",
        "PATCH",
        "/clientcertificates/{clientCertificateId}",
        "UpdateClientCertificate",
        writes.update_client_certificate,
    ),
    ServedOperation(
        "apigateway",
        "DELETE",
        "/clientcertificates/{clientCertificateId}",
        "DeleteClientCertificate",
        writes.delete_client_certificate,
        202,
    ),
    ServedOperation(
        "apigateway",
        "PATCH",
        "/restapis/{restApiId}",
        "UpdateRestApi",
        writes.update_rest_api,
    ),
    ServedOperation(
        "apigateway",
        "PATCH",
        "/restapis/{restApiId}/stages/{stageName}",
        "UpdateStage",
        writes.update_stage,
    ),
    ServedOperation(
        "apigateway",
        "POST",
        "/restapis/{restApiId}/deployments",
        "CreateDeployment",
        writes.create_deployment,
        201,
    ),
    ServedOperation("sts", "POST", "/", "GetCallerIdentity", account_services.get_caller_identity),
    ServedOperation("sts", "POST", "/", "AssumeRole", account_services.assume_role),
    ServedOperation("ec2", "POST", "/", "DescribeRegions", account_services.describe_regions),
    ServedOperation(
        "sso",
        "GET",
        "/federation/credentials",
        "GetRoleCredentials",
        sign_in.get_role_credentials,
    ),
    ServedOperation("sso", "GET", "/assignment/accounts", "ListAccountsOfUser", sign_in.accounts),
    ServedOperation("sso", "GET", "/assignment/roles", "ListAccountRoles", sign_in.roles),
    ServedOperation("sso-oauth", "POST", "/token", "CreateToken", sign_in.create_token),
    *(
        ServedOperation("organizations", "POST", "/", name, handler)
        for name, handler in (
            ("ListAccounts", organization.list_accounts),
            ("ListAccountsForParent", organization.list_accounts_for_parent),
            ("ListChildren", organization.list_children),
            (
                "ListOrganizationalUnitsForParent",
                organization.list_organizational_units_for_parent,
            ),
            ("ListParents", organization.list_parents),
            ("ListRoots", organization.list_roots),
        )
    ),
    ServedOperation("acm", "POST", "/", "DescribeCertificate", neighbours.describe_certificate),
    ServedOperation("acm", "POST", "/", "ListCertificates", neighbours.list_certificates),
    ServedOperation("wafv2", "POST", "/", "GetWebACL", neighbours.get_web_acl),
    ServedOperation("wafv2", "POST", "/", "ListWebACLs", neighbours.list_web_acls),
)


def _with_modelled(known: Sequence[ServedOperation]) -> tuple[ServedOperation, ...]:
    """Add the read operations that nobody wrote: they are answered from botocore's model."""
    paths = {(one.method, re.sub("{.*?}", "{}", one.path)) for one in known}
    return (
        *known,
        *(
            ServedOperation("apigateway", method, path, name, handler)
            for method, path, name, handler in modelled_operations()
            if (method, re.sub("{.*?}", "{}", path)) not in paths
        ),
    )


OPERATIONS = _with_modelled(
    (*OPERATIONS, *(ServedOperation("apigateway", *one) for one in OTHER_WRITES))
)
OPERATION_NAMES = frozenset(operation.name for operation in OPERATIONS)
QUERY_SERVICES = frozenset({"sts", "ec2"})
# What their X-Amz-Target begins with, in botocore's models.
TARGETS = {
    "acm": "CertificateManager",
    "wafv2": "AWSWAF_20190729",
    "organizations": "AWSOrganizationsV20161128",
}


def told_apart(service: str, request: HttpRequest) -> tuple[ServedOperation | None, dict[str, Any]]:
    """The operation of a request, or None for one that the service does not have; its parameters.

    The parameters are those of path, query and body together, by AWS's own names.
    """
    path, _, query = request.target.partition("?")
    if service in QUERY_SERVICES:
        params: dict[str, Any] = dict(
            parse_qsl(request.body.decode("latin-1"), keep_blank_values=True)
        )
        params.pop("Version", None)
        operation = BY_ACTION.get((service, params.get("Action", "")))
        if operation:
            del params["Action"]
        return operation, params
    if service in TARGETS:
        prefix, _, name = request.headers.get("x-amz-target", "").partition(".")
        operation = BY_ACTION.get((service, name)) if prefix == TARGETS[service] else None
        return operation, _members(request.body)
    words = path.split("/")[1:]
    for template, operation in BY_LENGTH.get((service, request.method, len(words)), ()):
        params = {}
        for expected, word in zip(template, words, strict=True):
            if expected.startswith("{"):
                params[expected[1:-1]] = unquote(word) if "%" in word else word
            elif expected != word:
                break
        else:
            if query:
                # What is named more than once, such as tagKeys, is a list.
                params |= {
                    name: values[0] if len(values) == 1 else values
                    for name, values in parse_qs(query, keep_blank_values=True).items()
                }
            if request.body:
                params |= _members(request.body)
            return operation, params
    return None, {}


def _members(body: bytes) -> dict[str, Any]:
    try:
        members = json.loads(body)
    except ValueError:
        members = None
    if not isinstance(members, dict):
        raise bad_request("Could not parse request body into json")
    return members


def _by_length() -> Mapping[tuple[str, str, int], list[tuple[list[str], ServedOperation]]]:
    table: dict[tuple[str, str, int], list[tuple[list[str], ServedOperation]]] = defaultdict(list)
    for operation in OPERATIONS:
        words = operation.path.split("/")[1:]
        table[operation.service, operation.method, len(words)].append((words, operation))
    return table


BY_LENGTH = _by_length()
BY_ACTION = {
    (operation.service, operation.name): operation
    for operation in OPERATIONS
    if operation.service in QUERY_SERVICES | TARGETS.keys()
}
