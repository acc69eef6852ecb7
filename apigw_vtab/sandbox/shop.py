"""The estate of an online shop: two accounts, three regions, fifteen REST APIs, thirty stages.

Around them: HTTP and WebSocket APIs, domain names, usage plans, links and portals.

Every property that a control checks is right at least once and wrong at least once.
"""

from __future__ import annotations

from apigw_vtab.sandbox import shop_ap_southeast_2, shop_eu_west_1, shop_us_east_1
from apigw_vtab.sandbox.organization import (
    ROOT,
    OrganizationMember,
    OrganizationUnit,
    SandboxOrganization,
)
from apigw_vtab.sandbox.shop_shared import PRODUCTION, STAGING

ACCOUNTS = (PRODUCTION, STAGING)
# One account is closed, and one has no role for others.
ORGANIZATION = SandboxOrganization(
    units=(
        OrganizationUnit("ou-shop-workload", "workloads", ROOT),
        OrganizationUnit("ou-shop-staging1", "staging", "ou-shop-workload"),
        OrganizationUnit("ou-shop-security", "security", ROOT),
    ),
    members=(
        OrganizationMember(PRODUCTION.id, "shop-production", "ou-shop-workload"),
        OrganizationMember(STAGING.id, "shop-staging", "ou-shop-staging1"),
        OrganizationMember("777788889999", "shop-pilot", "ou-shop-workload", "SUSPENDED"),
        OrganizationMember("999900001111", "shop-vault", "ou-shop-security"),
    ),
)
SHOP_REGIONS = (
    shop_us_east_1.SHOP_REGIONS + shop_eu_west_1.SHOP_REGIONS + shop_ap_southeast_2.SHOP_REGIONS
)
