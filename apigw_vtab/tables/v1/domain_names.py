"""The table domain_names."""

from __future__ import annotations

from apigw_vtab.tables.declaration import Table
from apigw_vtab.tables.v1.reads import every_owners

DOMAIN_NAMES = Table(
    "domain_names",
    "The custom domain names, also those that other accounts share.",
    shape="DomainName",
    key=("domain_name", "domain_name_id"),
    arn="arn:{partition}:apigateway:{region}::/domainnames/{domain_name}",
    arn_given="domain_name_arn",
    reads=(every_owners("GetDomainNames", most=170),),
)
