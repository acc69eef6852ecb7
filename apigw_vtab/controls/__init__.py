"""Saved queries, their verdicts, their remedies, and accepted alarms."""
