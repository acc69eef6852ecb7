"""The table account_settings."""

from __future__ import annotations

from apigw_vtab.tables.declaration import Form, Patch, Table, Write
from apigw_vtab.tables.v1.reads import get

# https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html
ROLE = Form(
    r"arn:aws[a-z-]*:iam::\d{12}:role/[\w+=,.@/-]+", "arn:aws:iam::111122223333:role/api-logs"
)

ACCOUNT_SETTINGS = Table(
    "account_settings",
    "The settings of API Gateway itself in each account and region.",
    shape="Account",
    arn="arn:{partition}:apigateway:{region}::/account",
    reads=(get("GetAccount"),),
    # https://docs.aws.amazon.com/apigateway/latest/developerguide/limits.html
    update=Write(
        "apigateway",
        "UpdateAccount",
        patches={"cloudwatch_role_arn": Patch("/cloudwatchRoleArn", erasable=True, form=ROLE)},
        repeatable=True,
        seconds_each=20.0,
        account_wide=True,
    ),
    examples={
        "Regions in which no stage can write execution logs, for want of a CloudWatch role": """
            select distinct account_id, region
            from stages
            join account_settings using (account_id, region)
            where cloudwatch_role_arn is null
        """,
        "The throttle that all APIs of an account and region share": """
            select
              account_id,
              region,
              throttle_settings ->> 'rateLimit' as requests_per_second,
              throttle_settings ->> 'burstLimit' as burst
            from account_settings
            order by requests_per_second
        """,
    },
)
