"""The table domain_name_access_associations."""

from __future__ import annotations

from apigw_vtab.tables.declaration import Table
from apigw_vtab.tables.v1.reads import every_owners

DOMAIN_NAME_ACCESS_ASSOCIATIONS = Table(
    "domain_name_access_associations",
    "Which VPC endpoints may reach which private custom domain names.",
    shape="DomainNameAccessAssociation",
    key=("domain_name_access_association_arn",),
    arn="{domain_name_access_association_arn}",
    reads=(every_owners("GetDomainNameAccessAssociations", most=100),),
)
