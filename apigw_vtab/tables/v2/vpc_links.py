"""The table v2_vpc_links."""

from __future__ import annotations

from apigw_vtab.tables.declaration import Table
from apigw_vtab.tables.v2.reads import NOT_OFFERED, every, get

V2_VPC_LINKS = Table(
    "v2_vpc_links",
    "The links of HTTP APIs into VPCs; those of REST APIs are vpc_links.",
    shape="VpcLink",
    key=("vpc_link_id",),
    arn="arn:{partition}:apigateway:{region}::/vpclinks/{vpc_link_id}",
    reads=(get("GetVpcLink", "VpcLinkId"), every("GetVpcLinks", most=10, none_here=NOT_OFFERED)),
)
