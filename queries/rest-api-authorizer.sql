-- title: Every REST API has an authorizer
-- description: Wants one authorizer of any type, or of one that types names. With userPools=named,
--   one of type COGNITO_USER_POOLS has to name a user pool. Whether methods use it is what
--   method-authorization checks.
-- rationale: An API whose callers nobody knows cannot tell them apart, or keep any of them out.
-- severity: medium
-- tags: access
-- params: types=TOKEN,REQUEST,COGNITO_USER_POOLS,JWT [TOKEN|REQUEST|COGNITO_USER_POOLS|JWT, ...],
--   userPools=any [any|named]
-- remediation: Create an authorizer, let the methods use it, and deploy the API again. Callers that
--   it does not let in are refused from then on.

with named as (
  select
    *,
    coalesce(
      json_extract(iif(json_valid(provider_arns), provider_arns, '[]'), '$[0]') glob 'arn:*',
      false
    ) as names_a_pool
  from authorizers
),

counted as (
  select
    account_id,
    region,
    rest_api_id,
    count(*) filter (
      where is_one_of(type, :types)
        and not (type = 'COGNITO_USER_POOLS' and :userPools = 'named' and not names_a_pool)
    ) as suitable,
    count(*) filter (
      where coalesce(type, '') not in ('TOKEN', 'REQUEST', 'COGNITO_USER_POOLS', 'JWT')
    ) as unknown,
    group_concat(type, ', ') as found
  from named
  group by account_id, region, rest_api_id
)

select
  rest_apis.arn as resource,
  case
    when suitable > 0 then 'ok'
    when unknown > 0 then 'error'
    else 'alarm'
  end as status,
  case
    when suitable > 0
      then 'Has ' || suitable || iif(suitable = 1, ' authorizer', ' authorizers')
        || ' of the types that are asked for.'
    when unknown > 0 then 'The type of an authorizer is not known here.'
    when is_one_of('COGNITO_USER_POOLS', found) and is_one_of('COGNITO_USER_POOLS', :types)
      then 'None of its authorizers names a user pool.'
    else 'Has no authorizer' || coalesce(' of the types that are asked for, only ' || found, '') || '.'
  end as reason,
  account_id,
  region,
  rest_apis.name as rest_api,
  rest_api_id
from rest_apis
left join counted using (account_id, region, rest_api_id);
