"""moto's API Gateway model, extended with what it lacks.

The classes here derive from moto's and replace none of them, so other users of moto in this
process see it unchanged. Each server has its own backends for the same reason.
"""

from __future__ import annotations

import json
import math
import re
from dataclasses import dataclass
from datetime import datetime, timezone
from typing import Any

from moto.apigateway.exceptions import (
    ApiGatewayException,
    BadRequestException,
    ConflictException,
    NoMethodDefined,
)
from moto.apigateway.models import APIGatewayBackend, Integration, Method, Resource, RestAPI
from moto.core.utils import get_service_model

from apigw_vtab.sandbox.client_certificates import ClientCertificate
from apigw_vtab.sandbox.deployments import GatewayDeployment, api_summary
from apigw_vtab.sandbox.documents.documents import Documents
from apigw_vtab.sandbox.errors import (
    ActiveCanary,
    CertificateInUse,
    ClientCertificateLimitExceeded,
    ClientCertificateNotFound,
    DeploymentNotFound,
    MethodWithoutIntegration,
    RestApiNotFound,
)
from apigw_vtab.sandbox.methods import GatewayIntegration, GatewayMethod
from apigw_vtab.sandbox.neighbours import NeighbourResources
from apigw_vtab.sandbox.rest_api_patches import check_flag, check_security, check_size
from apigw_vtab.sandbox.stages import GatewayStage
from apigw_vtab.sandbox.wire import REST_API_ID_LENGTH, SHORT_ID_LENGTH, new_id, present

# A stage takes the ARN of a certificate from ACM, too: "rest-api-acm-client-certificates" in the
# Developer Guide. Only ACM knows whether it exists.
ACM_CERTIFICATE = re.compile(r"arn:[a-z-]+:acm:[a-z0-9-]+:\d{12}:certificate/[\w-]+")
# Quota "Client certificates per Region" of API Gateway.
CLIENT_CERTIFICATES_PER_REGION = 60


class GatewayResource(Resource):
    """A resource that finds its parent in its own API, not in moto's global backends."""

    def __init__(self, api: GatewayApi, path_part: str, parent_id: str | None) -> None:
        resource_id = new_id(SHORT_ID_LENGTH, api.resources)
        super().__init__(resource_id, api.account_id, api.region_name, api.id, path_part, parent_id)
        self.api = api

    def add_method(self, method_type: str, *args: Any, **members: Any) -> Method:
        """PutMethod."""
        method = super().add_method(method_type, *args, **members)
        method.__class__ = GatewayMethod  # type: ignore[type-abstract]
        return method

    def add_integration(self, method_type: str, *args: Any, **members: Any) -> Integration:
        """PutIntegration."""
        integration = super().add_integration(method_type, *args, **members)
        integration.__class__ = GatewayIntegration
        integration.resource_id = self.id  # type: ignore[attr-defined]
        return integration

    def get_parent_path(self) -> str:
        """Return the parent's path with a final slash, or nothing for the root."""
        if self.parent_id is None:
            return ""
        return self.api.resources[self.parent_id].get_path().rstrip("/") + "/"


