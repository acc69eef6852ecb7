"""A stage with the members that moto does not keep, and UpdateStage's patch operations."""

from __future__ import annotations

import re
from typing import Any

from moto.apigateway.exceptions import BadRequestException
from moto.apigateway.models import Stage

from apigw_vtab.sandbox.errors import InvalidPatchPath
from apigw_vtab.sandbox.wire import now, present

# The paths that UpdateStage takes ("Patch operations" in the API Gateway API reference), without
# the canary's and the operation copy.
METHOD_SETTING = re.compile(
    r"/(?P<method>.+/[^/]+)/(?P<setting>metrics/enabled|logging/(loglevel|dataTrace)"
    r"|throttling/(burstLimit|rateLimit)|caching/(enabled|ttlInSeconds|dataEncrypted"
    r"|requireAuthorizationForCacheControl|unauthorizedCacheControlHeaderStrategy))"
)
REPLACEABLE = re.compile(
    r"/(deploymentId|description|cacheClusterEnabled|cacheClusterSize|clientCertificateId"
    r"|documentationVersion|tracingEnabled|accessLogSettings/(destinationArn|format)"
    r"|variables/.+)"
)
REMOVABLE = re.compile(
    r"/(clientCertificateId|accessLogSettings|canarySettings|variables(/.+)?|.+/[^/]+)"
)


class GatewayStage(Stage):
    """A stage with its dates, its client certificate and its canary."""

    def __init__(self, **members: Any) -> None:
        super().__init__(**members)
        self.client_certificate_id: str | None = None
        self.documentation_version: str | None = None
        self.canary_settings: dict[str, Any] | None = None
        self.created_date = self.last_updated_date = now()

    def to_json(self) -> dict[str, Any]:
        """Return the members of API Gateway's Stage."""
        members = present(super().to_json())
        optional = {
            "clientCertificateId": self.client_certificate_id,
            "documentationVersion": self.documentation_version,
            "canarySettings": self.canary_settings,
        }
        always = {
            "methodSettings": self.method_settings,
            "cacheClusterEnabled": bool(self.cache_cluster_enabled),
            "cacheClusterStatus": self.cache_cluster_status or "NOT_AVAILABLE",
            "tracingEnabled": bool(self.tracing_enabled),
            "createdDate": self.created_date,
            "lastUpdatedDate": self.last_updated_date,
        }
        return {**members, **present(optional), **always}

    def apply_operations(self, patch_operations: list[dict[str, Any]]) -> GatewayStage:
        """Apply UpdateStage's patch operations, refusing all if any path is unknown."""
        for operation in patch_operations:
            pattern = REMOVABLE if operation["op"] == "remove" else REPLACEABLE
            path = operation["path"]
            if operation["op"] not in ("replace", "remove") or not (
                pattern.fullmatch(path) or METHOD_SETTING.fullmatch(path)
            ):
                raise InvalidPatchPath(path)
        for operation in patch_operations:
            if operation["op"] == "remove":
                self._remove(operation["path"])
            else:
                self._replace(operation["path"], operation.get("value") or "")
        self.last_updated_date = now()
        return self

    def _remove(self, path: str) -> None:
        if path == "/clientCertificateId":
            self.client_certificate_id = None
        elif path == "/accessLogSettings":
            self.access_log_settings = None
        elif path == "/canarySettings":
            self.canary_settings = None
        elif path == "/variables":
            self.variables = {}
        elif path.startswith("/variables/"):
            self.variables.pop(path.removeprefix("/variables/"), None)
        else:
            self.method_settings.pop(path.removeprefix("/"), None)

    def _replace(self, path: str, value: str) -> None:
        if setting := METHOD_SETTING.fullmatch(path):
            try:
                self._patch_method_setting(setting["method"], setting["setting"], value)
            except ValueError:
                raise BadRequestException(f"Invalid value for {path}: {value}") from None
        elif path == "/clientCertificateId":
            self.client_certificate_id = value or None
        elif path == "/documentationVersion":
            self.documentation_version = value or None
        else:
            super().apply_operations([{"op": "replace", "path": path, "value": value}])

    def _get_default_method_settings(self) -> dict[str, Any]:
        """Return AWS's defaults; moto's wrongly say that cached data is encrypted."""
        return {
            "metricsEnabled": False,
            "loggingLevel": "OFF",
            "dataTraceEnabled": False,
            "throttlingBurstLimit": 5000,
            "throttlingRateLimit": 10000.0,
            "cachingEnabled": False,
            "cacheTtlInSeconds": 300,
            "cacheDataEncrypted": False,
            "requireAuthorizationForCacheControl": True,
            "unauthorizedCacheControlHeaderStrategy": "SUCCEED_WITH_RESPONSE_HEADER",
        }
