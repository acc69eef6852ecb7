"""Botocore's models: documentation, and what is read as it was sent."""

from __future__ import annotations

import pytest

from apigw_vtab.tables.model import plain_text, translator
from apigw_vtab.tables.v1.rest_apis import REST_APIS


def test_the_documentation_comes_from_the_model() -> None:
    description = REST_APIS.columns[REST_APIS.index["name"]].description
    assert "API" in description
    assert description.endswith(".")


def test_documentation_loses_its_markup() -> None:
    html = "<p>The <code>id</code> of R&amp;D's\n  <b>API</b> .</p>"
    assert plain_text(html) == "The id of R&D's API."


@pytest.mark.parametrize(
    ("service", "operation", "sent", "read"),
    [
        ("apigateway", "GetStages", {"item": [{"tags": {}}]}, {"item": [{"tags": {}}]}),
        (
            "apigateway",
            "GetRestApis",
            {"item": [], "position": "t"},
            {"items": [], "position": "t"},
        ),
        (
            "apigatewayv2",
            "GetApis",
            {"items": [{"apiId": "a", "corsConfiguration": {"maxAge": 5}}], "nextToken": "t"},
            {"Items": [{"ApiId": "a", "CorsConfiguration": {"MaxAge": 5}}], "NextToken": "t"},
        ),
        (
            "apigatewayv2",
            "GetApi",
            {"apiId": "a", "tags": {"x": "y"}},
            {"ApiId": "a", "Tags": {"x": "y"}},
        ),
        # AWS has sent this time as a number, against its own model.
        (
            "apigatewayv2",
            "GetDomainName",
            {"domainNameConfigurations": [{"certificateUploadDate": 86400}]},
            {"DomainNameConfigurations": [{"CertificateUploadDate": "1970-01-02 00:00:00"}]},
        ),
        # Values that the model does not allow stay as they are.
        ("apigatewayv2", "GetApis", {"items": ["x", None]}, {"Items": ["x", None]}),
    ],
)
def test_an_answer_is_read_by_its_names_in_json(
    service: str, operation: str, sent: dict[str, object], read: dict[str, object]
) -> None:
    translate = translator(service, operation)
    assert translate
    assert translate(sent) == read


def test_what_only_botocore_can_read_is_left_to_it() -> None:
    assert translator("apigateway", "GetExport") is None  # a blob, and members in headers


def test_an_item_without_other_names_is_not_copied() -> None:
    translate = translator("apigateway", "GetStages")
    item = {"stageName": "a", "later": 1}
    assert translate
    assert translate({"item": [item]})["item"][0] is item
