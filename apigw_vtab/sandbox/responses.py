"""API Gateway's HTTP responses, where they differ from moto's."""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Sequence
from functools import lru_cache
from typing import Any

from moto.apigateway.exceptions import BadRequestException
from moto.apigateway.responses import APIGatewayResponse
from moto.core.common_types import TYPE_RESPONSE
from moto.core.utils import camelcase_to_underscores, get_service_model

from apigw_vtab.sandbox.gateway import GatewayBackend, GatewayBackends
from apigw_vtab.sandbox.stages import GatewayStage

DEFAULT_PAGE = 25
LARGEST_PAGE = 500


@lru_cache
def is_paged(operation: str) -> bool:
    """Whether the operation takes a `limit` and returns a `position` in API Gateway's model."""
    model = get_service_model("apigateway").operation_model(operation)
    asked, answered = model.input_shape, model.output_shape
    if asked is None or answered is None:
        return False
    return "limit" in asked.members and "position" in answered.members


def page_of(items: Sequence[Any], limit: str | None, position: str | None) -> dict[str, Any]:
    """Return the page that `limit` and `position` ask for, with the next position if any."""
    try:
        size = DEFAULT_PAGE if limit is None else int(limit)
    except ValueError:
        raise BadRequestException(f"Invalid limit specified: {limit}") from None
    if not 1 <= size <= LARGEST_PAGE:
        raise BadRequestException(f"limit must be between 1 and {LARGEST_PAGE}, not {size}")
    try:
        start = int(base64.b64decode(position, validate=True)) if position else 0
    except (ValueError, binascii.Error):
        start = -1
    if start < 0:
        raise BadRequestException("Invalid position parameter specified")
    page: dict[str, Any] = {"item": items[start : start + size]}
    if start + size < len(items):
        page["position"] = base64.b64encode(str(start + size).encode()).decode("ascii")
    return page


