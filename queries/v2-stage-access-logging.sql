-- title: Every stage of an HTTP or WebSocket API writes an access log
-- description: An access log has a line for each request, in a format of your choice. It needs a
--   destination, which is CloudWatch Logs or Firehose, and a format.
-- rationale: No other log says who called, from where and with what result.
-- severity: medium
-- tags: logging, v2
-- remediation: Create a log group in each region, and set it as the destination of the access log:
--   the ARN of a log group in the account and region of the stage. {region} and {account_id} in it
--   stand for those. A stage whose format has no request id, without which AWS takes none, gets
--   another format. For a WebSocket API, the account needs a CloudWatch role.
-- remedy:
--   update v2_stages
--   set access_log_settings = json_object(
--     'DestinationArn',
--     coalesce(
--       nullif(access_log_settings ->> 'DestinationArn', ''),
--       replace(
--         replace(replace(:log_group_arn, '{region}', region), '{account_id}', account_id), ':*', ''
--       )
--     ),
--     'Format',
--     iif(
--       logs_request_id(access_log_settings ->> 'Format'),
--       access_log_settings ->> 'Format',
--       :format
--     )
--   )
-- remedy-params: format=$context.identity.sourceIp $context.requestTime "$context.routeKey"
--   $context.status $context.requestId
-- remedy-asks: log_group_arn=arn:aws:logs:{region}:{account_id}:log-group:access-logs
--   [arn:{partition}:logs:{region}:{account_id}:log-group:*]

with logged as (
  select
    *,
    access_log_settings ->> 'DestinationArn' as destination,
    access_log_settings ->> 'Format' as format
  from v2_stages
)

select
  stages.arn as resource,
  case
    when json_type(access_log_settings) <> 'object' then 'error'
    when nullif(destination, '') is null then 'alarm'
    when destination not glob 'arn:*' then 'error'
    when coalesce(trim(format), '') = '' then 'alarm'
    when logs_request_id(format) then 'ok'
    else 'error'
  end as status,
  case
    when json_type(access_log_settings) <> 'object'
      then 'The settings of its access log are not an object: ' || access_log_settings || '.'
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
  v2_apis.name as api,
  api_id,
  stage_name,
  destination
from logged as stages
join v2_apis using (account_id, region, api_id);
