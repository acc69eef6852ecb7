"""Which of boto3's services are one to AWS."""

from __future__ import annotations

# Both versions of API Gateway: one quota in each account and region, and one prefix in IAM.
API_GATEWAY = frozenset(("apigateway", "apigatewayv2"))
