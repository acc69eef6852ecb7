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
)

select
  arn as resource,
  case
    when is_one_of(rest_api_id, :ExceptionList) then 'ok'
    when coalesce(endpoint_type, '') not in ('EDGE', 'REGIONAL', 'PRIVATE') then 'error'
    when is_one_of(endpoint_type, :endpointConfigurationTypes) then 'ok'
    else 'alarm'
  end as status,
  case
    when is_one_of(rest_api_id, :ExceptionList) then 'It is one of the exceptions.'
    when endpoint_type is null then 'AWS does not say of which type its endpoint is.'
    when endpoint_type not in ('EDGE', 'REGIONAL', 'PRIVATE')
      then 'The type of its endpoint is not known here: ' || endpoint_type || '.'
    when is_one_of(endpoint_type, :endpointConfigurationTypes)
      then 'Its endpoint is ' || lower(endpoint_type) || '.'
    else 'Its endpoint is ' || lower(endpoint_type) || ', which is not allowed.'
  end as reason,
  account_id,
  region,
  name as rest_api,
  rest_api_id,
  endpoint_type
from typed;
