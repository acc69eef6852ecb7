"""All tables, in the order in which they are listed."""

from __future__ import annotations

from apigw_vtab.tables.account import ACCOUNTS, REGIONS
from apigw_vtab.tables.local import API_CALLS, SCAN_ERRORS
from apigw_vtab.tables.v1.client_certificates import CLIENT_CERTIFICATES
from apigw_vtab.tables.v1.deployments import DEPLOYMENTS
from apigw_vtab.tables.v1.rest_apis import REST_APIS
from apigw_vtab.tables.v1.stages import STAGES

TABLES = (
    REST_APIS,
    STAGES,
    DEPLOYMENTS,
    CLIENT_CERTIFICATES,
    REGIONS,
    ACCOUNTS,
    API_CALLS,
    SCAN_ERRORS,
)
