"""The table v2_portal_products."""

from __future__ import annotations

from apigw_vtab.tables.declaration import Table
from apigw_vtab.tables.v2.reads import NOT_OFFERED, every_owners

V2_PORTAL_PRODUCTS = Table(
    "v2_portal_products",
    "The products of portals: APIs with their documentation.",
    shape="PortalProductSummary",
    key=("portal_product_id",),
    arn="{portal_product_arn}",
    reads=(every_owners("ListPortalProducts", most=500, none_here=NOT_OFFERED),),
)
