-- title: Every stage writes an access log
-- description: An access log has a line for each request, in a format of your choice. It goes to
--   CloudWatch Logs or to Firehose.
-- rationale: No other log says who called, from where and with what result.
-- severity: medium
-- tags: logging
-- remediation: Create a log group in each region, give the account a CloudWatch role, and set the
--   destination of the access log: the ARN of a log group, or of a Firehose stream whose name begins
--   with amazon-apigateway-, in the account and region of the stage. {region} and {account_id} in it
--   stand for those. AWS takes no access log without a format that has a request id in it: a stage
--   without one gets the common log format.
-- remedy:
--   update stages
--   set access_log_settings = json_object(
--     'destinationArn',
--     coalesce(
--       nullif(access_log_settings ->> 'destinationArn', ''),
--       replace(
--         replace(replace(:log_group_arn, '{region}', region), '{account_id}', account_id), ':*', ''
--       )
--     ),
--     'format',
--     iif(
--       logs_request_id(access_log_settings ->> 'format'),
--       access_log_settings ->> 'format',
--       '$context.identity.sourceIp $context.identity.caller $context.identity.user '
--         || '[$context.requestTime] "$context.httpMethod $context.resourcePath '
--         || '$context.protocol" $context.status $context.responseLength $context.requestId'
--     )
--   )
-- remedy-asks: log_group_arn=arn:aws:logs:{region}:{account_id}:log-group:access-logs
--   [arn:{partition}:logs:{region}:{account_id}:log-group:*
--   | arn:{partition}:firehose:{region}:{account_id}:deliverystream/amazon-apigateway-*]

with read as (
  select
    *,
    json_extract(
      iif(json_valid(access_log_settings), access_log_settings, '{}'),
      '$.destinationArn'
    ) as destination,
    json_extract(
      iif(json_valid(access_log_settings), access_log_settings, '{}'),
      '$.format'
    ) as format
  from stages
)

select
  stages.arn as resource,
  case
    when nullif(destination, '') is null then 'alarm'
    when destination not glob 'arn:*' then 'error'
    when coalesce(trim(format), '') = '' then 'alarm'
    when logs_request_id(format) then 'ok'
    else 'error'
  end as status,
  case
    when nullif(destination, '') is null then 'Writes no access log.'
    when destination not glob 'arn:*'
      then 'The destination of its access log is not an ARN: ' || destination || '.'
    when coalesce(trim(format), '') = ''
      then 'Its access log has a destination, but no format, without which AWS takes none.'
    when logs_request_id(format)
      then 'Writes an access log.'
    else 'The format of its access log has no request id, without which AWS takes none.'
  end as reason,
  account_id,
  region,
  rest_apis.name as rest_api,
  rest_api_id,
  stage_name
from read as stages
join rest_apis using (account_id, region, rest_api_id);
