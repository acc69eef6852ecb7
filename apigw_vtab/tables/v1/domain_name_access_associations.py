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
    examples={
        "Who may reach each private domain name": """
            select account_id, region, domain_name_arn, access_association_source as vpc_endpoint
            from domain_name_access_associations
            order by domain_name_arn
        """,
        "VPC endpoints of other accounts that may reach ours": """
            select region, domain_name_arn, access_association_source
            from domain_name_access_associations
            where resource_owner = 'OTHER_ACCOUNTS'
        """,
    },
)
