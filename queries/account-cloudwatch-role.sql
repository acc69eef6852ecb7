-- title: API Gateway has a role to write its logs with
-- description: Looks at the CloudWatch role of API Gateway in each account and region in which a
--   stage of a REST API is set to write execution logs, or access logs to CloudWatch Logs. Whether
--   the role may write them is told by IAM, which is not read.
-- rationale: Without the role, stages that are set to log write nothing, and no one is told.
-- severity: medium
-- tags: logging
-- remediation: Create a role with the policy AmazonAPIGatewayPushToCloudWatchLogs that
--   apigateway.amazonaws.com may assume, and set it in each region. {account_id} in its ARN stands
--   for the account. AWS refuses a role that it may not assume.
-- remedy:
--   update account_settings
--   set cloudwatch_role_arn = replace(:role_arn, '{account_id}', account_id)
-- remedy-asks: role_arn=arn:aws:iam::{account_id}:role/api-gateway-logs
--   [arn:{partition}:iam::{account_id}:role/*]

with set_to_log as (
  select account_id, region, count(*) as stages
  from stages
  where
    json_extract(
      iif(json_valid(access_log_settings), access_log_settings, '{}'),
      '$.destinationArn'
    ) glob 'arn:*:logs:*'
    or exists (
      -- Settings that cannot be read may well say that it logs.
      select 1
      from json_each(
        iif(json_valid(coalesce(method_settings, '{}')), coalesce(method_settings, '{}'), '0')
      ) as entry
      where
        entry.type <> 'object'
        or coalesce(json_extract(entry.value, '$.loggingLevel'), 'OFF') <> 'OFF'
    )
  group by account_id, region
)

select
  account_settings.arn as resource,
  case
    when cloudwatch_role_arn glob 'arn:*:iam::*:role/*' then 'ok'
    when nullif(cloudwatch_role_arn, '') is not null then 'error'
    when stages > 0 then 'alarm'
    else 'skip'
  end as status,
  case
    when cloudwatch_role_arn glob 'arn:*:iam::*:role/*'
      then 'Writes its logs as ' || cloudwatch_role_arn || '.'
    when nullif(cloudwatch_role_arn, '') is not null
      then 'What AWS names as its CloudWatch role is not one: ' || cloudwatch_role_arn || '.'
    when stages > 0
      then 'There is no CloudWatch role, so nothing is written by '
        || iif(stages = 1, 'the stage that is', 'the ' || stages || ' stages that are')
        || ' set to log.'
    else 'There is no CloudWatch role, and no stage of a REST API is set to log.'
  end as reason,
  account_id,
  region,
  cloudwatch_role_arn,
  coalesce(stages, 0) as stages
from account_settings
left join set_to_log using (account_id, region);