class GatewayApi(RestAPI):
    """A REST API with GatewayStages and the members that moto does not keep."""

    def __init__(self, *args: Any, **members: Any) -> None:
        super().__init__(*args, **members)
        self.version = members.get("version")
        types = self.endpoint_configuration.get("types", [])
        self.endpoint_configuration = {
            # A private API takes both kinds of address (EndpointConfiguration, API reference).
            "ipAddressType": "dualstack" if "PRIVATE" in types else "ipv4",
            **self.endpoint_configuration,
        }
        self.security_policy = "TLS_1_2" if "PRIVATE" in types else "TLS_1_0"
        self.endpoint_access_mode: str | None = None
        self.warnings: list[str] = []

    def to_dict(self) -> dict[str, Any]:
        """Return the members of API Gateway's RestApi.

        AWS returns `policy` with its quotes and slashes escaped once more than JSON needs, so
        its text has to be unescaped before it parses (hashicorp/terraform-provider-aws#4606,
        cloud-custodian/cloud-custodian#5878).
        """
        members = {
            **super().to_dict(),
            "policy": self.policy and json.dumps(self.policy)[1:-1].replace("/", "\\/"),
            "securityPolicy": self.security_policy,
            "endpointAccessMode": self.endpoint_access_mode,
            "apiStatus": "AVAILABLE",
            "warnings": self.warnings,
        }
        return present(members)

    def apply_patch_operations(self, patch_operations: list[dict[str, Any]]) -> None:
        """Apply UpdateRestApi's operations, including those that moto lacks or gets wrong."""
        self._check(patch_operations)
        for operation in patch_operations:
            value = operation.get("value", "")
            path = operation["path"]
            if path == "/disableExecuteApiEndpoint":
                self.disableExecuteApiEndpoint = value.lower() == "true"
            elif path == "/minimumCompressionSize":
                self.minimum_compression_size = int(value) if value else None
            elif path == "/securityPolicy":
                self.security_policy = value
            elif path == "/endpointAccessMode":
                self.endpoint_access_mode = value
            else:
                super().apply_patch_operations([operation])

    def _check(self, patch_operations: list[dict[str, Any]]) -> None:
        """Raise BadRequestException for operations that AWS refuses: then none is applied."""
        new = {one["path"]: one.get("value", "") for one in patch_operations}
        if "/minimumCompressionSize" in new:
            check_size(new["/minimumCompressionSize"])
        if "/disableExecuteApiEndpoint" in new:
            check_flag(new["/disableExecuteApiEndpoint"])
        if {"/securityPolicy", "/endpointAccessMode"} & set(new):
            members = get_service_model("apigateway").shape_for("RestApi").members
            check_security(
                new.get("/securityPolicy", self.security_policy),
                new.get("/endpointAccessMode", self.endpoint_access_mode),
                self.endpoint_configuration.get("types", []),
                {name: members[name].enum for name in ("securityPolicy", "endpointAccessMode")},
            )

    def add_child(
        self, path: str, parent_id: str | None = None, resource_id: str | None = None
    ) -> GatewayResource:
        """Add a resource under a parent, or as the root."""
        resource = GatewayResource(self, path, parent_id)  # type: ignore[abstract]
        resource.id = resource_id or resource.id
        self.resources[resource.id] = resource
        return resource

    def add_deployment(
        self, deployment_id: str, stage_name: str, description: str
    ) -> GatewayDeployment:
        """Add a deployment of the API as it is, and touch no stage."""
        deployment = GatewayDeployment(deployment_id, stage_name, description)  # type: ignore[abstract]
        deployment.api_summary = api_summary(self.resources.values())
        self.deployments[deployment_id] = deployment
        return deployment

    def create_stage(self, name: str, deployment_id: str, **members: Any) -> GatewayStage:  # type: ignore[override]
        """CreateStage."""
        if name in self.stages:
            raise ConflictException("Stage already exists")
        stage = GatewayStage(name=name, deployment_id=deployment_id, **members)
        self.stages[name] = stage
        return stage

    def create_deployment(
        self,
        name: str,
        description: str,
        stage_variables: dict[str, str] | None = None,
        canary: dict[str, Any] | None = None,
    ) -> GatewayDeployment:
        """CreateDeployment: an existing stage keeps its settings, which moto would drop.

        With canary settings it goes to the stage's canary. Without them it is refused where there
        is one, as AWS does.
        """
        stage = self.stages.get(name) if name else None
        if isinstance(stage, GatewayStage) and stage.canary_settings and not canary:
            raise ActiveCanary(name)
        deployment_id = new_id(SHORT_ID_LENGTH, self.deployments)
        deployment = self.add_deployment(deployment_id, name, description)
        if isinstance(stage, GatewayStage) and canary:
            stage.canary_settings = {**canary, "deploymentId": deployment.id}
        elif stage is not None:
            stage.apply_operations(
                [{"op": "replace", "path": "/deploymentId", "value": deployment.id}]
            )
            stage.variables.update(stage_variables or {})
        elif name:
            self.create_stage(name, deployment.id, variables=stage_variables)
        return deployment

    def get_deployment(self, deployment_id: str) -> GatewayDeployment:
        """GetDeployment."""
        deployment = self.deployments.get(deployment_id)
        if deployment is None:
            raise DeploymentNotFound
        assert isinstance(deployment, GatewayDeployment)
        return deployment


@dataclass
class Undocumented:
    """What AWS does where nobody has written it down: either may be true, and can be tried."""

    deletes_attached_certificates: bool = True
    unknown_certificate_is_not_found: bool = False


