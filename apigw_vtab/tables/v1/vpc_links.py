"""The table vpc_links."""

from __future__ import annotations

from apigw_vtab.tables.declaration import Table
from apigw_vtab.tables.v1.reads import every, get

VPC_LINKS = Table(
    "vpc_links",
    "The links of REST APIs into VPCs; those of HTTP APIs are v2_vpc_links.",
    shape="VpcLink",
    key=("vpc_link_id",),
    arn="arn:{partition}:apigateway:{region}::/vpclinks/{vpc_link_id}",
    reads=(get("GetVpcLink", "vpcLinkId"), every("GetVpcLinks", most=20)),
)
