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
)
