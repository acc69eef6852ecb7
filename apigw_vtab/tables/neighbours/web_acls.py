"""The table web_acls.

Those of AWS WAF that a stage can have: regional ones. A stage can also have a web ACL of WAF
Classic, whose ARN is of another service (waf-regional) and which is no row here.
"""

from __future__ import annotations

from apigw_vtab.tables.declaration import NoneHere, Page, Table
from apigw_vtab.tables.reads import read_list, read_one
from apigw_vtab.tables.v1.stages import STAGES

WEB_ACLS = Table(
    "web_acls",
    "The regional web ACLs of AWS WAF, which stages are behind.",
    shape="WebACL",
    key=("web_acl_arn",),
    renames={"ARN": "web_acl_arn", "Id": "web_acl_id"},
    arn="{web_acl_arn}",
    key_arn="arn:{partition}:wafv2:{region}:{account_id}:regional/webacl/{name}/{id}",
    named_by={STAGES: ("web_acl_arn",)},
    reads=(
        read_one(
            "wafv2",
            "GetWebACL",
            renamed={"ARN": "web_acl_arn"},
            item="WebACL",
            none_here=(NoneHere("WAFNonexistentItemException"),),
        ),
        read_list(
            "wafv2",
            "ListWebACLs",
            items="WebACLs",
            constants={"Scope": "REGIONAL"},
            page=Page("Limit", "NextMarker", 100),
        ),
    ),
    examples={
        "Web ACLs that let through what none of their rules stops": """
            select account_id, region, name, capacity
            from web_acls
            where default_action ->> 'Allow' is not null
        """,
        "Stages behind each web ACL": """
            select w.region, w.name, count(*) as stages
            from stages as s
            join web_acls as w using (web_acl_arn)
            group by w.web_acl_arn
        """,
    },
)
