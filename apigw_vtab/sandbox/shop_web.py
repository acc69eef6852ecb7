"""The shop's HTTP and WebSocket APIs, region by region, their links, and portals."""

from __future__ import annotations

from apigw_vtab.sandbox.estate_web import (
    Portal,
    PortalProduct,
    WebApi,
    WebAuthorizer,
    WebIntegration,
    WebModel,
    WebRoute,
    WebStage,
    WebVpcLink,
)

POOL = "https://cognito-idp.us-east-1.amazonaws.com/us-east-1_shop-users"
QUEUE = {"QueueUrl": "https://sqs.us-east-1.amazonaws.com/111122223333/webhooks"}

US_EAST_1 = (
    WebApi(
        "storefront",
        description="Product pages and baskets",
        version="3.1",
        address_type="dualstack",
        authorizers=(
            WebAuthorizer("shop-users", issuer=POOL, audience=("storefront",)),
            WebAuthorizer(
                "guests",
                sources=("$request.header.X-Guest",),
                seconds=300,
                payload="2.0",
                simple=True,
                role="invoke-authorizers",
            ),
        ),
        integrations=(
            WebIntegration("products", "lambda:products", payload="2.0", description="Catalogue"),
            WebIntegration(
                "baskets",
                "storefront/50dc6c495c0c9188/0467ef3c8400ae65",
                link="storefront",
                server_name="baskets.internal.example.com",
                method="ANY",
                payload="1.0",
                parameters={"append:header.tenant": "shop"},
            ),
            WebIntegration(
                "pages",
                "https://pages.example.com",
                method="GET",
                payload="1.0",
                more={"responseParameters": {"404": {"overwrite:statuscode": "200"}}},
            ),
        ),
        routes=(
            WebRoute("GET /products", "products"),
            WebRoute("GET /products/{productId}", "products", operation="GetProduct"),
            WebRoute("GET /basket", "baskets", "JWT", "shop-users", scopes=("basket.read",)),
            WebRoute("POST /basket", "baskets", "JWT", "shop-users", scopes=("basket.write",)),
            WebRoute("GET /guest", "baskets", "CUSTOM", "guests"),
            WebRoute("POST /prices", "products", "AWS_IAM"),
            WebRoute("$default", "pages"),
        ),
        cors={
            "allowOrigins": ["https://shop.example.com"],
            "allowMethods": ["GET", "POST"],
            "allowHeaders": ["authorization"],
            "allowCredentials": True,
            "maxAge": 3600,
        },
        stages=(
            WebStage(
                "$default",
                auto_deploy=True,
                access_log=True,
                throttle=(500.0, 1000),
                metrics=True,
                routes={"POST /basket": {"throttlingRateLimit": 50.0, "throttlingBurstLimit": 100}},
                tags={"team": "storefront", "env": "prod"},
                deployed=2,
                updated=2,
            ),
            WebStage(
                "preview",
                description="For editors",
                access_log=True,
                variables={"pages": "pages-preview.example.com"},
            ),
        ),
        tags={"team": "storefront", "env": "prod"},
        created=520,
    ),
    WebApi(
        "webhooks",
        description="Calls of payment and parcel services",
        default_endpoint_disabled=True,
        integrations=(
            WebIntegration("queue", "SQS-SendMessage", role="send-webhooks", parameters=QUEUE),
            WebIntegration(
                "parcels",
                "parcels/1f2e3d4c5b6a7980/89abcdef01234567",
                link="storefront",
                method="POST",
                payload="1.0",
                timeout=5000,
            ),
        ),
        routes=(
            WebRoute("POST /payments", "queue"),
            WebRoute("POST /parcels", "parcels", "AWS_IAM"),
        ),
        stages=(WebStage("prod", deployed=190, updated=33),),
        created=610,
    ),
    WebApi(
        "order-updates",
        protocol="WEBSOCKET",
        description="Tells customers where their parcels are",
        integrations=(
            WebIntegration("connections", "lambda:connections", method="POST"),
            WebIntegration("ping", "mock", templates={"200": '{"statusCode": 200}'}),
        ),
        routes=(
            WebRoute("$connect", "connections", "AWS_IAM"),
            WebRoute("$disconnect", "connections"),
            WebRoute("ping", "ping", api_key=True),
        ),
        stages=(
            WebStage(
                "live",
                access_log=True,
                logging="ERROR",
                data_trace=False,
                metrics=True,
                throttle=(200.0, 400),
                tags={"team": "orders"},
                deployed=61,
                updated=61,
            ),
            WebStage("debug", logging="INFO", data_trace=True, deployed=3, updated=3),
        ),
        tags={"team": "orders"},
        created=430,
    ),
)
US_EAST_1_LINKS = (
    WebVpcLink(
        "storefront",
        subnets=("subnet-0aa11bb22cc33dd44", "subnet-0ee55ff66aa77bb88"),
        groups=("sg-0123456789abcdef0",),
        tags={"team": "storefront"},
    ),
    WebVpcLink(
        "forgotten",
        subnets=("subnet-0aa11bb22cc33dd44",),
        status="INACTIVE",
        message="No traffic for 60 days",
        created=880,
    ),
)
PORTAL_PRODUCTS = (
    PortalProduct("Orders", description="Place and track orders", tags={"team": "orders"}),
    PortalProduct("Stock and prices", modified=95),
    PortalProduct("Parcels", description="Of our carrier", owner="777788889999"),
)
PORTALS = (
    Portal(
        "Shop for developers",
        description="All that partners may call",
        products=("Orders", "Stock and prices"),
        domain="developers.shop.example.com",
        published=12,
        status="PUBLISHED",
        monitor="developers",
        tags={"team": "partner"},
    ),
    Portal(
        "Hackathon",
        products=("Orders",),
        needs_sign_in=False,
        status="PUBLISH_FAILED",
        failure="A product has no page.",
        modified=200,
    ),
    Portal("Next portal", needs_sign_in=False, has_preview=True, modified=1),
)

