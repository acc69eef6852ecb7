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
    instead={
        "domain_name_configurations": "Change security_policy and endpoint_access_mode of "
        "domain_names: version 1 has the same domain names, and knows every security policy."
    },
    twins={"domain_names": ("domain_name",)},
    examples={
        "Domain names that still speak TLS 1.0 or 1.1": """
            select
              d.account_id,
              d.region,
              d.domain_name,
              c.value ->> 'EndpointType' as endpoint,
              c.value ->> 'SecurityPolicy' as security_policy
            from v2_domain_names as d, json_each(d.domain_name_configurations) as c
            where coalesce(c.value ->> 'SecurityPolicy', 'TLS_1_0') = 'TLS_1_0'
        """,
        "Domain names with mutual TLS, and APIs behind them that can be called without it": """
            select d.region, d.domain_name, a.name as api, a.api_endpoint
            from v2_domain_names as d
            join v2_api_mappings as m using (account_id, region, domain_name)
            join v2_apis as a using (account_id, region, api_id)
            where d.mutual_tls_authentication is not null
              and not coalesce(a.disable_execute_api_endpoint, 0)
        """,
    },
)
