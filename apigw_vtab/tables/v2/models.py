"""The table v2_models."""

from __future__ import annotations

from apigw_vtab.tables.declaration import Table
from apigw_vtab.tables.v2.apis import V2_APIS
from apigw_vtab.tables.v2.reads import every, get

V2_MODELS = Table(
    "v2_models",
    "The data models of each WebSocket API, as JSON schemas.",
    shape="Model",
    parent=V2_APIS,
    key=("api_id", "model_id"),
    arn=V2_APIS.arn + "/models/{model_id}",
    reads=(get("GetModel", "ApiId", "ModelId"), every("GetModels", "ApiId")),
    examples={
        "How large the models of each API are": """
            select region, api_id, name, content_type, length(schema) as characters
            from v2_models
            order by characters desc
        """,
        "Routes that name a model that is not there": """
            select r.region, r.api_id, r.route_key, named.value as model
            from v2_routes as r, json_each(r.request_models) as named
            left join v2_models as o
              on o.account_id = r.account_id
              and o.region = r.region
              and o.api_id = r.api_id
              and o.name = named.value
            where o.model_id is null
        """,
    },
)
