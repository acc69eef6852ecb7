"""Methods and integrations with the members that moto does not keep, and UpdateMethod."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from botocore import xform_name
from moto.apigateway.models import Integration, Method

from apigw_vtab.sandbox.wire import present

# What UpdateMethod does not change: integrations and responses have operations of their own.
FIXED = ("httpMethod", "methodIntegration", "methodResponses")
# AWS's defaults of PutIntegration, by its members.
TIMEOUT = 29_000
PASSTHROUGH = "WHEN_NO_MATCH"
# What moto drops of an integration.
EXTRA = ("connectionId", "responseTransferMode", "integrationTarget", "cacheKeyParameters")
EMPTY_BUT_SENT = ("cacheKeyParameters", "apiKeyRequired")


class GatewayMethod(Method):
    """A method that leaves out what is not set."""

    def to_json(self) -> dict[str, Any]:
        """Return the members of API Gateway's Method."""
        members = super().to_json()
        members["methodResponses"] = {
            code: present(one) for code, one in members["methodResponses"].items()
        }
        return present(members, but=EMPTY_BUT_SENT)

    def take(self, members: Mapping[str, Any]) -> None:
        """Take the members that UpdateMethod can change."""
        for name in ("authorizationType", "authorizerId", "authorizationScopes", "apiKeyRequired"):
            setattr(self, xform_name(name), members.get(name))
        for name in ("requestParameters", "requestModels", "operationName", "requestValidatorId"):
            setattr(self, xform_name(name), members.get(name))


class GatewayIntegration(Integration):
    """An integration with its link into a VPC, and AWS's defaults."""

    extra: Mapping[str, Any] = {}
    resource_id = ""

    def to_json(self) -> dict[str, Any]:
        """Return the members of API Gateway's Integration."""
        members = {**super().to_json(), **self.extra}
        if members["integrationResponses"]:
            members["integrationResponses"] = {
                code: present(one) for code, one in members["integrationResponses"].items()
            }
        defaults = {
            "passthroughBehavior": PASSTHROUGH,
            "timeoutInMillis": TIMEOUT,
            "cacheNamespace": self.resource_id,
            "cacheKeyParameters": [],
        }
        return present({**members, **_missing(defaults, members)}, but=EMPTY_BUT_SENT)


def _missing(defaults: Mapping[str, Any], members: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in defaults.items() if not members.get(name)}
