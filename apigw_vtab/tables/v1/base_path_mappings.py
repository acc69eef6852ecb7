"""The table base_path_mappings."""

from __future__ import annotations

from apigw_vtab.tables.declaration import NoneHere, Table
from apigw_vtab.tables.v1.domain_names import DOMAIN_NAMES
from apigw_vtab.tables.v1.reads import every

# Only the account that a domain name belongs to may see where its paths lead.
NOT_OURS = tuple(
    NoneHere(code, "resource_owner", "OTHER_ACCOUNTS")
    for code in ("AccessDeniedException", "BadRequestException", "UnauthorizedException")
)

BASE_PATH_MAPPINGS = Table(
    "base_path_mappings",
    "What each path of a custom domain name leads to.",
    shape="BasePathMapping",
    parent=DOMAIN_NAMES,
    key=("domain_name", "domain_name_id", "base_path"),
    arn=DOMAIN_NAMES.arn + "/basepathmappings/{base_path}",
    reads=(
        every("GetBasePathMappings", "domainName", "domainNameId?", most=200, none_here=NOT_OURS),
    ),
    examples={
        "What each address leads to": """
            select
              'https://' || m.domain_name || '/' || replace(m.base_path, '(none)', '') as address,
              a.name as rest_api,
              m.stage
            from base_path_mappings as m
            join rest_apis as a using (account_id, region, rest_api_id)
            order by address
        """,
        "Paths that lead to a stage that is gone": """
            select m.region, m.domain_name, m.base_path, m.rest_api_id, m.stage
            from base_path_mappings as m
            left join stages as s
              on s.account_id = m.account_id
              and s.region = m.region
              and s.rest_api_id = m.rest_api_id
              and s.stage_name = m.stage
            -- A path can lead to an HTTP or WebSocket API, too.
            left join v2_stages as t
              on t.account_id = m.account_id
              and t.region = m.region
              and t.api_id = m.rest_api_id
              and t.stage_name = m.stage
            where m.stage is not null
              and s.stage_name is null
              and t.stage_name is null
        """,
    },
)
