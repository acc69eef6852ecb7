"""Where UpdateStage patches each setting of a method, below the method's path.

"Patch operations" in the API reference:
https://docs.aws.amazon.com/apigateway/latest/api/patch-operations.html
"""

from __future__ import annotations

METHOD_SETTINGS = {
    "metricsEnabled": "metrics/enabled",
    "loggingLevel": "logging/loglevel",
    "dataTraceEnabled": "logging/dataTrace",
    "throttlingBurstLimit": "throttling/burstLimit",
    "throttlingRateLimit": "throttling/rateLimit",
    "cachingEnabled": "caching/enabled",
    "cacheTtlInSeconds": "caching/ttlInSeconds",
    "cacheDataEncrypted": "caching/dataEncrypted",
    "requireAuthorizationForCacheControl": "caching/requireAuthorizationForCacheControl",
    "unauthorizedCacheControlHeaderStrategy": "caching/unauthorizedCacheControlHeaderStrategy",
}
# -1 is no limit: AWS takes it and returns it, and Terraform's aws_api_gateway_method_settings sends
# it by default: https://github.com/hashicorp/terraform-provider-aws
LEAST_SETTINGS = {"throttlingBurstLimit": -1, "throttlingRateLimit": -1, "cacheTtlInSeconds": 0}
