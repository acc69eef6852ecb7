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
)
