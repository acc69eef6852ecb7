-- title: Every stage of an HTTP or WebSocket API has a description
-- description: Looks for a description that is not empty.
-- rationale: Whoever has to decide in a hurry whether a stage may be switched off needs to know what
--   it is for.
-- severity: low
-- tags: inventory, v2
-- remediation: Say in the stage's description what it is for, and who answers for it. One description
--   is for all stages in alarm, so narrow them with --where if they differ.
-- remedy: update v2_stages set description = :description
-- remedy-asks: description=Production traffic of the shop

select
  stages.arn as resource,
  case
    when nullif(trim(stages.description), '') is null then 'alarm'
    when typeof(stages.description) <> 'text' then 'error'
    else 'ok'
  end as status,
  case
    when nullif(trim(stages.description), '') is null then 'Has no description.'
    when typeof(stages.description) <> 'text'
      then 'Its description is not a text: ' || stages.description || '.'
    else 'Is described as: ' || stages.description
  end as reason,
  account_id,
  region,
  v2_apis.name as api,
  api_id,
  stage_name
from v2_stages as stages
join v2_apis using (account_id, region, api_id);