class GatewayBackend(APIGatewayBackend):
    """API Gateway in one account and region, and what it names there of other services."""

    def __init__(self, region_name: str, account_id: str) -> None:
        super().__init__(region_name, account_id)
        self.undocumented = Undocumented()
        self.client_certificates: dict[str, ClientCertificate] = {}
        self.documents = Documents(
            account_id, region_name, self.get_rest_api, self.check_certificate
        )
        self.neighbours = NeighbourResources()

    def create_rest_api(self, name: str, description: str, **members: Any) -> GatewayApi:  # type: ignore[override]
        """CreateRestApi."""
        return self.add_api(new_id(REST_API_ID_LENGTH, self.apis), name, description, **members)

    def add_api(self, api_id: str, name: str, description: str, **members: Any) -> GatewayApi:
        """Add a REST API under this id."""
        where = (self.account_id, self.region_name)
        api = GatewayApi(api_id, *where, name, description, **members)  # type: ignore[abstract]
        self.apis[api_id] = api
        return api

    def get_rest_api(self, function_id: str) -> GatewayApi:
        """GetRestApi; every other operation finds its API through this."""
        api = self.apis.get(function_id)
        if api is None:
            raise RestApiNotFound(self.account_id, function_id)
        assert isinstance(api, GatewayApi)
        return api

    def update_rest_api(
        self, function_id: str, patch_operations: list[dict[str, Any]]
    ) -> GatewayApi:
        """UpdateRestApi."""
        api = self.get_rest_api(function_id)
        api.apply_patch_operations(patch_operations)
        return api

    def delete_rest_api(self, function_id: str) -> RestAPI:
        """DeleteRestApi."""
        self.get_rest_api(function_id)
        self.documents.forget(f"/restapis/{function_id}")
        return super().delete_rest_api(function_id)

    def update_stage(
        self, function_id: str, stage_name: str, patch_operations: list[dict[str, Any]]
    ) -> GatewayStage:
        """UpdateStage; only a certificate that exists can be attached."""
        stage = self.get_stage(function_id, stage_name)
        assert isinstance(stage, GatewayStage)
        for operation in patch_operations:
            path, value = operation["path"], operation.get("value")
            if path == "/clientCertificateId" and value:
                self.check_certificate(value)
            if path == "/deploymentId" and value not in self.get_rest_api(function_id).deployments:
                raise BadRequestException("Invalid deployment identifier specified")
        return stage.apply_operations(patch_operations)

    def check_certificate(self, certificate_id: str) -> None:
        """Raise an error for a certificate that does not exist, as far as API Gateway knows."""
        if certificate_id in self.client_certificates or ACM_CERTIFICATE.fullmatch(certificate_id):
            return
        if self.undocumented.unknown_certificate_is_not_found:
            raise ClientCertificateNotFound
        raise BadRequestException("Invalid client certificate identifier specified")

    def create_deployment(
        self,
        function_id: str,
        name: str,
        description: str = "",
        stage_variables: dict[str, str] | None = None,
        canary: dict[str, Any] | None = None,
    ) -> GatewayDeployment:
        """CreateDeployment, refused without methods and for any method without an integration.

        moto only refuses where no method has one.
        """
        api = self.get_rest_api(function_id)
        methods = [
            method
            for resource in api.resources.values()
            for method in resource.resource_methods.values()
        ]
        if not methods:
            raise NoMethodDefined
        if not all(method.method_integration for method in methods):
            raise MethodWithoutIntegration
        return api.create_deployment(name, description, stage_variables, canary)

    def generate_client_certificate(
        self, description: str | None, tags: dict[str, str] | None
    ) -> ClientCertificate:
        """GenerateClientCertificate."""
        if len(self.client_certificates) >= CLIENT_CERTIFICATES_PER_REGION:
            raise ClientCertificateLimitExceeded
        certificate = ClientCertificate(
            id=new_id(SHORT_ID_LENGTH, self.client_certificates),
            created=datetime.now(timezone.utc).replace(microsecond=0),
            description=description,
            tags=tags or {},
        )
        self.client_certificates[certificate.id] = certificate
        return certificate

    def get_client_certificate(self, certificate_id: str) -> ClientCertificate:
        """GetClientCertificate."""
        if certificate_id not in self.client_certificates:
            raise ClientCertificateNotFound
        return self.client_certificates[certificate_id]

    def delete_client_certificate(self, certificate_id: str) -> None:
        """DeleteClientCertificate.

        AWS does not document whether it refuses to delete a certificate in use. Where it does not,
        a stage that uses the certificate keeps its id as a dangling reference.
        """
        self.get_client_certificate(certificate_id)
        if not self.undocumented.deletes_attached_certificates and any(
            stage.client_certificate_id == certificate_id  # type: ignore[attr-defined]
            for api in self.apis.values()
            for stage in api.stages.values()
        ):
            raise CertificateInUse(certificate_id)
        del self.client_certificates[certificate_id]


@dataclass
class Refused:
    """Calls that are refused: of one HTTP method, or of all; `times`, or always."""

    error: ApiGatewayException
    method: str | None = None
    times: float = math.inf


class GatewayBackends(dict[tuple[str, str], GatewayBackend]):
    """The backends of one server by (account id, region), made when first asked for."""

    def __init__(self) -> None:
        super().__init__()
        self.refused: list[Refused] = []

    def __missing__(self, key: tuple[str, str]) -> GatewayBackend:
        account_id, region = key
        return self.setdefault(key, GatewayBackend(region, account_id))
