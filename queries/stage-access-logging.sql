-- title: Every stage writes an access log
-- description: An access log has a line for each request, in a format of your choice. It goes to
--   CloudWatch Logs or to Firehose.
-- rationale: No other log says who called, from where and with what result.
-- severity: medium
-- tags: logging
-- remediation: Create a log group, and set its ARN (LOG_GROUP_ARN) as the destination of the
--   access log, together with a format.

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
  stage_name,
  iif(
    nullif(destination, '') is not null,
    null,
    'aws apigateway update-stage --region ' || region
      || ' --rest-api-id ' || rest_api_id || ' --stage-name ' || stage_name
      || ' --patch-operations op=replace,path=/accessLogSettings/destinationArn,value=LOG_GROUP_ARN'
  ) as remediation
from read as stages
join rest_apis using (account_id, region, rest_api_id);
