"""The estate that all three read: production of the sandbox's shop, and a region of hard cases.

Each case is named for what is odd about it, so that a row of the table of differences says it.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timezone

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from apigw_vtab.sandbox import process, shop
from apigw_vtab.sandbox.estate import (
    AcmCertificate,
    Api,
    Authorizer,
    Certificate,
    Route,
    SandboxRegion,
    Stage,
    allow,
)
from apigw_vtab.sandbox.estate_access import DomainName
from apigw_vtab.sandbox.estate_web import (
    WebApi,
    WebAuthorizer,
    WebIntegration,
    WebRoute,
    WebStage,
)
from apigw_vtab.sandbox.gateway import GatewayBackend
from apigw_vtab.sandbox.identities import session_of
from apigw_vtab.sandbox.seeding import populate
from apigw_vtab.sandbox.shop_shared import PRODUCTION
from apigw_vtab.sandbox.stages import GatewayStage

ACCOUNT = PRODUCTION
HARD_REGION = "eu-central-1"
ENCRYPTED, PLAIN = {"cacheDataEncrypted": True}, {"cacheDataEncrypted": False}
CACHES, LOGS, SILENT = {"cachingEnabled": True}, {"loggingLevel": "INFO"}, {"loggingLevel": "OFF"}
OF_AWS = {"aws:cloudformation:stack-name": "items"}
IAM = Route("items", "GET", "https://items.example.com")
OPEN = Route("items", "GET", "https://items.example.com", "NONE")
PREFLIGHT = Route("items", "OPTIONS", "mock", "NONE", proxy=False, responses=("200",))
TOKENS = Authorizer("tokens")
# Parts are joined here, so that no scanner takes this file for a leak.
MADE_UP_KEY = "AKIA" + "Q3EGSDF7WXYZ2KLM"
MADE_UP_TOKEN = "glpat-" + "x7Rk2pQv9LmZ4tYw8BnC"


def _private_key() -> str:
    """Make a private key that belongs to nobody: scanners know a shortened one for what it is."""
    key = rsa.generate_private_key(65537, 2048)
    form = serialization.PrivateFormat.TraditionalOpenSSL
    return key.private_bytes(
        serialization.Encoding.PEM, form, serialization.NoEncryption()
    ).decode()


CACHE_CASES = Api(
    "cache",
    routes=(IAM, PREFLIGHT),
    stages=(
        Stage("all-encrypted", cache="0.5", cache_encrypted=True),
        Stage("one-plain", cache="0.5", cache_encrypted=True, overrides={"items/GET": PLAIN}),
        Stage("one-encrypted", cache="0.5", overrides={"items/GET": ENCRYPTED}),
        Stage("cluster-off", overrides={"*/*": CACHES}),
        Stage("cluster-off-encrypted", overrides={"*/*": CACHES | ENCRYPTED}),
        Stage("nothing-set", cache="0.5"),
        Stage("no-method-caches", cache="0.5", overrides={"*/*": {"cachingEnabled": False}}),
    ),
)
LOGGING_CASES = Api(
    "logging",
    routes=(IAM,),
    policy=allow("*"),
    stages=(
        Stage("errors", logging="ERROR", tracing=True, metrics=True),
        Stage("one-silent", logging="INFO", overrides={"items/GET": SILENT}),
        Stage("only-one-logs", overrides={"items/GET": LOGS}),
        Stage("only-one-silent", overrides={"items/GET": SILENT}),
        Stage("only-access-log", access_log=True),
        Stage(
            "one-without-metrics", metrics=True, overrides={"items/GET": {"metricsEnabled": False}}
        ),
        Stage("one-traces-data", overrides={"items/GET": LOGS | {"dataTraceEnabled": True}}),
        Stage("classic-web-acl"),
        Stage("web-acl", web_acl=True),
        Stage("expires-in-35-days", certificate="in-35-days"),
        Stage("expires-in-25-days", certificate="in-25-days"),
        Stage("expires-soon-in-acm", acm_certificate="soon"),
    ),
)
ACCESS_CASES = (
    Api("no-methods", stages=(Stage("tags-of-aws", tags=OF_AWS),), tags=OF_AWS),
    Api("only-preflight", routes=(PREFLIGHT,)),
    Api("preflight-beside-iam", routes=(IAM, PREFLIGHT)),
    Api("open", routes=(OPEN,)),
    Api("unused-authorizer", routes=(OPEN,), authorizers=(TOKENS,)),
    Api(
        "one-open-method",
        routes=(IAM, Route("items", "POST", "lambda:items", "NONE", api_key=True)),
    ),
    Api(
        "request-authorizer",
        endpoint="EDGE",
        routes=(Route("items", "GET", "lambda:items", "CUSTOM", authorizer="codes"),),
        authorizers=(Authorizer("codes", "REQUEST", source="method.request.header.X-Code"),),
    ),
    Api(
        "user-pool",
        routes=(Route("items", "GET", "lambda:items", "COGNITO_USER_POOLS", authorizer="users"),),
        authorizers=(Authorizer("users", "COGNITO_USER_POOLS"),),
    ),
    Api("private-open", endpoint="PRIVATE", routes=(OPEN,)),
    Api("private-authorizer", endpoint="PRIVATE", routes=(OPEN,), authorizers=(TOKENS,)),
)
SECRET_CASES = Api(
    "variables",
    routes=(IAM,),
    stages=(
        Stage("access-key", variables={"account": MADE_UP_KEY}),
        Stage("token", variables={"gitlab": MADE_UP_TOKEN}),
        Stage("private-key", variables={"signer": _private_key()}),
        Stage("password-by-name", variables={"db_password": "correct-horse-battery-1"}),
        Stage("secret-by-name", variables={"clientSecret": "9fQ2xLr7VbT4mKp8"}),
        Stage(
            "password-in-url",
            variables={"db": "postgres://shop:tr0ub4dor3@db.shop.internal:5432/shop"},
        ),
        Stage(
            "reference",
            variables={"db_password": "arn:aws:secretsmanager:eu-central-1:111122223333:secret:db"},
        ),
        Stage("harmless", variables={"commit": "3f786850e387550fdab836ed7e6dc881de23001b"}),
        Stage("in-the-canary", variables={"mode": "live"}, canary_percent=5.0),
        Stage("none"),
    ),
)
DOMAIN_CASES = tuple(
    DomainName(
        f"{name}.example.com",
        security_policy=policy,
        access_mode="STRICT" if policy.startswith("SecurityPolicy_") else None,
    )
    for name, policy in {
        "pq": "SecurityPolicy_TLS13_1_2_PQ_2025_09",
        "pq-fips-pfs": "SecurityPolicy_TLS13_1_2_FIPS_PFS_PQ_2025_09",
        "pq-ext2": "SecurityPolicy_TLS13_1_2_Ext2_PQ_2025_09",
        "tls13": "SecurityPolicy_TLS13_1_3_2025_09",
        "tls12": "TLS_1_2",
        "tls10": "TLS_1_0",
    }.items()
)
BACKEND = (WebIntegration("items", "lambda:items", payload="2.0"),)
WEB_CASES = (
    WebApi(
        "last-stage-logs",
        integrations=BACKEND,
        routes=(WebRoute("GET /items", "items", "JWT", "tokens"), WebRoute("$default", "items")),
        authorizers=(WebAuthorizer("tokens", issuer="https://id.example.com", audience=("a",)),),
        stages=(WebStage("a-silent"), WebStage("b-logs", access_log=True, metrics=True)),
        tags=OF_AWS,
    ),
    WebApi(
        "last-stage-silent",
        integrations=BACKEND,
        routes=(WebRoute("GET /items", "items", "AWS_IAM"),),
        cors={"allowOrigins": ["*"]},
        stages=(WebStage("a-logs", access_log=True), WebStage("b-silent")),
        tags={"team": "items"},
    ),
    WebApi(
        "web-sockets",
        protocol="WEBSOCKET",
        integrations=(WebIntegration("items", "lambda:items", method="POST"),),
        routes=(WebRoute("$connect", "items", "CUSTOM", "codes"), WebRoute("$default", "items")),
        authorizers=(WebAuthorizer("codes", sources=("route.request.header.X-Code",)),),
        stages=(WebStage("live", access_log=True, logging="ERROR"),),
    ),
    WebApi(
        "open-web-sockets",
        protocol="WEBSOCKET",
        integrations=(WebIntegration("items", "lambda:items", method="POST"),),
        routes=(WebRoute("$connect", "items"), WebRoute("$default", "items")),
        stages=(WebStage("live"),),
    ),
    WebApi("no-stages", integrations=BACKEND, routes=(WebRoute("$default", "items"),)),
)
HARD_CASES = SandboxRegion(
    ACCOUNT,
    HARD_REGION,
    apis=(CACHE_CASES, LOGGING_CASES, *ACCESS_CASES, SECRET_CASES),
    web_apis=WEB_CASES,
    domain_names=DOMAIN_CASES,
    certificates=(
        # Neither side's way to count days at the limit of 30 makes a difference here.
        Certificate("in-35-days", age=330),
        Certificate("in-25-days", age=340),
        Certificate("fresh", age=1),
    ),
    acm_certificates=(AcmCertificate("soon", "items.example.com", ends=5),),
)
REGIONS = (*(one for one in shop.SHOP_REGIONS if one.account is ACCOUNT), HARD_CASES)
REGION_NAMES = tuple(one.region for one in REGIONS)


@contextmanager
def served() -> Iterator[dict[str, str]]:
    """Serve the estate on loopback; yield the environment in which an AWS client reads it."""
    for setting in process.MOTO_SETTINGS:
        os.environ.pop(setting, None)
    server = process.serve()
    populate(server.backends, REGIONS, datetime.now(timezone.utc).date())
    _finish(server.backends[ACCOUNT.id, HARD_REGION])
    keys = session_of(ACCOUNT, ACCOUNT.roles[0])
    try:
        yield {
            "AWS_ENDPOINT_URL": server.endpoint_url,
            "AWS_ACCESS_KEY_ID": keys.access_key,
            "AWS_SECRET_ACCESS_KEY": keys.secret_key,
            "AWS_SESSION_TOKEN": keys.session_token or "",
            "AWS_DEFAULT_REGION": REGION_NAMES[0],
        }
    finally:
        server.stop()


def _finish(backend: GatewayBackend) -> None:
    """Set what the estate's declarations have no word for."""
    stages = {
        (api.name, stage.name): stage
        for api in backend.apis.values()
        for stage in api.stages.values()
        if isinstance(stage, GatewayStage)
    }
    stages["cache", "nothing-set"].method_settings = {}
    stages[
        "logging", "classic-web-acl"
    ].web_acl_arn = (
        f"arn:aws:waf-regional:{HARD_REGION}:{ACCOUNT.id}:webacl/0f1e2d3c-4b5a-6978-8796-a5b4c3"
    )
    canary = stages["variables", "in-the-canary"].canary_settings or {}
    canary["stageVariableOverrides"] = {"signer": MADE_UP_KEY}
