"""Formats of a whole report: one function each, a Report in, text out."""
