"""API Gateway's HTTP responses, where they differ from moto's."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import parse_qs, urlsplit

from moto.apigateway.exceptions import ApiGatewayException, BadRequestException
from moto.apigateway.responses import APIGatewayResponse
from moto.core.common_types import TYPE_RESPONSE
from moto.core.utils import camelcase_to_underscores

from apigw_vtab.sandbox.documents.answers import answer, is_document
from apigw_vtab.sandbox.documents.checks import check_authorizer
from apigw_vtab.sandbox.documents.documents import Place
from apigw_vtab.sandbox.documents.patches import patched
from apigw_vtab.sandbox.gateway import GatewayBackend, GatewayBackends
from apigw_vtab.sandbox.methods import EXTRA, FIXED, GatewayIntegration, GatewayMethod
from apigw_vtab.sandbox.pages import is_list, page_of, pages_of
from apigw_vtab.sandbox.routes import Asked, find
from apigw_vtab.sandbox.stages import GatewayStage

UNKNOWN = "Missing Authentication Token"
AUTHORIZATION_TYPES = ("NONE", "AWS_IAM", "CUSTOM", "COGNITO_USER_POOLS", "JWT")


class GatewayResponse(APIGatewayResponse):
    """moto's API Gateway with client certificates, paging and AWS's own stages."""

    def __init__(self, backends: GatewayBackends) -> None:
        super().__init__()
        self.backends = backends
        self.asked: Asked | None = None
        self.queries: Mapping[str, Sequence[str]] = {}

    def answer(self, request: Any, full_url: str, headers: Any) -> TYPE_RESPONSE:
        """Answer a request for either version of API Gateway."""
        url = urlsplit(request.raw_url)
        self.asked = find(request.method, url.path)
        self.queries = parse_qs(url.query, keep_blank_values=True)
        if self.asked is None or self.asked.version == 1:
            return self._dispatch(request, full_url, headers)
        self.setup_class(request, full_url, headers)
        if not is_document(self.asked):
            return self.error("MissingAuthenticationTokenException", UNKNOWN, 403)
        return self.call_action()

    @property
    def backend(self) -> GatewayBackend:
        """The backend of the account whose key signed the request, in the request's region."""
        return self.backends[self.current_account, self.region]

    def call_action(self) -> TYPE_RESPONSE:
        """Run the operation, and return one page if its model has pages."""
        if refused := self._refused():
            return refused
        try:
            if self.asked is not None and is_document(self.asked):
                return answer(self.backend, self.asked, self.queries, self._members())
            if self.asked is not None and self._lacks(self.asked):
                return 200, {}, json.dumps(page_of(self.asked, [], self.queries))
            status, headers, body = super().call_action()
            if status == 200 and self.asked is not None and body:
                body = self._paged(self.asked, json.loads(body)) or body
        except ApiGatewayException as error:
            return self.error(error.error_type, error.message, error.code)
        return status, headers, body

    def _refused(self) -> TYPE_RESPONSE | None:
        for refused in self.backends.refused:
            if refused.times > 0 and refused.method in (None, self.method):
                refused.times -= 1
                error = refused.error
                return self.error(error.error_type, error.message, error.code)
        return None

    def _paged(self, asked: Asked, whole: dict[str, Any]) -> str | None:
        """Return one page of a list that moto returned whole, or None for what is no list."""
        operation = asked.operation
        if not operation.name.startswith("Get") or not isinstance(whole.get("item"), list):
            return None
        member, is_paged = pages_of(operation)
        if not is_paged or member != "item":
            return None
        return json.dumps(page_of(asked, whole["item"], self.queries))

    def _lacks(self, asked: Asked) -> bool:
        """Return whether this is a list that moto lacks: the sandbox has no items of it."""
        name = asked.operation.name
        return is_list(asked.operation) and not hasattr(self, camelcase_to_underscores(name))

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

    def put_method(self) -> TYPE_RESPONSE:
        """PutMethod, for an authorizer and a validator that exist."""
        self._check_method(self._members())
        return super().put_method()

    def update_method(self) -> str:
        """UpdateMethod, which moto lacks."""
        _, _, api, _, resource, _, verb = self.path.split("/")
        method = self.backend.get_method(api, resource, verb)
        assert self.asked and isinstance(method, GatewayMethod)
        operations = self._members().get("patchOperations") or ()
        shape = self.asked.operation.output_shape
        members = patched(method.to_json(), operations, shape, FIXED)
        self._check_method(members)
        method.take(members)
        return json.dumps(method.to_json())

    def _check_method(self, members: Mapping[str, Any]) -> None:
        documents, api = self.backend.documents, self.path.split("/")[2]
        kind, asked = members.get("authorizationType", "NONE"), members.get("authorizerId")
        if kind not in AUTHORIZATION_TYPES:
            raise BadRequestException(f"Invalid authorization type specified: {kind}")
        authorizers = documents.at(f"/restapis/{api}/authorizers")
        found = next((one for one in authorizers if one["id"] == asked), None)
        check_authorizer(kind, found, version=1)
        if members.get("requestValidatorId"):
            validators = Place("/restapis/{}/requestvalidators", (api,))
            documents.item(validators, members["requestValidatorId"])

    def put_integration(self) -> TYPE_RESPONSE:
        """PutIntegration, with the members that moto does not take."""
        super().put_integration()
        _, _, api, _, resource, _, verb, _ = self.path.split("/")
        integration = self.backend.get_integration(api, resource, verb)
        assert isinstance(integration, GatewayIntegration)
        members = self._members()
        integration.extra = {name: members[name] for name in EXTRA if name in members}
        return 201, {"status": 201}, json.dumps(integration.to_json())

    def update_integration(self) -> str:
        """UpdateIntegration, which moto lacks."""
        _, _, api, _, resource, _, verb, _ = self.path.split("/")
        integration = self.backend.get_integration(api, resource, verb)
        assert self.asked and isinstance(integration, GatewayIntegration)
        before, operations = integration.to_json(), self._members().get("patchOperations") or ()
        shape = self.asked.operation.output_shape
        after = patched(before, operations, shape, ("type", "integrationResponses"))
        changed = {n: after.get(n) for n in {**before, **after} if before.get(n) != after.get(n)}
        integration.extra = {**integration.extra, **changed}
        return json.dumps(integration.to_json())

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
