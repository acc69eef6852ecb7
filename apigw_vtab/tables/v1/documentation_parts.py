"""The table documentation_parts."""

from __future__ import annotations

from apigw_vtab.tables.declaration import Table
from apigw_vtab.tables.v1.reads import every, get
from apigw_vtab.tables.v1.rest_apis import REST_APIS

DOCUMENTATION_PARTS = Table(
    "documentation_parts",
    "The documentation of each REST API, part by part.",
    shape="DocumentationPart",
    parent=REST_APIS,
    key=("rest_api_id", "documentation_part_id"),
    arn=REST_APIS.arn + "/documentation/parts/{documentation_part_id}",
    reads=(
        get("GetDocumentationPart", "restApiId", "documentationPartId"),
        every("GetDocumentationParts", "restApiId", most=2_000),
    ),
    examples={
        "What is documented of each API": """
            select region, rest_api_id, location ->> 'type' as kind, count(*) as parts
            from documentation_parts
            group by account_id, region, rest_api_id, kind
        """,
        "Methods without a word of documentation": """
            select m.region, m.rest_api_id, m.http_method, m.path
            from methods as m
            left join documentation_parts as p
              on p.account_id = m.account_id
              and p.region = m.region
              and p.rest_api_id = m.rest_api_id
              and p.location ->> 'type' = 'METHOD'
              -- A part holds for all paths below its own, too.
              and instr(m.path, coalesce(p.location ->> 'path', '/')) = 1
              and coalesce(p.location ->> 'method', '*') in ('*', m.http_method)
            where p.documentation_part_id is null
        """,
    },
)
