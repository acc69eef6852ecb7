"""Botocore's models: documentation, and what is read as it was sent."""

from __future__ import annotations

import pytest

from apigw_vtab.tables.model import is_read_as_sent, plain_text
from apigw_vtab.tables.v1.rest_apis import REST_APIS


def test_the_documentation_comes_from_the_model() -> None:
    description = REST_APIS.columns[REST_APIS.index["name"]].description
    assert "API" in description
    assert description.endswith(".")


def test_documentation_loses_its_markup() -> None:
    html = "<p>The <code>id</code> of R&amp;D's\n  <b>API</b> .</p>"
    assert plain_text(html) == "The id of R&D's API."


@pytest.mark.parametrize(
    ("service", "operation", "as_sent"),
    [
        ("apigateway", "GetStages", True),
        ("apigateway", "GetDeployments", True),
        ("apigateway", "GetExport", False),  # a blob
        ("apigatewayv2", "GetApis", False),  # members with other names
    ],
)
def test_what_botocore_would_translate_is_left_to_it(
    service: str, operation: str, as_sent: bool
) -> None:
    assert is_read_as_sent(service, operation) is as_sent
