-- title: Requests to every method are validated
-- description: Wants a request validator that checks the body or the parameters; with
--   checks=parameters, it has to check the parameters. An OPTIONS method is exempt unless
--   options=require. Judges the methods of the working copy, and not what is deployed.
-- rationale: What is malformed is refused before it reaches a backend, and before it costs anything.
-- severity: low
-- tags: backend
-- params: options=exempt [exempt|require], checks=any [any|parameters]
-- remediation: Give the method a request validator of its API, by the validator's name or id, and
--   say which parameters are required and what the body has to look like. The alarm ends with the
--   change of the working copy; what callers reach changes only with a deployment, and from then on
--   malformed requests are refused.
-- remedy:
--   update methods
--   set request_validator_id = (
--     select one.request_validator_id
--     from request_validators as one
--     where one.account_id = methods.account_id
--       and one.region = methods.region
--       and one.rest_api_id = methods.rest_api_id
--       and :request_validator in (one.name, one.request_validator_id)
--   )
-- remedy-leaves:
--   (
--     select
--       case
--         when count(*) = 0 then 'its API has no request validator ' || :request_validator
--         when count(*) > 1
--           then 'its API has several request validators ' || :request_validator
--             || ': choose one by its id'
--         when max(
--           (before.validate_request_body is not 0 and one.validate_request_body is not 1)
--           or (before.validate_request_parameters is not 0
--             and one.validate_request_parameters is not 1)
--         ) and max(before.request_validator_id) is not null
--           then 'validator ' || :request_validator || ' does not check all that '
--             || max(before.request_validator_id) || ' checks: choose one that does'
--       end
--     from request_validators as one
--     left join request_validators as before
--       on before.account_id = methods.account_id
--         and before.region = methods.region
--         and before.rest_api_id = methods.rest_api_id
--         and before.request_validator_id = methods.request_validator_id
--     where one.account_id = methods.account_id
--       and one.region = methods.region
--       and one.rest_api_id = methods.rest_api_id
--       and :request_validator in (one.name, one.request_validator_id)
--   )
-- remedy-asks: request_validator=Validate body

with judged as (
  select
    methods.*,
    validator.request_validator_id as found,
    validator.validate_request_parameters is 1
      or (:checks = 'any' and validator.validate_request_body is 1) as validates,
    validator.validate_request_parameters is 0
      and (:checks <> 'any' or validator.validate_request_body is 0) as validates_nothing
  from methods
  left join request_validators as validator
    using (account_id, region, rest_api_id, request_validator_id)
)

select
  judged.arn as resource,
  case
    when nullif(request_validator_id, '') is null
      then iif(http_method = 'OPTIONS' and :options = 'exempt', 'skip', 'alarm')
    when found is null then 'error'
    when validates then 'ok'
    else iif(validates_nothing, 'alarm', 'error')
  end as status,
  case
    when nullif(request_validator_id, '') is null
      then iif(
        http_method = 'OPTIONS' and :options = 'exempt',
        'Preflight requests need no validation.',
        'It has no request validator.'
      )
    when found is null then 'Its API has no request validator ' || request_validator_id || '.'
    when validates then 'Requests are checked by validator ' || request_validator_id || '.'
    when validates_nothing
      then 'Validator ' || request_validator_id || ' does not check '
        || iif(:checks = 'any', 'anything.', 'parameters.')
    else 'AWS does not say what validator ' || request_validator_id || ' checks.'
  end as reason,
  account_id,
  region,
  rest_apis.name as rest_api,
  rest_api_id,
  resource_id,
  path,
  http_method,
  request_validator_id
from judged
join rest_apis using (account_id, region, rest_api_id);
