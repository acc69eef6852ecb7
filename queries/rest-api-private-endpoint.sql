-- title: Every REST API can only be reached from a VPC
-- description: An API that the public is meant to call is in alarm here too: accept it in a
--   baseline, with the reason.
-- rationale: An endpoint that the internet cannot reach cannot be attacked from there.
-- severity: medium
-- tags: network
-- remediation: Make the endpoint private, with a resource policy that names the VPC endpoints,
--   and deploy the API again.

with typed as (
  select *, endpoint_type(endpoint_configuration) as endpoint_type
  from rest_apis
)

select
  arn as resource,
  case
    when endpoint_type = 'PRIVATE' then 'ok'
    when endpoint_type in ('EDGE', 'REGIONAL') then 'alarm'
    -- Of several types, one is enough that the internet can reach.
    when endpoint_type glob '*"EDGE"*' or endpoint_type glob '*"REGIONAL"*' then 'alarm'
    else 'error'
  end as status,
  case
    when endpoint_type = 'PRIVATE' then 'Its endpoint is private.'
    when endpoint_type in ('EDGE', 'REGIONAL')
      then 'Its endpoint is ' || lower(endpoint_type) || '.'
    when endpoint_type glob '*"EDGE"*' or endpoint_type glob '*"REGIONAL"*'
      then 'Its endpoint has a type that the internet can reach: ' || endpoint_type || '.'
    when endpoint_type is null then 'AWS does not say of which type its endpoint is.'
    else 'The type of its endpoint is not known here: ' || endpoint_type || '.'
  end as reason,
  account_id,
  region,
  name as rest_api,
  endpoint_type
from typed;
