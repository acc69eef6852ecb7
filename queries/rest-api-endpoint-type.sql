-- title: Every REST API has an endpoint of a type that is allowed
-- description: All types are allowed unless endpointConfigurationTypes names fewer. The APIs of
--   ExceptionList may have any.
-- rationale: The type decides who can reach an API, and whether its requests travel through
--   CloudFront.
-- severity: medium
-- tags: network
-- params: endpointConfigurationTypes=REGIONAL,PRIVATE,EDGE [REGIONAL|PRIVATE|EDGE, ...],
--   ExceptionList= [*, ...]
-- formerly: rest-api-private-endpoint
-- remediation: Change the type of the endpoint, and deploy the API again. Callers have to use
--   another address from then on, so first move a domain name of your own.

with typed as (
  select *, endpoint_type(endpoint_configuration) as endpoint_type
  from rest_apis
),

listed as (
  select
    *,
    case
      when not json_valid(endpoint_type) then json_array(endpoint_type)
      when json_type(endpoint_type) = 'array' then endpoint_type
      else '[]'
    end as types
  from typed
),

judged as (
  select
    *,
    -- Of several types, one is enough that is not allowed.
    (
      select group_concat(lower(value), ', ')
      from json_each(types)
      where value in ('EDGE', 'REGIONAL', 'PRIVATE')
        and not is_one_of(value, :endpointConfigurationTypes)
    ) as refused,
    (
      select group_concat(lower(value), ', ')
      from json_each(types)
      having min(coalesce(value in ('EDGE', 'REGIONAL', 'PRIVATE'), 0)) = 1
    ) as known
  from listed
)

select
  arn as resource,
  case
    when is_one_of(rest_api_id, :ExceptionList) then 'ok'
    when refused is not null then 'alarm'
    when known is not null then 'ok'
    else 'error'
  end as status,
  case
    when is_one_of(rest_api_id, :ExceptionList) then 'It is one of the exceptions.'
    when refused is not null then 'Its endpoint is ' || refused || ', which is not allowed.'
    when endpoint_type is null then 'AWS does not say of which type its endpoint is.'
    when known is not null then 'Its endpoint is ' || known || '.'
    else 'The type of its endpoint is not known here: ' || endpoint_type || '.'
  end as reason,
  account_id,
  region,
  name as rest_api,
  rest_api_id,
  endpoint_type
from judged;
