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
)
