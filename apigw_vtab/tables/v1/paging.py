"""The paging of the lists in API Gateway's version 1."""

from __future__ import annotations

from apigw_vtab.tables.declaration import Page

PAGES = Page("limit", "position", 500)
