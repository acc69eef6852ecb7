"""The shop in Europe."""

from __future__ import annotations

from dataclasses import replace

from apigw_vtab.sandbox import shop_access, shop_web
from apigw_vtab.sandbox.estate import (
    Api,
    Authorizer,
    Certificate,
    GatewayAnswer,
    Route,
    SandboxRegion,
    Stage,
    allow,
)
from apigw_vtab.sandbox.shop_shared import (
    LOG_ROLE,
    ORDERS_MODELS,
    ORDERS_ROUTES,
    ORDERS_VALIDATORS,
    PRODUCTION,
    STAGING,
)

SHOP_REGIONS = (
    SandboxRegion(
        PRODUCTION,
        "eu-west-1",
        log_role=LOG_ROLE,
        web_apis=shop_web.EU_WEST_1,
        web_vpc_links=shop_web.EU_WEST_1_LINKS,
        domain_names=shop_access.EU_WEST_1_NAMES,
        associations=shop_access.EU_WEST_1_ASSOCIATIONS,
        vpc_links=shop_access.EU_WEST_1_LINKS,
        usage_plans=shop_access.EU_WEST_1_PLANS,
        api_keys=shop_access.EU_WEST_1_KEYS,
        certificates=(
            Certificate("orders-eu", age=200, description="orders-api prod", tags={"env": "prod"}),
            Certificate("catalogue", age=77, description="Каталог товаров"),
            Certificate("inventory", age=341, description="inventory-internal prod"),
            Certificate("returns", age=430, description="returns portal, not renewed"),
        ),
        apis=(
            Api(
                "orders-api",
                description="Order placement and tracking",
                routes=ORDERS_ROUTES,
                validators=ORDERS_VALIDATORS,
                models=ORDERS_MODELS,
                compression=1024,
                default_endpoint_disabled=True,
                security_policy="TLS_1_2",
                version="2.4.0",
                tags={"team": "orders", "env": "prod", "cost-centre": "4100"},
                created=611,
                stages=(
                    Stage(
                        "prod",
                        certificate="orders-eu",
                        logging="ERROR",
                        metrics=True,
                        tracing=True,
                        access_log=True,
                        web_acl=True,
                        throttle=400,
                        variables={"backend": "orders.internal.example.com", "region": "euw1"},
                        tags={"team": "orders", "env": "prod"},
                        deployed=6,
                        updated=6,
                    ),
                    Stage(
                        "blue",
                        description="Previous release",
                        logging="ERROR",
                        deployed=34,
                        # Orders could not be placed yet, and were listed for everybody.
                        deployed_routes=(
                            replace(ORDERS_ROUTES[0], authorization="NONE"),
                            ORDERS_ROUTES[2],
                        ),
                    ),
                ),
            ),
            Api(
                "Каталог товаров",
                description="Товары, цены и наличие",
                routes=(Route("items", "GET", "https://catalogue.internal.example.com/items"),),
                compression=512,
                tags={"team": "catalogue", "env": "prod"},
                created=587,
                stages=(
                    Stage(
                        "prod",
                        certificate="catalogue",
                        logging="ERROR",
                        metrics=True,
                        cache="6.1",
                        cache_encrypted=True,
                        web_acl=True,
                        tags={"team": "catalogue", "env": "prod"},
                    ),
                    Stage("preview", description="Предпросмотр", cache="0.5", deployed=95),
                ),
            ),
            Api(
                "inventory-internal",
                description="Stock levels for the warehouses",
                endpoint="PRIVATE",
                vpc_endpoints=("vpce-0a1b2c3d4e5f60718",),
                policy=allow("*", StringEquals={"aws:SourceVpce": "vpce-0a1b2c3d4e5f60718"}),
                routes=(
                    Route(
                        "levels",
                        "GET",
                        "https://inventory.internal.example.com/levels",
                        link="warehouse",
                    ),
                    Route("levels", "PUT", "lambda:inventory-adjust"),
                ),
                tags={"team": "inventory", "env": "prod"},
                created=733,
                stages=(
                    Stage(
                        "prod",
                        certificate="inventory",
                        logging="INFO",
                        metrics=True,
                        tracing=True,
                        access_log=True,
                        throttle=200,
                        tags={"team": "inventory", "env": "prod"},
                    ),
                    Stage("qa", logging="INFO", data_trace=True, tags={"env": "qa"}),
                ),
            ),
            Api(
                "returns\nportal",
                description="Return labels and refunds",
                authorizers=(
                    Authorizer(
                        "return-codes",
                        "REQUEST",
                        source="method.request.header.X-Return-Code",
                        seconds=0,
                        role="invoke-authorizers",
                    ),
                ),
                routes=(
                    Route(
                        "labels",
                        "POST",
                        "https://returns.example.com/labels",
                        "CUSTOM",
                        authorizer="return-codes",
                        skips_verification=True,
                    ),
                ),
                tags={"team": "after-sales"},
                created=496,
                stages=(Stage("prod", certificate="returns", metrics=True, deployed=430),),
            ),
            Api("loyalty-draft", description="Never deployed", created=75),
        ),
    ),
    SandboxRegion(
        STAGING,
        "eu-west-1",
        certificates=(Certificate("checkout-2024", age=500, description="Left behind, expired"),),
        # Of all stages, only one of a WebSocket API still presents it.
        web_apis=shop_web.STAGING_EU_WEST_1,
        apis=(
            Api(
                "checkout 🛒",
                description="Basket and checkout pages",
                policy=allow("*"),
                answers=(
                    GatewayAnswer("DEFAULT_4XX", "400", {"Access-Control-Allow-Origin": "'*'"}),
                ),
                routes=(
                    Route("basket", "GET", "lambda:basket", "NONE"),
                    Route("basket", "OPTIONS", "mock", "NONE", proxy=False, responses=("200",)),
                    Route("health", "GET", "mock", "NONE"),
                ),
                created=233,
                stages=(
                    Stage("staging", logging="ERROR", cache="0.5", deployed=12, updated=12),
                    Stage("qa", certificate="checkout-qa", deployed=180, updated=44),
                    Stage("feature_gift-cards", created=9, deployed=9, updated=9),
                ),
            ),
        ),
    ),
)
