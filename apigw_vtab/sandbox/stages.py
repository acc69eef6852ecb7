"""A stage with the members that moto does not keep, and UpdateStage's patch operations."""

from __future__ import annotations

import copy
import re
from typing import Any

from moto.apigateway.exceptions import BadRequestException
from moto.apigateway.models import Stage

from apigw_vtab.sandbox.documents.checks import check_access_log
from apigw_vtab.sandbox.errors import InvalidPatchPath
from apigw_vtab.sandbox.wire import now, present

# The paths that UpdateStage takes ("Patch operations" in the API Gateway API reference), without
# the operation copy.
METHOD_SETTING = re.compile(
    r"/(?P<method>.+/[^/]+)/(?P<setting>metrics/enabled|logging/(loglevel|dataTrace)"
    r"|throttling/(burstLimit|rateLimit)|caching/(enabled|ttlInSeconds|dataEncrypted"
    r"|requireAuthorizationForCacheControl|unauthorizedCacheControlHeaderStrategy))"
)
FLAG = re.compile(
    r"/(cacheClusterEnabled|tracingEnabled|canarySettings/useStageCache)|.*/(enabled"
    r"|dataTrace|dataEncrypted|requireAuthorizationForCacheControl)"
)
CANARY = re.compile(
    r"/canarySettings/(percentTraffic|deploymentId|useStageCache|stageVariableOverrides/[^/]+)"
)
OVERRIDE = "/canarySettings/stageVariableOverrides/"
REPLACEABLE = re.compile(
    r"/(deploymentId|description|cacheClusterEnabled|cacheClusterSize|clientCertificateId"
    r"|documentationVersion|tracingEnabled|accessLogSettings/(destinationArn|format)"
    r"|variables/.+)"
)
REMOVABLE = re.compile(
    r"/(accessLogSettings|canarySettings(/stageVariableOverrides/[^/]+)?|variables(/.+)?"
    r"|(?!canarySettings/).+/[^/]+)"
)


class GatewayStage(Stage):
    """A stage with its dates, its client certificate and its canary."""

    def __init__(self, **members: Any) -> None:
        super().__init__(**members)
        self.client_certificate_id: str | None = None
        self.documentation_version: str | None = None
        self.canary_settings: dict[str, Any] | None = None
        self.created_date = self.last_updated_date = now()
        self._lost_variables = False

    def to_json(self) -> dict[str, Any]:
        """Return the members of API Gateway's Stage."""
        members = present(super().to_json())
        optional = {
            # AWS keeps the size of a cache that was switched off.
            "cacheClusterSize": self.cache_cluster_size,
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
        if self._lost_variables and not self.variables:
            always["variables"] = {}
        return {**members, **present(optional), **always}

    def apply_operations(self, patch_operations: list[dict[str, Any]]) -> GatewayStage:
        """Apply UpdateStage's patch operations: all of them, or none."""
        before = copy.deepcopy(self.__dict__)
        try:
            for operation in patch_operations:
                self._apply(operation)
            check_access_log(self.access_log_settings)
        except BadRequestException:
            self.__dict__.clear()
            self.__dict__.update(before)
            raise
        self.last_updated_date = now()
        return self

    def _apply(self, operation: dict[str, Any]) -> None:
        path, value = operation["path"], operation.get("value") or ""
        if operation["op"] == "remove" and REMOVABLE.fullmatch(path):
            self._remove(path)
        elif operation["op"] != "replace" or not any(
            pattern.fullmatch(path) for pattern in (REPLACEABLE, METHOD_SETTING, CANARY)
        ):
            raise InvalidPatchPath(path)
        elif FLAG.fullmatch(path) and value.lower() not in ("true", "false"):
            raise BadRequestException(f"Invalid value for {path}: {value}")
        else:
            self._replace(path, value)

    def _remove(self, path: str) -> None:
        if path == "/accessLogSettings":
            self.access_log_settings = None
        elif path == "/canarySettings":
            self.canary_settings = None
        elif path.startswith(OVERRIDE):
            overrides = (self.canary_settings or {}).get("stageVariableOverrides", {})
            overrides.pop(path.removeprefix(OVERRIDE), None)
        elif path == "/variables" or path.startswith("/variables/"):
            names = [path.removeprefix("/variables/")] if path != "/variables" else self.variables
            for name in list(names):
                self._lost_variables |= self.variables.pop(name, None) is not None
        elif self.method_settings.pop(path.removeprefix("/"), None) is None:
            raise InvalidPatchPath(path)

    def _replace(self, path: str, value: str) -> None:
        if setting := METHOD_SETTING.fullmatch(path):
            try:
                self._patch_method_setting(setting["method"], setting["setting"], value)
            except ValueError:
                raise BadRequestException(f"Invalid value for {path}: {value}") from None
        elif CANARY.fullmatch(path):
            self._patch_canary(path.removeprefix("/canarySettings/"), value)
        elif path == "/clientCertificateId":
            self.client_certificate_id = value or None
        elif path == "/documentationVersion":
            self.documentation_version = value or None
        elif path.startswith("/variables/"):
            self.variables[path.removeprefix("/variables/")] = value
        else:
            super().apply_operations([{"op": "replace", "path": path, "value": value}])

    def _patch_canary(self, member: str, value: str) -> None:
        settings = self.canary_settings = self.canary_settings or {}
        if member == "percentTraffic":
            try:
                settings[member] = float(value)
            except ValueError:
                raise BadRequestException(f"Invalid value for {member}: {value}") from None
        elif member == "useStageCache":
            settings[member] = value.lower() == "true"
        elif member == "deploymentId":
            settings[member] = value
        else:
            name = member.removeprefix("stageVariableOverrides/")
            settings.setdefault("stageVariableOverrides", {})[name] = value

    def _get_default_method_settings(self) -> dict[str, Any]:
        """Return what the first patch of a method fills in: nine members, without loggingLevel.

        moto's wrongly say that cached data is encrypted.
        """
        return {
            "metricsEnabled": False,
            "dataTraceEnabled": False,
            "throttlingBurstLimit": 5000,
            "throttlingRateLimit": 10000.0,
            "cachingEnabled": False,
            "cacheTtlInSeconds": 300,
            "cacheDataEncrypted": False,
            "requireAuthorizationForCacheControl": True,
            "unauthorizedCacheControlHeaderStrategy": "SUCCEED_WITH_RESPONSE_HEADER",
        }
