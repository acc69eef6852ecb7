"""How the lists of API Gateway's version 1 page."""

from __future__ import annotations

from apigw_vtab.tables.declaration import Page

PAGES = Page("limit", "position", 500)
