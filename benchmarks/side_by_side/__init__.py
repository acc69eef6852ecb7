"""Prowler, Cloud Custodian and our controls on one made-up estate, compared row by row."""
