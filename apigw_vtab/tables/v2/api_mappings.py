"""The table v2_api_mappings."""

from __future__ import annotations

from apigw_vtab.tables.declaration import Table
from apigw_vtab.tables.v2.domain_names import V2_DOMAIN_NAMES
from apigw_vtab.tables.v2.reads import NOT_FOR_EDGE, every, get

V2_API_MAPPINGS = Table(
    "v2_api_mappings",
    "What each path of a regional custom domain name leads to, at any depth.",
    shape="ApiMapping",
    parent=V2_DOMAIN_NAMES,
    key=("domain_name", "api_mapping_id"),
    arn=V2_DOMAIN_NAMES.arn + "/apimappings/{api_mapping_id}",
    reads=(
        get("GetApiMapping", "DomainName", "ApiMappingId"),
        every("GetApiMappings", "DomainName", most=200, none_here=NOT_FOR_EDGE),
    ),
    examples={
        "What each address leads to": """
            select
              'https://' || m.domain_name || '/' || coalesce(m.api_mapping_key, '') as address,
              coalesce(a.name, b.name) as api,
              coalesce(a.protocol_type, 'REST') as kind,
              m.stage
            from v2_api_mappings as m
            left join v2_apis as a using (account_id, region, api_id)
            left join rest_apis as b
              on b.account_id = m.account_id
              and b.region = m.region
              and b.rest_api_id = m.api_id
            order by address
        """,
        "HTTP and WebSocket APIs that can be called past their custom domain name": """
            select distinct a.region, a.name, m.domain_name
            from v2_apis as a
            join v2_api_mappings as m using (account_id, region, api_id)
            where not coalesce(a.disable_execute_api_endpoint, 0)
        """,
    },
)
