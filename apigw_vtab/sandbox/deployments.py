"""A deployment with what it published: the methods of its API, as they were at that moment."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from moto.apigateway.models import Deployment, Resource

from apigw_vtab.sandbox.wire import present

# What AWS tells of each method, by path and verb: MethodSnapshot in the API reference.
ApiSummary = dict[str, dict[str, dict[str, Any]]]


class GatewayDeployment(Deployment):
    """A deployment that remembers its API."""

    api_summary: ApiSummary

    def to_json(self) -> dict[str, Any]:
        """Return the members of API Gateway's Deployment; a stage is none of them."""
        members = present(super().to_json())
        members.pop("stageName", None)
        return members


def api_summary(resources: Iterable[Resource]) -> ApiSummary:
    """Return the methods of some resources, as `apiSummary` has them."""
    return {
        resource.get_path(): {
            verb: {
                "authorizationType": method.authorization_type,
                "apiKeyRequired": bool(method.api_key_required),
            }
            for verb, method in resource.resource_methods.items()
        }
        for resource in resources
        if resource.resource_methods
    }
