"""boto3 clients for a control plane; the server itself needs only the standard library."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import boto3
import botocore.session
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError

from .estate import DEFAULT_REGIONS, ServedEstate, access_key
from .handle import Plane

ACCOUNT = str(ServedEstate.numbered().accounts[0])
REGION, OTHER_REGION = DEFAULT_REGIONS[:2]
# Blind to the environment, whose AWS settings belong to other tests.
SESSION = boto3.Session(
    botocore_session=botocore.session.Session(
        session_vars={
            "profile": (None, None, None, None),
            "config_file": (None, None, os.devnull, None),
            "credentials_file": (None, None, os.devnull, None),
        }
    )
)


def client(
    plane: Plane,
    service: str = "apigateway",
    *,
    region: str = REGION,
    key: str = access_key(ACCOUNT),
    timeout: float = 20,
) -> Any:
    """A boto3 client of one lane that does not retry."""
    return SESSION.client(
        service,
        region_name=region,
        endpoint_url=plane.url,
        aws_access_key_id=key,
        aws_secret_access_key="secret",
        config=Config(
            retries={"total_max_attempts": 1},
            read_timeout=timeout,
            max_pool_connections=50,
            proxies={},
        ),
    )


def first_api(plane: Plane) -> str:
    """The id of the first REST API; finding it is a call like any other."""
    return str(client(plane).get_rest_apis(limit=1)["items"][0]["id"])


@contextmanager
def refused(code: str, status: int) -> Iterator[dict[str, Any]]:
    """The call inside is refused; yields the error that AWS answered."""
    error: dict[str, Any] = {}
    with pytest.raises(ClientError) as caught:
        yield error
    response: Any = caught.value.response
    error.update(response["Error"])
    assert (error["Code"], response["ResponseMetadata"]["HTTPStatusCode"]) == (code, status)
