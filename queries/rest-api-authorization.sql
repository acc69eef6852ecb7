-- title: Every REST API has an authorizer, or authorization for every method
-- description: One result for each API, where method-authorization has one for each method. Methods
--   other than OPTIONS count, of the working copy and not of what is deployed. An authorizer is
--   enough, even if no method uses it.
-- rationale: An API that asks nobody who they are is open to whoever knows its address.
-- severity: medium
-- tags: access
-- remediation: Create an authorizer or set the authorization type of each method that is named, and
--   deploy the API again. Callers without credentials are refused from then on.

with deciders as (
  select account_id, region, rest_api_id, count(*) as authorizers
  from authorizers
  group by account_id, region, rest_api_id
),

callable as (
  select
    account_id,
    region,
    rest_api_id,
    count(*) as methods,
    group_concat(concat(http_method, ' ', path), ', ')
      filter (where authorization_type = 'NONE') as open_methods,
    count(*) filter (
      where coalesce(authorization_type, '')
        not in ('NONE', 'AWS_IAM', 'CUSTOM', 'COGNITO_USER_POOLS', 'JWT')
    ) as unknown,
    count(*) filter (
      where authorization_type in ('CUSTOM', 'COGNITO_USER_POOLS', 'JWT')
    ) as by_authorizer
  from methods
  where http_method <> 'OPTIONS'
  group by account_id, region, rest_api_id
)

select
  rest_apis.arn as resource,
  case
    when authorizers > 0 then 'ok'
    when methods is null or open_methods is not null then 'alarm'
    when unknown > 0 then 'error'
    when by_authorizer > 0 then 'info'
    else 'ok'
  end as status,
  case
    when authorizers > 0
      then 'Has ' || authorizers || iif(authorizers = 1, ' authorizer.', ' authorizers.')
    when methods is null then 'Has neither an authorizer nor a method other than OPTIONS.'
    when open_methods is not null then 'Anyone can call ' || open_methods || '.'
    when unknown > 0 then 'The authorization type of a method is not known here.'
    when by_authorizer > 0
      then 'Methods leave it to an authorizer who may call, and the API has none.'
    else 'Every method asks who calls.'
  end as reason,
  account_id,
  region,
  rest_apis.name as rest_api,
  rest_api_id,
  open_methods
from rest_apis
left join deciders using (account_id, region, rest_api_id)
left join callable using (account_id, region, rest_api_id);
