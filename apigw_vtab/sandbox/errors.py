"""API Gateway errors that moto lacks, or has with another text or status."""

from __future__ import annotations

from moto.apigateway.exceptions import (
    ApiGatewayException,
    BadRequestException,
    NotFoundException,
)

# What AWS calls the items of a collection, by the collection's last word.
NAMES = {
    "apikeys": "API Key",
    "apimappings": "API mapping",
    "apis": "API",
    "authorizers": "Authorizer",
    "basepathmappings": "base path mapping",
    "deployments": "Deployment",
    "domainnames": "domain name",
    "gatewayresponses": "response type",
    "integrations": "Integration",
    "keys": "Usage Plan Key",
    "models": "Model",
    "parts": "Documentation part",
    "requestvalidators": "Request Validator",
    "routes": "Route",
    "stages": "stage",
    "usageplans": "Usage Plan",
    "versions": "Documentation version",
    "vpclinks": "VPC link",
}


class ClientCertificateNotFound(NotFoundException):
    """GetClientCertificate, UpdateClientCertificate, DeleteClientCertificate on an unknown id."""

    code = 404

    def __init__(self) -> None:
        super().__init__("Invalid client certificate identifier specified")


class ClientCertificateLimitExceeded(ApiGatewayException):
    """GenerateClientCertificate past the quota."""

    code = 429

    def __init__(self) -> None:
        super().__init__(
            "LimitExceededException",
            "Maximum number of client certificates for this account has been reached",
        )


class RestApiNotFound(NotFoundException):
    """Any operation on a REST API that does not exist, in AWS's own words."""

    code = 404

    def __init__(self, account_id: str, rest_api_id: str) -> None:
        super().__init__(f"Invalid API identifier specified {account_id}:{rest_api_id}")


class DeploymentNotFound(NotFoundException):
    """GetDeployment on an unknown id, where moto fails with a KeyError."""

    code = 404

    def __init__(self) -> None:
        super().__init__("Invalid Deployment identifier specified")


class InvalidPatchPath(BadRequestException):
    """UpdateStage on a path it does not know, where moto says nothing and does nothing."""

    def __init__(self, path: str) -> None:
        super().__init__(f"Invalid patch path '{path}' specified")


class MethodWithoutIntegration(BadRequestException):
    """CreateDeployment where a method has no integration, which moto calls a NotFoundException."""

    def __init__(self) -> None:
        super().__init__("No integration defined for method")


class ActiveCanary(BadRequestException):
    """CreateDeployment on a stage with a canary, without canarySettings."""

    def __init__(self, stage_name: str) -> None:
        super().__init__(
            f"Stage {stage_name} has an active canary: canarySettings must be provided"
        )


class ConcurrentModification(ApiGatewayException):
    """A change while another one is being made; it passes."""

    code = 409

    def __init__(self) -> None:
        super().__init__(
            "ConflictException",
            "Unable to complete operation due to concurrent modification. Please try again later.",
        )


class DeniedByServiceControlPolicy(ApiGatewayException):
    """Any call that a policy of the organization denies, in IAM's words."""

    code = 403

    def __init__(self, principal: str, action: str, resource: str) -> None:
        super().__init__(
            "AccessDeniedException",
            f"User: {principal} is not authorized to perform: {action} on resource: {resource} "
            "with an explicit deny in a service control policy",
        )


class CertificateInUse(BadRequestException):
    """DeleteClientCertificate while a stage has it, if AWS refuses that: it does not say."""

    def __init__(self, certificate_id: str) -> None:
        super().__init__(f"Client certificate {certificate_id} is in use by a stage")


class DocumentNotFound(NotFoundException):
    """Any operation on an unknown id, in AWS's own words where they are known."""

    code = 404

    def __init__(self, template: str) -> None:
        what = NAMES.get(template.rpartition("/")[2], "resource")
        super().__init__(f"Invalid {what} identifier specified")


class AlreadyExists(ApiGatewayException):
    """Creating what is there already."""

    code = 409

    def __init__(self, template: str) -> None:
        what = NAMES.get(template.rpartition("/")[2], "resource")
        super().__init__("ConflictException", f"{what} already exists")


class UnknownRoute(NotFoundException):
    """UpdateStage of version 2 with settings for a route that the API does not have."""

    code = 404

    def __init__(self, route: str) -> None:
        super().__init__(f"Unable to find Route by key {route} within the provided RouteSettings")


class UnknownOperation(ApiGatewayException):
    """A path that API Gateway does not have."""

    code = 403

    def __init__(self) -> None:
        super().__init__("MissingAuthenticationTokenException", "Missing Authentication Token")


class AccessDenied(ApiGatewayException):
    """A call that no policy allows, in IAM's words."""

    code = 403

    def __init__(self, principal: str, action: str, resource: str) -> None:
        super().__init__(
            "AccessDeniedException",
            f"User: {principal} is not authorized to perform: {action} on resource: {resource} "
            f"because no identity-based policy allows the {action} action",
        )
