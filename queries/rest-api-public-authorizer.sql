-- title: Every REST API that the internet can reach has an authorizer
-- description: As rest-api-authorizer, but private APIs are skipped, or ok with private=ok.
-- rationale: An API that everyone can reach has to know who calls.
-- severity: medium
-- tags: access, network
-- params: types=TOKEN,REQUEST,COGNITO_USER_POOLS,JWT [TOKEN|REQUEST|COGNITO_USER_POOLS|JWT, ...],
--   userPools=any [any|named], private=skip [skip|ok]
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
    ) as unknown
  from named
  group by account_id, region, rest_api_id
),

typed as (
  select *, endpoint_type(endpoint_configuration) as endpoint_type
  from rest_apis
),

reached as (
  select
    *,
    -- Of several types, one is enough that the internet can reach.
    coalesce(
      endpoint_type in ('EDGE', 'REGIONAL')
        or endpoint_type glob '*"EDGE"*'
        or endpoint_type glob '*"REGIONAL"*',
      false
    ) as is_public
  from typed
)

select
  reached.arn as resource,
  case
    when endpoint_type = 'PRIVATE' then :private
    when not is_public then 'error'
    when suitable > 0 then 'ok'
    when unknown > 0 then 'error'
    else 'alarm'
  end as status,
  case
    when endpoint_type = 'PRIVATE' then 'Its endpoint is private.'
    when endpoint_type is null then 'AWS does not say of which type its endpoint is.'
    when not is_public then 'The type of its endpoint is not known here: ' || endpoint_type || '.'
    when suitable > 0
      then 'Has ' || suitable || iif(suitable = 1, ' authorizer', ' authorizers')
        || ' of the types that are asked for.'
    when unknown > 0 then 'The type of an authorizer is not known here.'
    else 'The internet can reach it, and it has no authorizer of the types that are asked for.'
  end as reason,
  account_id,
  region,
  reached.name as rest_api,
  rest_api_id
from reached
left join counted using (account_id, region, rest_api_id);
