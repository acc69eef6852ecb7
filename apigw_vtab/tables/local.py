"""The tables about a connection's own work: its calls, and those that got no answer."""

from __future__ import annotations

from apigw_vtab.tables.columns import Column
from apigw_vtab.tables.declaration import Scope, Table

_LANE_OF_CALL = (
    Column("account_id", "TEXT", "The account, if it is known yet."),
    Column("region", "TEXT", "The region that was called."),
    Column("profile", "TEXT", "The AWS profile that was used, or (environment)."),
    Column("service", "TEXT", "The AWS service, by boto3's name, such as apigateway."),
    Column("operation", "TEXT", "The AWS operation, such as GetStages."),
    Column("parameters", "TEXT", "The parameters of the call, as JSON."),
)


API_CALLS = Table(
    "api_calls",
    "The AWS calls that this connection has made, oldest first.",
    scope=Scope.CONNECTION,
    extra=(
        *_LANE_OF_CALL,
        Column("status", "TEXT", "'ok', or the error code of the last attempt."),
        Column("started_at", "TEXT", "When the first attempt was sent, UTC."),
        Column("milliseconds", "REAL", "From the first attempt to the last answer."),
        Column("attempts", "INTEGER", "How many times the call was sent."),
        Column("rows", "INTEGER", "How many items the answer held."),
    ),
    examples={
        "How many calls each operation took, and how long AWS took to answer": """
            select operation, count(*) as calls, sum(rows) as items, round(avg(milliseconds)) as ms
            from api_calls
            group by operation
            order by calls desc
        """,
        "Calls that had to be sent more than once": """
            select profile, region, operation, attempts, status
            from api_calls
            where attempts > 1
            order by attempts desc
        """,
    },
)


SCAN_ERRORS = Table(
    "scan_errors",
    "The calls that got no answer: what is missing from the rows that were read.",
    scope=Scope.CONNECTION,
    extra=(
        *_LANE_OF_CALL,
        Column("code", "TEXT", "AWS's error code, or botocore's where AWS gave no answer."),
        Column("message", "TEXT", "What AWS or botocore said."),
        Column("advice", "TEXT", "What to do next."),
        Column("failed_at", "TEXT", "When it was last tried, UTC."),
    ),
    examples={
        "What is missing from the answers so far, and what to do about it": """
            select profile, region, operation, code, advice
            from scan_errors
        """,
        "How much is missing from each region": """
            select region, count(*) as calls, group_concat(distinct code) as codes
            from scan_errors
            group by region
            order by calls desc
        """,
    },
)
