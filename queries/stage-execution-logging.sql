-- title: Every stage logs the execution of every method
-- description: Looks at each entry of method_settings, not just at */*: one method can turn off
--   what the stage has turned on. An entry without a logging level counts as off.
--   With loggingLevel=INFO, ERROR is not enough.
-- rationale: Without execution logs nobody can say afterwards who called what, and why it failed.
-- severity: medium
-- tags: logging
-- params: loggingLevel=ERROR,INFO [ERROR|INFO, ...]
-- remediation: Give the account a CloudWatch role once per region, then set the logging level of
--   */* and of each method that is named to the first level of loggingLevel.
-- remedy:
--   update stages
--   set method_settings = (
--     select json_group_object(
--       key,
--       json_patch(
--         value,
--         iif(
--           is_one_of(value ->> 'loggingLevel', :loggingLevel),
--           '{}',
--           json_object('loggingLevel', words_of(:loggingLevel) ->> 0)
--         )
--       )
--     )
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
      filter (where not is_one_of(settings ->> 'loggingLevel', :loggingLevel)) as bad_methods
  from stage_method_settings
  group by account_id, region, rest_api_id, stage_name
)

select
  stages.arn as resource,
  iif(covers_all and bad_methods is null, 'ok', 'alarm') as status,
  case
    when bad_methods is not null
      then 'Execution logging is not at ' || replace(replace(:loggingLevel, ' ', ''), ',', ' or ')
        || ' for ' || bad_methods || '.'
    when covers_all then 'Execution logging is on for every method.'
    else 'Execution logging is off for methods without settings of their own: there is no entry */*.'
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
