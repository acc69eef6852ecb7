"""Rows and reports as text and files; knows nothing about AWS."""
