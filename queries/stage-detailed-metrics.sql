-- title: Every stage sends detailed metrics to CloudWatch
-- description: Looks for metrics for each method, not just for the stage as a whole, in each entry
--   of method_settings.
-- rationale: An attack on one method is lost in the average of a stage.
-- severity: low
-- tags: monitoring
-- remediation: Turn on detailed metrics for */* and for each method that is named. CloudWatch
--   charges for them.
-- remedy:
--   update stages
--   set method_settings = (
--     select json_group_object(key, json_patch(value, '{"metricsEnabled": true}'))
--     from json_each(json_patch('{"*/*": {}}', coalesce(method_settings, '{}')))
--   )

with judged as (
  select
    account_id,
    region,
    rest_api_id,
    stage_name,
    max(method = '*/*') as covers_all,
    group_concat(method, ', ')
      filter (where json_type(settings, '$.metricsEnabled') is not 'true') as bad_methods
  from stage_method_settings
  group by account_id, region, rest_api_id, stage_name
)

select
  stages.arn as resource,
  iif(covers_all and bad_methods is null, 'ok', 'alarm') as status,
  case
    when bad_methods is not null then 'Detailed metrics are off for ' || bad_methods || '.'
    when covers_all then 'Detailed metrics are on for every method.'
    else 'Detailed metrics are off for methods without settings of their own: there is no entry */*.'
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
