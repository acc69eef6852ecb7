"""Remedies: SQL that fixes the alarms of a control.

A remedy is an .sql file in remedies/ whose header names the controls that it fixes. It reads
their alarms from the table `in_alarm`, and its last SELECT returns the public keys.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import Path

import apsw.ext

from apigw_vtab.controls.findings import Finding
from apigw_vtab.controls.library import read_query_file
from apigw_vtab.controls.saved_query import SavedQuery, split_list
from apigw_vtab.errors import UsageError
from apigw_vtab.tables.values import SqlValue

REMEDIES = Path(__file__).parent / "remedies"


def remedy_for(control: SavedQuery) -> SavedQuery:
    """Return the remedy for a control. Raises UsageError if there is none."""
    known = {
        name: remedy
        for remedy in map(read_query_file, sorted(REMEDIES.glob("*.sql")))
        for name in split_list(remedy.header.get("remedies", ""))
    }
    if control.name not in known:
        raise UsageError(
            f"There is no remedy for {control.name} yet, only for {', '.join(known)}. The column "
            f"remediation has commands for each row: apigw-vtab query {control.name}"
        )
    return known[control.name]


def in_alarm(findings: Sequence[Finding]) -> str:
    """Return the SQL that creates the table of alarms."""
    names = [name for name in (findings[0].more if findings else ()) if name != "remediation"]
    columns = ["resource", "account_id", "region", *names]
    if not findings:
        columns += ["rest_api_id", "stage_name", "client_certificate_id"]
    lines = [f"create temp table in_alarm ({', '.join(columns)});"]
    if findings:
        rows = (
            [one.resource, one.account_id, one.region, *(one.more[name] for name in names)]
            for one in findings
        )
        values = (f"  ({', '.join(apsw.format_sql_value(value) for value in row)})" for row in rows)
        lines += ["insert into in_alarm values", ",\n".join(values) + ";"]
    return "\n".join(lines)


def filled_in(sql: str, values: Mapping[str, SqlValue]) -> str:
    """Return a remedy's SQL with the values of its parameters, so that it can be read and run."""
    _header, _, body = sql.partition("\n\n")
    names = "|".join(values)
    return re.sub(rf":({names})\b", lambda found: apsw.format_sql_value(values[found[1]]), body)
