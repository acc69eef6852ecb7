-- title: Every REST API has a request validator
-- description: Wants one that checks the body or the parameters. Whether methods use it is what
--   method-request-validated checks.
-- rationale: What is malformed is refused before it reaches a backend, and before it costs anything.
-- severity: low
-- tags: backend
-- remediation: Create a request validator, let the methods use it, and deploy the API again.
--   Malformed requests are refused from then on.

with counted as (
  select
    account_id,
    region,
    rest_api_id,
    count(*) as validators,
    count(*) filter (where validate_request_body is 1 or validate_request_parameters is 1) as useful,
    count(*) filter (where validate_request_body is 0 and validate_request_parameters is 0) as idle
  from request_validators
  group by account_id, region, rest_api_id
)

select
  rest_apis.arn as resource,
  case
    when validators is null then 'alarm'
    when useful > 0 then 'ok'
    else iif(idle = validators, 'alarm', 'error')
  end as status,
  case
    when validators is null then 'Has no request validator.'
    when useful > 0
      then 'Has ' || useful || iif(useful = 1, ' request validator.', ' request validators.')
    when idle = validators then 'Its request validators check neither the body nor the parameters.'
    else 'AWS does not say what its request validators check.'
  end as reason,
  account_id,
  region,
  rest_apis.name as rest_api,
  rest_api_id
from rest_apis
left join counted using (account_id, region, rest_api_id);
