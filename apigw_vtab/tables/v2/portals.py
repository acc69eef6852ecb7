"""The table v2_portals."""

from __future__ import annotations

from apigw_vtab.tables.declaration import Table
from apigw_vtab.tables.v2.reads import NOT_OFFERED, every

V2_PORTALS = Table(
    "v2_portals",
    "The portals in which APIs are presented to developers.",
    shape="PortalSummary",
    key=("portal_id",),
    arn="{portal_arn}",
    reads=(every("ListPortals", most=15, none_here=NOT_OFFERED),),
    examples={
        "Portals that anybody can read": """
            select account_id, region, portal_content ->> 'DisplayName' as portal, last_published
            from v2_portals
            where publish_status = 'PUBLISHED'
              and authorization ->> 'None' is not null
        """,
        "Portals that changed since they were last published": """
            select account_id, region, portal_id, last_published, last_modified
            from v2_portals
            where last_published is null
              or last_modified > last_published
        """,
    },
)