class GatewayResponse(APIGatewayResponse):
    """moto's API Gateway with client certificates, paging and AWS's own stages."""

    def __init__(self, backends: GatewayBackends) -> None:
        super().__init__()
        self.backends = backends

    @property
    def backend(self) -> GatewayBackend:
        """The backend of the account whose key signed the request, in the request's region."""
        return self.backends[self.current_account, self.region]

    def call_action(self) -> TYPE_RESPONSE:
        """Run the operation, and return one page if its model has pages."""
        for refused in self.backends.refused:
            if refused.times > 0 and refused.method in (None, self.method):
                refused.times -= 1
                return self.error(
                    refused.error.error_type, refused.error.message, refused.error.code
                )
        # Of the lists that moto lacks, the sandbox has no items.
        if self._lacks(self._get_action()):
            return 200, {}, json.dumps({"item": []})
        status, headers, body = super().call_action()
        if status != 200 or not is_paged(self._get_action()):
            return status, headers, body
        answer = json.loads(body)
        if not isinstance(answer.get("item"), list):
            return status, headers, body
        try:
            page = page_of(answer["item"], self._query("limit"), self._query("position"))
        except BadRequestException as refused:
            return self.error(refused.error_type, refused.message)
        return status, headers, json.dumps(page)

    def _lacks(self, operation: str) -> bool:
        return is_paged(operation) and not hasattr(self, camelcase_to_underscores(operation))

    def _query(self, name: str) -> str | None:
        values = self.querystring.get(name)
        return values[0] if isinstance(values, list) else None

    def _members(self) -> dict[str, Any]:
        members = json.loads(self.body or "{}")
        assert isinstance(members, dict)
        return members

    def create_rest_api(self) -> TYPE_RESPONSE:
        """CreateRestApi, with the members that moto does not take."""
        status, headers, body = super().create_rest_api()
        if status != 200:
            return status, headers, body
        api = self.backend.get_rest_api(json.loads(body)["id"])
        members = self._members()
        api.version = members.get("version")
        api.binaryMediaTypes = members.get("binaryMediaTypes") or []
        api.security_policy = members.get("securityPolicy", api.security_policy)
        api.endpoint_access_mode = members.get("endpointAccessMode")
        return 201, {"status": 201}, json.dumps(api.to_dict())

    def get_resources(self) -> str:
        """GetResources: methods are included only with `embed=methods`, as on AWS."""
        answer = json.loads(super().get_resources())
        if "methods" not in (self.querystring.get("embed") or []):
            for resource in answer["item"]:
                if "resourceMethods" in resource:
                    resource["resourceMethods"] = {m: {} for m in resource["resourceMethods"]}
        return json.dumps(answer)

    def create_stage(self) -> TYPE_RESPONSE:
        """CreateStage, with the members that moto does not take.

        `clientCertificateId` is not one of them: AWS's model only has it for UpdateStage.
        """
        super().create_stage()
        members = self._members()
        stage = self._stage(members["stageName"])
        stage.documentation_version = members.get("documentationVersion")
        stage.canary_settings = members.get("canarySettings")
        return 201, {"status": 201}, json.dumps(stage.to_json())

    def get_stages(self) -> str:
        """GetStages, narrowed by `deploymentId` if it is given."""
        answer = json.loads(super().get_stages())
        deployment_id = self._query("deploymentId")
        if deployment_id:
            answer["item"] = [s for s in answer["item"] if s["deploymentId"] == deployment_id]
        return json.dumps(answer)

    def get_deployment(self) -> str:
        """GetDeployment: what was published is included only with `embed=apisummary`."""
        _, _, rest_api_id, _, deployment_id = self.path.split("/")
        deployment = self.backend.get_rest_api(rest_api_id).get_deployment(deployment_id)
        answer = deployment.to_json()
        if "apisummary" in (self.querystring.get("embed") or []):
            answer["apiSummary"] = deployment.api_summary
        return json.dumps(answer)

    def create_deployment(self) -> TYPE_RESPONSE:
        """CreateDeployment, with the members that moto does not take."""
        members = self._members()
        deployment = self.backend.create_deployment(
            self.path.split("/")[2],
            members.get("stageName") or "",
            members.get("description") or "",
            members.get("variables"),
            members.get("canarySettings"),
        )
        answer = 201, {"status": 201}, json.dumps(deployment.to_json())
        if members.get("stageName"):
            stage = self._stage(members["stageName"])
            stage.description = members.get("stageDescription", stage.description)
            stage.tracing_enabled = members.get("tracingEnabled", stage.tracing_enabled)
            stage.cache_cluster_size = members.get("cacheClusterSize", stage.cache_cluster_size)
            if "cacheClusterEnabled" in members:
                stage.cache_cluster_enabled = members["cacheClusterEnabled"]
                stage.cache_cluster_status = (
                    "AVAILABLE" if stage.cache_cluster_enabled else "NOT_AVAILABLE"
                )
        return answer

    def _stage(self, stage_name: str) -> GatewayStage:
        stage = self.backend.get_stage(self.path.split("/")[2], stage_name)
        assert isinstance(stage, GatewayStage)
        return stage

    def generate_client_certificate(self) -> TYPE_RESPONSE:
        """GenerateClientCertificate."""
        members = self._members()
        certificate = self.backend.generate_client_certificate(
            members.get("description"), members.get("tags")
        )
        return 201, {"status": 201}, json.dumps(certificate.to_json())

    def get_client_certificate(self) -> str:
        """GetClientCertificate."""
        certificate = self.backend.get_client_certificate(self.path.split("/")[2])
        return json.dumps(certificate.to_json())

    def get_client_certificates(self) -> str:
        """GetClientCertificates."""
        certificates = list(self.backend.client_certificates.values())
        return json.dumps({"item": [certificate.to_json() for certificate in certificates]})

    def update_client_certificate(self) -> str:
        """UpdateClientCertificate: only the description can change."""
        certificate = self.backend.get_client_certificate(self.path.split("/")[2])
        operations = self._members().get("patchOperations") or []
        for operation in operations:
            if (operation["op"], operation["path"]) != ("replace", "/description"):
                raise BadRequestException(
                    f"Invalid patch path {operation['path']}. Must be one of: [/description]"
                )
        for operation in operations:
            certificate.description = operation.get("value")
        return json.dumps(certificate.to_json())

    def delete_client_certificate(self) -> TYPE_RESPONSE:
        """DeleteClientCertificate."""
        self.backend.delete_client_certificate(self.path.split("/")[2])
        return 202, {"status": 202}, "{}"
