"""API Gateway errors that moto lacks, or has with another text or status."""

from __future__ import annotations

from moto.apigateway.exceptions import (
    ApiGatewayException,
    BadRequestException,
    NotFoundException,
)


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
        super().__init__(f"Invalid method setting path: {path}")
