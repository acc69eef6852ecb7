"""The table v2_domain_names."""

from __future__ import annotations

from apigw_vtab.tables.declaration import Table
from apigw_vtab.tables.v2.reads import NOT_OFFERED, every, get

V2_DOMAIN_NAMES = Table(
    "v2_domain_names",
    "The custom domain names as version 2 has them: with all their configurations.",
    shape="DomainName",
    key=("domain_name",),
    arn="arn:{partition}:apigateway:{region}::/domainnames/{domain_name}",
    reads=(
        get("GetDomainName", "DomainName"),
        every("GetDomainNames", most=120, none_here=NOT_OFFERED),
    ),
)
