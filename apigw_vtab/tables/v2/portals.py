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
)
