"""How the lists of API Gateway's version 2 page."""

from __future__ import annotations

from apigw_vtab.tables.declaration import Page

# The model has the size as text.
PAGES = Page("MaxResults", "NextToken", 500, as_text=True)
