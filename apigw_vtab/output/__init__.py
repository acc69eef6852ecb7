"""Rows and reports as text and files; knows no AWS."""
