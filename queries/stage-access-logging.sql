-- title: Every stage writes an access log
-- description: An access log has a line for each request, in a format of your choice. It goes to
--   CloudWatch Logs or to Firehose.
-- rationale: No other log says who called, from where and with what result.
-- severity: medium
-- tags: logging
-- remediation: Create a log group in each region, give the account a CloudWatch role, and set the
--   destination of the access log; its ARN may have {region} and {account_id} in it. A stage
--   without a format gets the common log format.
-- remedy:
--   update stages
--   set access_log_settings = json_object(
--     'destinationArn',
--     replace(
--       replace(replace(:log_group_arn, '{region}', region), '{account_id}', account_id), ':*', ''
--     ),
--     'format',
--     coalesce(
--       access_log_settings ->> 'format',
--       '$context.identity.sourceIp $context.identity.caller $context.identity.user '
--         || '[$context.requestTime] "$context.httpMethod $context.resourcePath '
--         || '$context.protocol" $context.status $context.responseLength $context.requestId'
--     )
--   )
-- remedy-asks: log_group_arn=arn:aws:logs:{region}:{account_id}:log-group:access-logs

with read as (
  select
    *,
    json_extract(
      iif(json_valid(access_log_settings), access_log_settings, '{}'),
      '$.destinationArn'
    ) as destination
  from stages
)

select
  stages.arn as resource,
  case
    when destination glob 'arn:*' then 'ok'
    when nullif(destination, '') is null then 'alarm'
    else 'error'
  end as status,
  case
    when destination glob 'arn:*' then 'Writes an access log.'
    when nullif(destination, '') is null then 'Writes no access log.'
    else 'The destination of its access log is not an ARN: ' || destination || '.'
  end as reason,
  account_id,
  region,
  rest_apis.name as rest_api,
  rest_api_id,
  stage_name
from read as stages
join rest_apis using (account_id, region, rest_api_id);
