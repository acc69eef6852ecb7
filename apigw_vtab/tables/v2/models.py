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
)
