"""boto3 clients for the sandbox, and what the tests of the sandbox create with them."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import Any

import boto3
import botocore.session
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError

from apigw_vtab.sandbox.accounts import SandboxProfile

Row = dict[str, Any]

REGIONS = ("us-east-1", "eu-west-1", "ap-southeast-2")
STRANGER = SandboxProfile("test", "123456789012", "AKIATEST", "secret", None, "us-east-1")


@lru_cache
def session() -> boto3.Session:
    """One session for all clients: each new one would read botocore's models again.

    It has no profile, whatever the test that opens it may have set.
    """
    no_profile = {"profile": (None, None, None, None)}
    core = botocore.session.Session(session_vars=no_profile)
    return boto3.Session(botocore_session=core)


def reach(
    endpoint_url: str, service: str, profile: SandboxProfile = STRANGER, region: str = "us-east-1"
) -> Any:
    return session().client(
        service,
        region_name=region,
        endpoint_url=endpoint_url,
        aws_access_key_id=profile.access_key,
        aws_secret_access_key=profile.secret_key,
        aws_session_token=profile.session_token,
        config=Config(retries={"total_max_attempts": 1}),
    )


def refusal(call: Callable[..., Any], **parameters: Any) -> tuple[int, str]:
    with pytest.raises(ClientError) as refused:
        call(**parameters)
    response = refused.value.response
    return response["ResponseMetadata"]["HTTPStatusCode"], response["Error"]["Code"]


def an_api(gateway: Any, **members: Any) -> str:
    """A REST API with one method, so that it can be deployed."""
    api = gateway.create_rest_api(name="api", **members)
    at = {"restApiId": api["id"], "resourceId": api["rootResourceId"], "httpMethod": "GET"}
    gateway.put_method(**at, authorizationType="NONE")
    gateway.put_integration(
        **at, type="HTTP_PROXY", integrationHttpMethod="GET", uri="https://backend.example.com"
    )
    return str(api["id"])


def a_stage(gateway: Any) -> dict[str, str]:
    """A deployed stage, by the parameters that name it."""
    api_id = an_api(gateway)
    gateway.create_deployment(restApiId=api_id, stageName="prod")
    return {"restApiId": api_id, "stageName": "prod"}


def patch(path: str, value: str) -> list[dict[str, str]]:
    return [{"op": "replace", "path": path, "value": value}]


def everything(gateway: Any) -> tuple[list[Row], list[Row], list[Row]]:
    """All REST APIs, stages and client certificates of a lane."""
    apis = gateway.get_rest_apis(limit=500)["items"]
    stages = [
        {"restApiId": api["id"], **stage}
        for api in apis
        for stage in gateway.get_stages(restApiId=api["id"])["item"]
    ]
    return apis, stages, gateway.get_client_certificates(limit=500)["items"]
