"""What AWS says when it refuses a request, service by service."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .lanes import partition
from .log import ServedCall
from .wire import JSON_SERVICES, AwsError

INVALID_TOKEN = "The security token included in the request is invalid"
EXPIRED_TOKEN = "The security token included in the request is expired"
FAILURE = "The request processing has failed because of an unknown error, exception or failure."

#: By kind of fault and service: HTTP status, error code, message.
REFUSALS: Mapping[str, Mapping[str, tuple[int, str, str]]] = {
    "internal-error": {
        "apigateway": (500, "InternalFailure", FAILURE),
        "sts": (500, "InternalFailure", FAILURE),
        "ec2": (500, "InternalError", "An internal error has occurred"),
    },
    "unavailable": {
        "apigateway": (503, "ServiceUnavailableException", "Service Unavailable"),
        "sts": (503, "ServiceUnavailable", "Service Unavailable"),
        "ec2": (503, "Unavailable", "The server is overloaded and can't handle the request."),
    },
    "throttle": {
        "apigateway": (429, "TooManyRequestsException", "Too Many Requests"),
        "sso": (429, "TooManyRequestsException", "HTTP 429 Unknown Code"),
        "sts": (400, "Throttling", "Rate exceeded"),
        "ec2": (503, "RequestLimitExceeded", "Request limit exceeded."),
    },
    "conflict": {
        "apigateway": (
            409,
            "ConflictException",
            "Unable to complete operation due to concurrent modification. Please try again later.",
        ),
    },
    "disabled": {
        "apigateway": (403, "UnrecognizedClientException", f"{INVALID_TOKEN}."),
        "sts": (403, "InvalidClientTokenId", f"{INVALID_TOKEN}."),
        "ec2": (
            401,
            "AuthFailure",
            "AWS was not able to validate the provided access credentials",
        ),
    },
    "expired": {
        "apigateway": (403, "ExpiredTokenException", EXPIRED_TOKEN),
        "sts": (403, "ExpiredToken", EXPIRED_TOKEN),
        "ec2": (400, "RequestExpired", "Request has expired."),
        "sso": (401, "UnauthorizedException", "Session token not found or invalid"),
        "sso-oauth": (400, "InvalidGrantException", "Invalid refresh token provided"),
    },
}
#: Those of the services that speak JSON 1.1.
JSON_REFUSALS: Mapping[str, tuple[int, str, str]] = {
    "internal-error": (500, "InternalFailure", FAILURE),
    "unavailable": (503, "ServiceUnavailableException", "Service Unavailable"),
    "throttle": (400, "ThrottlingException", "Rate exceeded"),
    "disabled": (400, "UnrecognizedClientException", f"{INVALID_TOKEN}."),
    "expired": (400, "ExpiredTokenException", EXPIRED_TOKEN),
}
BY_SCP = "with an explicit deny in a service control policy"
DENIED_CODES = {
    "apigateway": "AccessDeniedException",
    "sts": "AccessDenied",
    "ec2": "UnauthorizedOperation",
}


def refusal(kind: str, service: str) -> AwsError:
    """The refusal of a kind that is the same whatever was asked."""
    if service in JSON_SERVICES and kind in JSON_REFUSALS:
        return AwsError(*JSON_REFUSALS[kind])
    by_service = REFUSALS[kind]
    return AwsError(*by_service.get(service, by_service["apigateway"]))


def denied(service: str, who: str, action: str, resource: str, why: str = "") -> AwsError:
    """The refusal of a call that no policy allows, in IAM's words."""
    why = why or f"because no identity-based policy allows the {action} action"
    message = f"User: {who} is not authorized to perform: {action} on resource: {resource} {why}"
    if service == "ec2":
        message = f"You are not authorized to perform this operation. {message}"
    if service in JSON_SERVICES:
        return AwsError(400, "AccessDeniedException", message)
    return AwsError(403, DENIED_CODES[service], message)


def denied_call(call: ServedCall, method: str, path: str, why: str = "") -> AwsError:
    """`denied` for a call: API Gateway's actions are HTTP methods, its resources are paths.

    "Control access to REST API management" in the developer guide.
    """
    if call.service == "apigateway":
        resource = f"arn:{partition(call.region)}:apigateway:{call.region}::{path}"
        return denied(call.service, call.principal, f"apigateway:{method}", resource, why)
    if call.service == "sso":
        return not_assigned()
    names = ("RoleArn", "CertificateArn", "ARN")
    resource = next((str(call.params[one]) for one in names if one in call.params), "*")
    return denied(call.service, call.principal, f"{call.service}:{call.operation}", resource, why)


def not_assigned() -> AwsError:
    """What IAM Identity Center says of a role that the user has not been assigned."""
    return AwsError(403, "ForbiddenException", "No access")


def no_rest_api(account: str, rest_api_id: str) -> AwsError:
    """What API Gateway says about a REST API that does not exist."""
    message = f"Invalid API identifier specified {account}:{rest_api_id}"
    return AwsError(404, "NotFoundException", message)


def no_stage() -> AwsError:
    """What API Gateway says about a stage that does not exist."""
    return AwsError(404, "NotFoundException", "Invalid stage identifier specified")


def no_certificate() -> AwsError:
    """What API Gateway says about a client certificate that does not exist."""
    return AwsError(404, "NotFoundException", "Invalid client certificate identifier specified")


def no_deployment() -> AwsError:
    """What API Gateway says about a deployment that does not exist."""
    return AwsError(404, "NotFoundException", "Invalid Deployment identifier specified")


def bad_request(message: str) -> AwsError:
    """API Gateway's refusal of a parameter."""
    return AwsError(400, "BadRequestException", message)


def unknown_operation(service: str, params: Mapping[str, Any]) -> AwsError:
    """The refusal of an operation that the service does not have."""
    if service == "apigateway":
        return AwsError(403, "MissingAuthenticationTokenException", "Missing Authentication Token")
    if service in JSON_SERVICES:
        return AwsError(400, "UnknownOperationException", "")
    message = f"The action {params.get('Action')} is not valid for this web service."
    return AwsError(400, "InvalidAction", message)


def unsigned() -> AwsError:
    """The refusal of a request without a signature."""
    return AwsError(403, "MissingAuthenticationTokenException", "Missing Authentication Token")
