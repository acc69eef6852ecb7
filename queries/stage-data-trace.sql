-- title: No stage logs whole requests and responses
-- description: Looks for data tracing in each entry of method_settings. It is meant for a few
--   minutes of debugging.
-- rationale: What is traced has the bodies and headers of every request in it, and with them
--   passwords, tokens and personal data, which then lie in the logs in the clear.
-- severity: medium
-- tags: logging, secrets
-- remediation: Turn off data tracing for each method that is named, and delete the log streams that
--   it has filled.
-- remedy:
--   update stages
--   set method_settings = (
--     select json_group_object(key, json_patch(value, '{"dataTraceEnabled": false}'))
--     from json_each(method_settings)
--   )

with judged as (
  select
    account_id,
    region,
    rest_api_id,
    stage_name,
    group_concat(method, ', ')
      filter (where json_type(settings, '$.dataTraceEnabled') = 'true') as bad_methods,
    group_concat(method, ', ') filter (
      where coalesce(json_type(settings, '$.dataTraceEnabled'), '') not in ('true', 'false')
    ) as unsaid
  from stage_method_settings
  group by account_id, region, rest_api_id, stage_name
)

select
  stages.arn as resource,
  case
    when not json_valid(method_settings) then 'error'
    when json_type(method_settings) <> 'object' then 'error'
    when bad_methods is not null then 'alarm'
    when unsaid is not null then 'info'
    else 'ok'
  end as status,
  case
    when not json_valid(method_settings) or json_type(method_settings) <> 'object'
      then 'Its method settings are not an object.'
    when bad_methods is not null then 'Data tracing is on for ' || bad_methods || '.'
    when unsaid is not null then 'AWS does not say whether data tracing is on for ' || unsaid || '.'
    else 'Data tracing is off.'
  end as reason,
  account_id,
  region,
  rest_apis.name as rest_api,
  rest_api_id,
  stage_name,
  bad_methods
from stages
join rest_apis using (account_id, region, rest_api_id)
left join judged using (account_id, region, rest_api_id, stage_name);
