-- title: No method can be called without authorization or an API key
-- description: Wants an authorization type other than NONE, or an API key. An OPTIONS method is
--   exempt unless options=require, since browsers send their preflight requests without
--   credentials. method-authorization is not content with an API key. Judges the methods of the
--   working copy, and not what is deployed.
-- rationale: Whoever knows the address of a method that asks for nothing can call its backend.
-- severity: medium
-- tags: access
-- params: options=exempt [exempt|require]
-- remediation: Set the authorization type of the method or require an API key, and deploy the API
--   again. Callers without them are refused from then on. An API key is no proof of who calls.

with judged as (
  select
    *,
    api_key_required is 1 as needs_key,
    http_method = 'OPTIONS' and :options = 'exempt' as is_exempt,
    -- Who decides; null where that is not known here.
    case
      when authorization_type = 'NONE' then 'nobody'
      when authorization_type = 'AWS_IAM' then 'IAM'
      when authorization_type in ('CUSTOM', 'COGNITO_USER_POOLS', 'JWT')
        then iif(
          is_id(authorizer_id),
          'authorizer ' || authorizer_id,
          'an unnamed authorizer'
        )
    end as decider
  from methods
)

select
  judged.arn as resource,
  case
    when decider is null or coalesce(api_key_required, 0) not in (0, 1) then 'error'
    when decider = 'an unnamed authorizer' then 'info'
    when decider <> 'nobody' or needs_key then 'ok'
    else iif(is_exempt, 'skip', 'alarm')
  end as status,
  case
    when decider is null
      then 'It is not known here who decides: its authorization type is '
        || coalesce(authorization_type, 'not there') || '.'
    when coalesce(api_key_required, 0) not in (0, 1)
      then 'AWS does not say whether it needs an API key: ' || api_key_required || '.'
    when decider <> 'nobody' then 'Who may call it is decided by ' || decider || '.'
    when needs_key then 'Who calls it needs an API key.'
    when is_exempt then 'Preflight requests need no authorization.'
    else 'Anyone can call it, without authorization and without an API key.'
  end as reason,
  account_id,
  region,
  rest_apis.name as rest_api,
  rest_api_id,
  path,
  http_method,
  authorization_type,
  api_key_required
from judged
join rest_apis using (account_id, region, rest_api_id);
