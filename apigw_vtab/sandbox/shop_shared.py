"""What the regions of the shop have in common: its accounts and its two oldest APIs."""

from __future__ import annotations

from apigw_vtab.sandbox.estate import Route, SandboxAccount

PRODUCTION = SandboxAccount("111122223333", profile="sandbox-production", region="us-east-1")
STAGING = SandboxAccount("444455556666", profile="sandbox-staging", region="eu-west-1")

ORDERS_ROUTES = (
    Route("orders", "GET", "https://orders.internal.example.com/v2/orders"),
    Route("orders", "POST", "https://orders.internal.example.com/v2/orders"),
    Route("orders/{orderId}", "GET", "https://orders.internal.example.com/v2/orders/{orderId}"),
)
PAYMENTS_ROUTES = (
    Route("charges", "POST", "https://payments.internal.example.com/charges"),
    Route("refunds", "POST", "https://payments.internal.example.com/refunds"),
)
