"""How customers and partners reach the shop: domain names, usage plans, API keys, VPC links."""

from __future__ import annotations

from apigw_vtab.sandbox.estate_access import (
    AccessAssociation,
    ApiKey,
    DomainName,
    Mapped,
    PlanStage,
    RoutingRule,
    UsagePlan,
    VpcLink,
)

PARTNER_ACCOUNT = "777788889999"
PARTNERS = 'Partner "B2B" gateway'

US_EAST_1_NAMES = (
    DomainName(
        "api.shop.example.com",
        security_policy="SecurityPolicy_TLS13_1_3_2025_09",
        access_mode="STRICT",
        mappings=(
            Mapped("orders", "orders-api", "prod"),
            Mapped("payments", "payments-api", "prod"),
            Mapped("payments/dr", "payments-api", "dr"),
        ),
        tags={"team": "platform", "env": "prod"},
    ),
    DomainName(
        "partners.shop.example.com",
        mutual_tls=True,
        routing="ROUTING_RULE_THEN_BASE_PATH_MAPPING",
        mappings=(Mapped("(none)", PARTNERS, "prod"),),
        rules=(
            RoutingRule(10, PARTNERS, "sandbox", header=("x-sandbox", "true")),
            RoutingRule(20, PARTNERS, "prod", base_path="b2b"),
        ),
        tags={"team": "partner"},
        uploaded=20,
    ),
    DomainName(
        "store.shop.example.com",
        address_type="dualstack",
        mappings=(Mapped("(none)", "storefront", "$default", is_web=True),),
    ),
    # Still open to clients of 2010.
    DomainName(
        "soap.shop.example.com",
        endpoint="EDGE",
        security_policy="TLS_1_0",
        mappings=(Mapped("(none)", "legacy-soap-bridge", "production"),),
        uploaded=1100,
    ),
    DomainName(
        "login.shop.example.com",
        endpoint="EDGE",
        mappings=(Mapped("(none)", "Identity, sign-in & sessions", "prod"),),
    ),
    DomainName("prices.partner.example.com", endpoint="PRIVATE", owner=PARTNER_ACCOUNT),
)
US_EAST_1_ASSOCIATIONS = (
    AccessAssociation(
        "prices.partner.example.com", "vpce-0f1e2d3c4b5a69788", owner=PARTNER_ACCOUNT
    ),
)
US_EAST_1_KEYS = (
    ApiKey(
        "reseller-north",
        customer="C-1001",
        description="North Ltd",
        tags={"team": "partner"},
        created=640,
        updated=80,
    ),
    ApiKey("reseller-south", customer="C-1002", description="South GmbH"),
    # It left, and its key was disabled, not deleted.
    ApiKey("reseller-west", enabled=False, created=900, updated=410),
    ApiKey(
        "load-test",
        stages=(PlanStage("legacy-soap-bridge", "uat"),),
        created=1200,
        updated=1200,
    ),
)
US_EAST_1_PLANS = (
    UsagePlan(
        "partners-gold",
        stages=(PlanStage(PARTNERS, "prod", {"/stock/GET": 20}),),
        keys=("reseller-north", "reseller-south"),
        rate=50.0,
        burst=100,
        quota=(1_000_000, "MONTH"),
        description="Resellers under contract",
        product="prod-7h2k4l9m",
        tags={"team": "partner"},
    ),
    UsagePlan(
        "partners-trial",
        stages=(PlanStage(PARTNERS, "sandbox"),),
        keys=("reseller-west",),
        rate=5.0,
        burst=10,
        description="Thirty days for nothing",
    ),
    # Without a limit of any kind.
    UsagePlan("internal", stages=(PlanStage("orders-api", "beta"),), keys=("load-test",)),
    UsagePlan("partners-2019", rate=1.0, burst=1, quota=(100, "DAY")),
)
US_EAST_1_LINKS = (
    VpcLink(
        "soap-bridge",
        "soap",
        description="To the old warehouse system",
        tags={"team": "warehouse"},
    ),
    VpcLink(
        "retired",
        "gone",
        status="FAILED",
        message="The network load balancer no longer exists.",
    ),
)

STAGING_NAMES = (
    DomainName(
        "api.staging.example.com",
        security_policy="TLS_1_0",
        mappings=(Mapped("orders", "orders-api", "staging"),),
        uploaded=350,
    ),
    DomainName("unused.staging.example.com"),
)
STAGING_PLANS = (UsagePlan("testers", stages=(PlanStage("orders-api", "load-test"),)),)

EU_WEST_1_NAMES = (
    DomainName(
        "api.eu.shop.example.com",
        security_policy="TLS_1_2",
        routing="ROUTING_RULE_ONLY",
        rules=(RoutingRule(1, "orders-api", "prod", base_path="orders"),),
        tags={"team": "platform"},
    ),
    DomainName(
        "chat.eu.shop.example.com",
        status="PENDING_CERTIFICATE_REIMPORT",
        mappings=(Mapped("(none)", "customer-chat", "prod", is_web=True),),
        uploaded=720,
    ),
    DomainName(
        "stock.internal.example.com",
        endpoint="PRIVATE",
        mappings=(Mapped("levels", "inventory-internal", "prod"),),
        tags={"team": "inventory"},
    ),
)
EU_WEST_1_ASSOCIATIONS = (
    AccessAssociation(
        "stock.internal.example.com", "vpce-0a1b2c3d4e5f60718", tags={"team": "inventory"}
    ),
)
EU_WEST_1_LINKS = (
    VpcLink("warehouse", "warehouse", description="Stock levels", tags={"team": "inventory"}),
)
EU_WEST_1_KEYS = (ApiKey("stock-display", description="The screens in the shops"),)
EU_WEST_1_PLANS = (
    UsagePlan(
        "displays",
        stages=(PlanStage("Каталог товаров", "prod"),),
        keys=("stock-display",),
        quota=(50_000, "DAY"),
        rate=10.0,
        burst=20,
    ),
)
