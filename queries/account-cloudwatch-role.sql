-- title: API Gateway has a role to write its logs with
-- description: Looks at the CloudWatch role of API Gateway in each account and region in which a
--   stage of a REST or WebSocket API is set to write execution logs, or access logs to CloudWatch
--   Logs. HTTP APIs write theirs without it. Whether the role may write them is told by IAM, which
--   is not read.
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

with stages_of_both as (
  -- What is no JSON becomes 0, which is no object either.
  select
    account_id,
    region,
    iif(json_valid(coalesce(access_log_settings, '{}')), coalesce(access_log_settings, '{}'), '0')
      as access_log,
    iif(json_valid(coalesce(method_settings, '{}')), coalesce(method_settings, '{}'), '0')
      as settings
  from stages
  union all
  -- Of HTTP APIs, the stages need not be read.
  select
    v2_stages.account_id,
    v2_stages.region,
    iif(json_valid(coalesce(access_log_settings, '{}')), coalesce(access_log_settings, '{}'), '0'),
    iif(
      json_valid(coalesce(default_route_settings, '{}')) and json_valid(coalesce(route_settings, '{}')),
      json_patch(
        json_object('by default', json(coalesce(default_route_settings, '{}'))),
        coalesce(route_settings, '{}')
      ),
      '0'
    )
  from v2_apis
  cross join v2_stages using (account_id, region, api_id)
  where protocol_type is not 'HTTP'
),

said as (
  -- Version 2 begins the names of members with a capital letter.
  select
    account_id,
    region,
    json_type(access_log) = 'object' and json_type(settings) = 'object' as is_read,
    coalesce(
      json_extract(access_log, '$.destinationArn'),
      json_extract(access_log, '$.DestinationArn'),
      ''
    ) as destination,
    (
      select json_group_array(
        coalesce(
          json_extract(settings, fullkey || '.loggingLevel'),
          json_extract(settings, fullkey || '.LoggingLevel'),
          iif(type = 'object', 'OFF', 'not an object')
        )
      )
      from json_each(settings)
    ) as levels
  from stages_of_both
),

judged as (
  select
    *,
    destination glob 'arn:*:logs:*'
      or exists (select 1 from json_each(levels) where value in ('ERROR', 'INFO')) as logs,
    is_read
      and (destination = '' or destination glob 'arn:*:firehose:*')
      and not exists (select 1 from json_each(levels) where value not in ('OFF', '')) as is_silent
  from said
),

counted as (
  select
    account_id,
    region,
    count(*) filter (where logs) as logging,
    count(*) filter (where not logs and not is_silent) as unknown
  from judged
  group by account_id, region
)

select
  account_settings.arn as resource,
  case
    when cloudwatch_role_arn glob 'arn:*:iam::*:role/*' then 'ok'
    when nullif(cloudwatch_role_arn, '') is not null then 'error'
    when logging > 0 then 'alarm'
    when unknown > 0 then 'error'
    else 'skip'
  end as status,
  case
    when cloudwatch_role_arn glob 'arn:*:iam::*:role/*'
      then 'Writes its logs as ' || cloudwatch_role_arn || '.'
    when nullif(cloudwatch_role_arn, '') is not null
      then 'What AWS names as its CloudWatch role is not one: ' || cloudwatch_role_arn || '.'
    when logging > 0
      then 'There is no CloudWatch role, so nothing is written by '
        || iif(logging = 1, 'the stage that is', 'the ' || logging || ' stages that are')
        || ' set to log.'
    when unknown > 0
      then 'There is no CloudWatch role, and it is not known here whether '
        || iif(unknown = 1, 'one stage is', unknown || ' stages are') || ' set to log.'
    else 'There is no CloudWatch role, and no stage of a REST or WebSocket API is set to log.'
  end as reason,
  account_id,
  region,
  cloudwatch_role_arn,
  coalesce(logging, 0) as stages
from account_settings
left join counted using (account_id, region);
