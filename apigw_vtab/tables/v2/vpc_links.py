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
    examples={
        "Links that cannot be used now": """
            select account_id, region, vpc_link_id, name, vpc_link_status, vpc_link_status_message
            from v2_vpc_links
            where vpc_link_status <> 'AVAILABLE'
        """,
        "Links that no integration uses": """
            select l.account_id, l.region, l.vpc_link_id, l.name
            from v2_vpc_links as l
            left join v2_integrations as i
              on i.account_id = l.account_id
              and i.region = l.region
              and i.connection_id = l.vpc_link_id
            where i.integration_id is null
        """,
    },
)
