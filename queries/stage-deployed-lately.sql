-- title: No stage is older than a year without a change
-- description: The day of the last update of the stage, which each deployment to it is one of. A
--   stage that is changed without a deployment counts as alive.
-- rationale: What nobody has touched for long is often what nobody watches: forgotten stages keep
--   old code and old holes open.
-- severity: low
-- tags: hygiene
-- remediation: Deploy the stage again, or delete it when nobody calls it.
-- params: days=365

select
  stages.arn as resource,
  iif(last_updated_date < datetime('now', -:days || ' days'), 'alarm', 'ok') as status,
  'Last changed on ' || date(last_updated_date) || ', '
    || cast(julianday('now') - julianday(last_updated_date) as integer) || ' days ago.' as reason,
  account_id,
  region,
  rest_apis.name as rest_api,
  stage_name,
  last_updated_date,
  iif(
    last_updated_date < datetime('now', -:days || ' days'),
    'aws apigateway create-deployment --region ' || region
      || ' --rest-api-id ' || rest_api_id || ' --stage-name ' || stage_name,
    null
  ) as remediation
from stages
join rest_apis using (account_id, region, rest_api_id);
