"""The estate of an online shop: two accounts, three regions, fifteen REST APIs, thirty stages.

Around them: HTTP and WebSocket APIs, domain names, usage plans, links and portals.

Every property that a control checks is right at least once and wrong at least once.
"""

from __future__ import annotations

from apigw_vtab.sandbox import shop_ap_southeast_2, shop_eu_west_1, shop_us_east_1
from apigw_vtab.sandbox.shop_shared import PRODUCTION, STAGING

ACCOUNTS = (PRODUCTION, STAGING)
SHOP_REGIONS = (
    shop_us_east_1.SHOP_REGIONS + shop_eu_west_1.SHOP_REGIONS + shop_ap_southeast_2.SHOP_REGIONS
)
