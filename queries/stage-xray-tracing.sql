-- title: Every stage traces its requests with X-Ray
-- description: Looks for active tracing on the stage; a backend's own tracing does not count.
-- rationale: A trace shows where a request spent its time, and which service refused it.
-- severity: low
-- tags: monitoring
-- remediation: Turn on active tracing for the stage.
-- remedy:
--   update stages
--   set tracing_enabled = 1

select
  stages.arn as resource,
  case
    when tracing_enabled is 1 then 'ok'
    when coalesce(tracing_enabled, 0) is 0 then 'alarm'
    else 'error'
  end as status,
  case
    when tracing_enabled is 1 then 'X-Ray tracing is on.'
    when coalesce(tracing_enabled, 0) is 0 then 'X-Ray tracing is off.'
    else 'AWS says neither yes nor no: ' || tracing_enabled || '.'
  end as reason,
  account_id,
  region,
  rest_apis.name as rest_api,
  rest_api_id,
  stage_name
from stages
join rest_apis using (account_id, region, rest_api_id);
