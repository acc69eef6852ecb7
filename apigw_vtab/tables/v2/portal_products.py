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
    examples={
        "Products that no portal shows": """
            select p.account_id, p.region, p.display_name, p.last_modified
            from v2_portal_products as p
            where p.resource_owner = 'SELF'
              and not exists (
                select 1
                from v2_portals as o, json_each(o.included_portal_product_arns) as shown
                where shown.value = p.portal_product_arn
              )
        """,
        "Products that other accounts share with us": """
            select region, display_name, portal_product_arn
            from v2_portal_products
            where resource_owner = 'OTHER_ACCOUNTS'
        """,
    },
)
