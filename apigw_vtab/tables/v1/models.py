"""The table models."""

from __future__ import annotations

from apigw_vtab.tables.declaration import Table
from apigw_vtab.tables.v1.reads import every, get
from apigw_vtab.tables.v1.rest_apis import REST_APIS

MODELS = Table(
    "models",
    "The data models of each REST API, as JSON schemas.",
    shape="Model",
    parent=REST_APIS,
    key=("rest_api_id", "model_name"),
    renames={"id": "model_id"},
    arn=REST_APIS.arn + "/models/{model_name}",
    reads=(get("GetModel", "restApiId", "modelName"), every("GetModels", "restApiId")),
    examples={
        "Models that no method takes or gives": """
            select o.region, o.rest_api_id, o.model_name
            from models as o
            where not exists (
              select 1
              from methods as m, json_each(m.request_models) as taken
              where m.account_id = o.account_id
                and m.region = o.region
                and m.rest_api_id = o.rest_api_id
                and taken.value = o.model_name
            )
              and not exists (
                select 1
                from method_responses as r, json_each(r.response_models) as given
                where r.account_id = o.account_id
                  and r.region = o.region
                  and r.rest_api_id = o.rest_api_id
                  and given.value = o.model_name
              )
        """,
        "Models that also let properties through that nobody declared": """
            select region, rest_api_id, model_name
            from models
            where iif(json_valid(schema), schema, '{}') ->> 'type' = 'object'
              and coalesce(iif(json_valid(schema), schema, '{}') ->> 'additionalProperties', 1) = 1
        """,
    },
)
