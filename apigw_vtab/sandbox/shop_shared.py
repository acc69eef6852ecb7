"""What the regions of the shop have in common: its accounts and its two oldest APIs."""

from __future__ import annotations

from apigw_vtab.sandbox.estate import (
    Authorizer,
    Documentation,
    GatewayAnswer,
    Model,
    Route,
    SandboxAccount,
    Validator,
)

PRODUCTION = SandboxAccount("111122223333", profile="sandbox-production", region="us-east-1")
STAGING = SandboxAccount("444455556666", profile="sandbox-staging", region="eu-west-1")

LOG_ROLE = "api-gateway-logs"

ORDER_ID = "method.request.path.orderId"
ORDERS_ROUTES = (
    Route(
        "orders",
        "GET",
        "https://orders.internal.example.com/v2/orders",
        operation="ListOrders",
        parameters={"method.request.querystring.page": False},
        validator="parameters",
        responses=("200", "400"),
    ),
    Route(
        "orders",
        "POST",
        "https://orders.internal.example.com/v2/orders",
        operation="PlaceOrder",
        validator="body",
        model="Order",
        responses=("200", "400"),
    ),
    Route(
        "orders/{orderId}",
        "GET",
        "https://orders.internal.example.com/v2/orders/{orderId}",
        parameters={ORDER_ID: True},
        more={
            "requestParameters": {"integration.request.path.orderId": ORDER_ID},
            "cacheKeyParameters": [ORDER_ID],
        },
    ),
)
ORDERS_VALIDATORS = (Validator("body", body=True), Validator("parameters", parameters=True))
ORDERS_MODELS = (
    Model(
        "Order",
        {"type": "object", "required": ["items"], "properties": {"items": {"type": "array"}}},
        "What a customer orders",
    ),
    Model("Empty", {"type": "object"}),
)
ORDERS_ANSWERS = (
    GatewayAnswer("UNAUTHORIZED", "401", {"WWW-Authenticate": "'Bearer'"}),
    GatewayAnswer("DEFAULT_5XX", "500", template='{"error": "try again"}'),
)
ORDERS_DOCUMENTATION = (
    Documentation("API", {"description": "Order placement and tracking"}),
    Documentation("RESOURCE", {"description": "Orders of a customer"}, path="/orders"),
    Documentation("METHOD", {"summary": "Place an order"}, path="/orders", method="POST"),
    Documentation(
        "RESPONSE", {"description": "Placed"}, path="/orders", method="POST", status="200"
    ),
    Documentation(
        "QUERY_PARAMETER",
        {"description": "From 1"},
        path="/orders",
        method="GET",
        name="page",
    ),
)
ORDERS_VERSIONS = {"2.3.0": None, "2.4.0": "Pages of orders"}

PAYMENTS_ROUTES = (
    Route(
        "charges",
        "POST",
        "https://payments.internal.example.com/charges",
        operation="Charge",
        validator="everything",
        model="Charge",
        more={"timeoutInMillis": 10_000},
    ),
    # Nothing checks what is sent here.
    Route("refunds", "POST", "https://payments.internal.example.com/refunds", model="Charge"),
)
PAYMENTS_VALIDATORS = (Validator("everything", body=True, parameters=True), Validator("nothing"))
PAYMENTS_MODELS = (
    Model("Charge", {"type": "object", "required": ["amount", "currency"]}, "A card payment"),
)

SESSION_AUTHORIZERS = (
    Authorizer("session-tokens", validation="^Bearer .+$", seconds=60),
    Authorizer("shop-users", "COGNITO_USER_POOLS"),
)
