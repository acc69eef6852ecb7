"""The collections of API Gateway that the sandbox keeps as plain documents, and not in moto.

Everything else about them (members, names, pages) is in botocore's models.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from apigw_vtab.sandbox.wire import REST_API_ID_LENGTH, SHORT_ID_LENGTH

PORTAL_ID_LENGTH = 10
API_KEY_LENGTH = 40
AVAILABLE = {"vpcLinkStatus": "AVAILABLE", "vpcLinkVersion": "V2"}


@dataclass(frozen=True)
class DocumentKind:
    """A collection: what tells its items apart, and what AWS adds to a new one.

    A key of `id_length` characters is made by AWS; that of length 0 is given. `second` is a member
    that belongs to the key where an item has it. `renames` are members that have another name in
    the request that creates an item; `arn` is the member with its ARN, and the path in it.
    """

    key: str
    id_length: int = 0
    second: str = ""
    given: Mapping[str, Any] = field(default_factory=dict)
    dates: tuple[str, ...] = ()
    renames: Mapping[str, str] = field(default_factory=dict)
    arn: tuple[str, str] | None = None


def _made(key: str, length: int = SHORT_ID_LENGTH, **more: Any) -> DocumentKind:
    return DocumentKind(key, length, **more)


KINDS: Mapping[str, DocumentKind] = {
    "/apikeys": _made("id", 10, given={"enabled": False}, dates=("createdDate", "lastUpdatedDate")),
    "/domainnames": DocumentKind("domainName", second="domainNameId"),
    "/domainnames/{}/basepathmappings": DocumentKind("basePath"),
    "/domainnameaccessassociations": DocumentKind("domainNameAccessAssociationArn"),
    "/restapis/{}/authorizers": _made("id"),
    "/restapis/{}/documentation/parts": _made("id"),
    "/restapis/{}/documentation/versions": DocumentKind(
        "version", dates=("createdDate",), renames={"documentationVersion": "version"}
    ),
    "/restapis/{}/gatewayresponses": DocumentKind("responseType"),
    "/restapis/{}/models": DocumentKind("name"),
    "/restapis/{}/requestvalidators": _made(
        "id", given={"validateRequestBody": False, "validateRequestParameters": False}
    ),
    "/usageplans": _made("id"),
    "/usageplans/{}/keys": DocumentKind("id", renames={"keyId": "id", "keyType": "type"}),
    "/vpclinks": _made("id", given={"status": "AVAILABLE"}),
    "/v2/apis": _made(
        "apiId",
        REST_API_ID_LENGTH,
        given={
            "apiKeySelectionExpression": "$request.header.x-api-key",
            "routeSelectionExpression": "$request.method $request.path",
            "disableExecuteApiEndpoint": False,
            "ipAddressType": "ipv4",
        },
        dates=("createdDate",),
    ),
    "/v2/apis/{}/authorizers": _made("authorizerId"),
    "/v2/apis/{}/deployments": _made(
        "deploymentId",
        given={"deploymentStatus": "DEPLOYED", "autoDeployed": False},
        dates=("createdDate",),
    ),
    "/v2/apis/{}/integrations": _made(
        "integrationId", given={"connectionType": "INTERNET", "timeoutInMillis": 30000}
    ),
    "/v2/apis/{}/integrations/{}/integrationresponses": _made("integrationResponseId"),
    "/v2/apis/{}/models": _made("modelId"),
    "/v2/apis/{}/routes": _made(
        "routeId", given={"authorizationType": "NONE", "apiKeyRequired": False}
    ),
    "/v2/apis/{}/routes/{}/routeresponses": _made("routeResponseId"),
    "/v2/apis/{}/stages": DocumentKind(
        "stageName",
        given={
            "defaultRouteSettings": {"detailedMetricsEnabled": False},
            "routeSettings": {},
            "stageVariables": {},
            "tags": {},
        },
        dates=("createdDate", "lastUpdatedDate"),
    ),
    "/v2/domainnames": DocumentKind("domainName"),
    "/v2/domainnames/{}/apimappings": _made("apiMappingId"),
    "/v2/domainnames/{}/routingrules": _made(
        "routingRuleId",
        arn=("routingRuleArn", "/domainnames/{}/routingrules/{}"),
    ),
    "/v2/portals": _made("portalId", PORTAL_ID_LENGTH, arn=("portalArn", "/portals/{}")),
    "/v2/portalproducts": _made(
        "portalProductId", PORTAL_ID_LENGTH, arn=("portalProductArn", "/portalproducts/{}")
    ),
    "/v2/vpclinks": _made("vpcLinkId", given=AVAILABLE, dates=("createdDate",)),
}

# The responses that every REST API gives by itself; AWS lists them all, set or not:
# https://docs.aws.amazon.com/apigateway/latest/developerguide/supported-gateway-response-types.html
GATEWAY_RESPONSES: Mapping[str, str | None] = {
    "ACCESS_DENIED": "403",
    "API_CONFIGURATION_ERROR": "500",
    "AUTHORIZER_CONFIGURATION_ERROR": "500",
    "AUTHORIZER_FAILURE": "500",
    "BAD_REQUEST_BODY": "400",
    "BAD_REQUEST_PARAMETERS": "400",
    "DEFAULT_4XX": None,
    "DEFAULT_5XX": None,
    "EXPIRED_TOKEN": "403",
    "INTEGRATION_FAILURE": "504",
    "INTEGRATION_TIMEOUT": "504",
    "INVALID_API_KEY": "403",
    "INVALID_SIGNATURE": "403",
    "MISSING_AUTHENTICATION_TOKEN": "403",
    "QUOTA_EXCEEDED": "429",
    "REQUEST_TOO_LARGE": "413",
    "RESOURCE_NOT_FOUND": "404",
    "THROTTLED": "429",
    "UNAUTHORIZED": "401",
    "UNSUPPORTED_MEDIA_TYPE": "415",
    "WAF_FILTERED": "403",
}
