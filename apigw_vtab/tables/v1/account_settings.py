"""The table account_settings."""

from __future__ import annotations

from apigw_vtab.tables.declaration import Table
from apigw_vtab.tables.v1.reads import get

ACCOUNT_SETTINGS = Table(
    "account_settings",
    "The settings of API Gateway itself in each account and region.",
    shape="Account",
    arn="arn:{partition}:apigateway:{region}::/account",
    reads=(get("GetAccount"),),
)
