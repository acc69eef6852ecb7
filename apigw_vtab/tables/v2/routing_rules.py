"""The table v2_routing_rules."""

from __future__ import annotations

from typing import Any

from apigw_vtab.tables.declaration import NoneHere, Page, Table
from apigw_vtab.tables.v1.base_path_mappings import NOT_OURS
from apigw_vtab.tables.v1.domain_names import DOMAIN_NAMES
from apigw_vtab.tables.v2.reads import every

# Version 1 lists private domain names, too, with the ids that they need here; an edge-optimized
# domain name has no rules.
NO_RULES = (*NOT_OURS, NoneHere("BadRequestException", "endpoint_configuration", '"EDGE"'))
RULES: dict[str, Any] = {
    "items": "RoutingRules",
    "page": Page("MaxResults", "NextToken", 100),
    "none_here": NO_RULES,
}

V2_ROUTING_RULES = Table(
    "v2_routing_rules",
    "Which header or path of a custom domain name leads to which stage.",
    shape="RoutingRule",
    parent=DOMAIN_NAMES,
    key=("domain_name", "domain_name_id", "routing_rule_id"),
    arn="{routing_rule_arn}",
    reads=(every("ListRoutingRules", "DomainName", "DomainNameId?", **RULES, most=50),),
    examples={
        "The rules of each domain name, in the order in which AWS tries them": """
            select
              r.domain_name,
              r.priority,
              r.conditions,
              x.value ->> '$.InvokeApi.ApiId' as api_id,
              x.value ->> '$.InvokeApi.Stage' as stage
            from v2_routing_rules as r, json_each(r.actions) as x
            order by r.account_id, r.region, r.domain_name, r.priority
        """,
        "Rules without a condition: what comes after them is never tried": """
            select region, domain_name, routing_rule_id, priority
            from v2_routing_rules
            where coalesce(conditions, '[]') = '[]'
        """,
    },
)
