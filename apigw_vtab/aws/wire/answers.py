"""What an answer says: taken as it was sent, or read by botocore's parsers."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Any

from apigw_vtab.aws.response import taken_as_sent
from apigw_vtab.aws.wire.sending import WireAnswer

if TYPE_CHECKING:
    from botocore.model import OperationModel


def members_of(operation: OperationModel, answer: WireAnswer) -> dict[str, Any]:
    """Return the members of an answer by their names in AWS's model.

    Raises what boto3's client raises: ClientError where AWS refused, and botocore's other errors.
    """
    status, headers, body = answer
    found = taken_as_sent(operation, status, headers, body)
    return _parsed(operation, answer) if found is None else found


def _parsed(operation: OperationModel, answer: WireAnswer) -> dict[str, Any]:
    from botocore.awsrequest import HeadersDict
    from botocore.exceptions import ClientError

    parser = _parser(operation.service_model.resolved_protocol)
    given: dict[str, Any] = {
        "status_code": answer.status,
        "headers": HeadersDict(answer.headers),
        "body": answer.body,
        "context": {"operation_name": operation.name},
    }
    parsed: dict[str, Any] = parser.parse(given, operation.output_shape)
    if answer.status >= 300:
        raise ClientError(parsed, operation.name)
    return parsed


@functools.cache
def _parser(protocol: str) -> Any:
    from botocore.parsers import create_parser

    return create_parser(protocol)
