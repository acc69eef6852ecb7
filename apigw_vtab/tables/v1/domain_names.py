"""The table domain_names."""

from __future__ import annotations

from apigw_vtab.tables.declaration import Patch, Table, Write
from apigw_vtab.tables.v1.reads import every_owners
from apigw_vtab.tables.v1.rest_apis import ENHANCED

# Version 2 has the same domain names.
TWINS = {"v2_domain_names": ("domain_name",)}

DOMAIN_NAMES = Table(
    "domain_names",
    "The custom domain names, also those that other accounts share.",
    shape="DomainName",
    key=("domain_name", "domain_name_id"),
    arn="arn:{partition}:apigateway:{region}::/domainnames/{domain_name}",
    arn_given="domain_name_arn",
    reads=(every_owners("GetDomainNames", most=170),),
    # "Patch operations" in the API reference, and the quota of changes:
    # https://docs.aws.amazon.com/apigateway/latest/api/patch-operations.html
    # https://docs.aws.amazon.com/apigateway/latest/developerguide/limits.html
    update=Write(
        "apigateway",
        "UpdateDomainName",
        {"domainName": "domain_name", "domainNameId": "domain_name_id"},
        patches={
            "security_policy": Patch("/securityPolicy"),
            "endpoint_access_mode": Patch("/endpointAccessMode"),
        },
        needs=ENHANCED,
        repeatable=True,
        touches=TWINS,
        seconds_each=30.0,
        account_wide=True,
    ),
    twins=TWINS,
    examples={
        "Domain names that still speak TLS 1.0 or 1.1": """
            select account_id, region, domain_name, security_policy
            from domain_names
            where coalesce(security_policy, 'TLS_1_0') = 'TLS_1_0'
        """,
        "Domain names with mutual TLS, and APIs behind them that can be called without it": """
            select d.region, d.domain_name, a.name as rest_api, a.rest_api_id
            from domain_names as d
            join base_path_mappings as m using (account_id, region, domain_name)
            join rest_apis as a using (account_id, region, rest_api_id)
            where d.mutual_tls_authentication is not null
              and not coalesce(a.disable_execute_api_endpoint, 0)
        """,
        "Domain names that lead nowhere": """
            select d.account_id, d.region, d.domain_name
            from domain_names as d
            left join base_path_mappings as m using (account_id, region, domain_name)
            left join v2_api_mappings as n using (account_id, region, domain_name)
            where m.base_path is null
              and n.api_mapping_id is null
              and d.resource_owner = 'SELF'
              and coalesce(d.routing_mode, 'BASE_PATH_MAPPING_ONLY') = 'BASE_PATH_MAPPING_ONLY'
        """,
    },
)
