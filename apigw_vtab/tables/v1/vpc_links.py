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
    examples={
        "Links that cannot be used now": """
            select account_id, region, vpc_link_id, name, status, status_message
            from vpc_links
            where status <> 'AVAILABLE'
        """,
        "Links that no integration uses": """
            select l.account_id, l.region, l.vpc_link_id, l.name
            from vpc_links as l
            left join integrations as i
              on i.account_id = l.account_id
              and i.region = l.region
              and i.connection_id = l.vpc_link_id
            where i.http_method is null
        """,
    },
)
