-- title: No stage has gone a year without a change
-- description: Looks at the day of the stage's last update; each deployment to the stage is one. A
--   stage that is changed without a deployment counts as alive.
-- rationale: What nobody has touched for a long time is often what nobody watches: forgotten
--   stages keep old code running and old holes open.
-- severity: low
-- tags: hygiene
-- remediation: Deploy the stage again, or delete it if nobody calls it.
-- params: days=365 [1..36500]

select
  stages.arn as resource,
  case
    when not is_time(last_updated_date) then 'error'
    when last_updated_date < datetime('now', -:days || ' days') then 'alarm'
    else 'ok'
  end as status,
  case
    when not is_time(last_updated_date)
      then 'AWS does not say when it was last changed.'
    else 'Last changed on ' || date(last_updated_date) || ', '
      || cast(julianday('now') - julianday(last_updated_date) as integer) || ' days ago.'
  end as reason,
  account_id,
  region,
  rest_apis.name as rest_api,
  stage_name,
  last_updated_date
from stages
join rest_apis using (account_id, region, rest_api_id);
