"""Saved queries, their verdicts, their remedies, and the alarms that are accepted."""