STAGING_US_EAST_1 = (
    # Made by quick create, and forgotten.
    WebApi(
        "hello-from-the-tutorial",
        integrations=(
            WebIntegration(
                "hello", "lambda:hello", payload="2.0", more={"apiGatewayManaged": True}
            ),
        ),
        routes=(WebRoute("$default", "hello"),),
        cors={"allowOrigins": ["*"]},
        stages=(WebStage("$default", auto_deploy=True, deployed=700, updated=700),),
        is_managed=True,
        created=700,
    ),
)

CHAT_MODELS = (
    WebModel("Message", {"type": "object", "required": ["text"]}, "What a customer writes"),
    WebModel("Empty", {"type": "object"}),
)
EU_WEST_1 = (
    WebApi(
        "customer-chat",
        protocol="WEBSOCKET",
        description="Поддержка покупателей",
        models=CHAT_MODELS,
        authorizers=(
            WebAuthorizer(
                "chat-tokens",
                sources=("route.request.querystring.token",),
            ),
        ),
        integrations=(
            WebIntegration(
                "chat",
                "https://chat.internal.example.com/messages",
                method="POST",
                templates={"$default": "$input.json('$')"},
                responses=("$default", "/5\\d\\d/"),
            ),
        ),
        routes=(
            WebRoute(
                "$connect",
                "chat",
                "CUSTOM",
                "chat-tokens",
                parameters={"route.request.querystring.token": {"required": True}},
            ),
            WebRoute("send", "chat", models={"$default": "Message"}, responses=("$default",)),
            WebRoute("typing", "chat", responses=("$default",)),
        ),
        stages=(WebStage("prod", logging="OFF", throttle=(50.0, 100), tags={"env": "prod"}),),
        created=240,
    ),
)
EU_WEST_1_LINKS = (WebVpcLink("chat", subnets=("subnet-0cc11dd22ee33ff44",), created=60),)

STAGING_EU_WEST_1 = (
    # Of all stages, only this one still presents its certificate.
    WebApi(
        "checkout-events",
        protocol="WEBSOCKET",
        integrations=(WebIntegration("events", "https://events.example.com", method="POST"),),
        routes=(WebRoute("$connect", "events"),),
        stages=(WebStage("live", certificate="checkout-2024"),),
    ),
)

AP_SOUTHEAST_2 = (
    WebApi(
        "検索ログ",
        description="検索の記録",
        import_info=("Ignored the extension x-internal.",),
        warnings=("Parse issue: paths./log.get.operationId is repeated.",),
        integrations=(WebIntegration("log", "http://log.internal.example.com", method="POST"),),
        routes=(WebRoute("POST /log", "log"),),
        stages=(
            WebStage(
                "$default",
                auto_deploy=True,
                failure="Invalid stage variable reference: hostt",
                throttle=(100.0, 100),
            ),
        ),
        created=90,
    ),
)
