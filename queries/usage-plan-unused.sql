-- title: Every usage plan is for a stage
-- description: Looks for a stage that the plan is for. Whether callers have keys for it is not
--   checked.
-- rationale: A plan that is for no stage limits nobody, and its keys open nothing; whoever reads the
--   list takes it for protection.
-- severity: low
-- tags: hygiene, throttling
-- remediation: Add the stages that the plan is meant for, or delete it.

select
  arn as resource,
  case
    when coalesce(api_stages, '[]') = '[]' then 'alarm'
    when not json_valid(api_stages) then 'error'
    when json_type(api_stages) <> 'array' then 'error'
    when json_type(api_stages, '$[0].apiId') is 'text' then 'ok'
    else 'error'
  end as status,
  case
    when coalesce(api_stages, '[]') = '[]' then 'It is for no stage.'
    when not json_valid(api_stages) or json_type(api_stages) <> 'array'
      then 'Its stages are not a list: ' || api_stages || '.'
    when json_type(api_stages, '$[0].apiId') is 'text'
      then 'It is for ' || json_array_length(api_stages)
        || iif(json_array_length(api_stages) = 1, ' stage.', ' stages.')
    else 'AWS does not say which stages it is for: ' || api_stages || '.'
  end as reason,
  account_id,
  region,
  usage_plan_id,
  name as usage_plan
from usage_plans;
