"""What UpdateRestApi refuses, beyond what moto knows.

"Patch operations" in the API reference, and "Security policies for REST APIs" in the Developer
Guide: https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-security-policies.html
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from moto.apigateway.exceptions import BadRequestException

LARGEST_COMPRESSION_SIZE = 10_485_760
# A newer policy: it needs an endpoint access mode, and edge-optimized APIs have their own.
NEWER, FOR_EDGE = "SecurityPolicy_", "_EDGE"


def check_size(text: str) -> None:
    """Raise BadRequestException for a minimum compression size that AWS does not take."""
    if text and not (text.isdigit() and int(text) <= LARGEST_COMPRESSION_SIZE):
        raise BadRequestException(
            f"Invalid minimum compression size, must be between 0 and {LARGEST_COMPRESSION_SIZE}"
        )


def check_flag(text: str) -> None:
    """Raise BadRequestException for a flag that is neither true nor false."""
    if text.lower() not in ("true", "false"):
        raise BadRequestException(f"Invalid value for disableExecuteApiEndpoint: {text}")


def check_security(
    policy: str, mode: str | None, types: Iterable[str], members: Mapping[str, list[str]]
) -> None:
    """Raise BadRequestException for a security policy that does not go with the rest of an API.

    `members` has the values that AWS's model allows, by member.
    """
    if policy not in members["securityPolicy"]:
        raise BadRequestException(f"Invalid security policy specified: {policy}")
    if mode and mode not in members["endpointAccessMode"]:
        raise BadRequestException(f"Invalid endpoint access mode specified: {mode}")
    if not policy.startswith(NEWER):
        return
    if not mode:
        raise BadRequestException(f"endpointAccessMode must be set for security policy {policy}")
    if policy.endswith(FOR_EDGE) != ("EDGE" in types):
        raise BadRequestException(f"{policy} is not supported for this endpoint type")
