-- title: Every REST API can only be reached from a VPC
-- description: An API that the public is meant to call is in alarm here too: accept it in a
--   baseline, with the reason.
-- rationale: An endpoint that the internet cannot reach cannot be attacked from there.
-- severity: medium
-- tags: network
-- remediation: Make the endpoint private, with a resource policy that names the VPC endpoints,
--   and deploy the API again.

with typed as (
  select
    *,
    json_extract(
      iif(json_valid(endpoint_configuration), endpoint_configuration, '{}'),
      '$.types'
    ) as types,
    json_extract(
      iif(json_valid(endpoint_configuration), endpoint_configuration, '{}'),
      '$.types[0]'
    ) as endpoint_type
  from rest_apis
)

select
  arn as resource,
  case
    when types = '["PRIVATE"]' then 'ok'
    when types in ('["EDGE"]', '["REGIONAL"]') then 'alarm'
    else 'error'
  end as status,
  case
    when types = '["PRIVATE"]' then 'Its endpoint is private.'
    when types in ('["EDGE"]', '["REGIONAL"]')
      then 'Its endpoint is ' || lower(endpoint_type) || '.'
    when types is null then 'AWS does not say of which type its endpoint is.'
    else 'The type of its endpoint is not known here: ' || types || '.'
  end as reason,
  account_id,
  region,
  name as rest_api,
  endpoint_type
from typed;
