-- title: No method can be called without authorization
-- description: Wants an authorization type other than NONE: IAM or an authorizer. An OPTIONS method
--   is exempt unless options=require, since browsers send their preflight requests without
--   credentials. Judges the methods of the working copy, and not what is deployed.
-- rationale: Whoever knows the address of a method without authorization can call its backend.
-- severity: medium
-- tags: access
-- params: options=exempt [exempt|require]
-- remediation: Set the authorization type of the method, and the authorizer if it is not IAM, and
--   deploy the API again. Callers without credentials are refused from then on.

with judged as (
  select
    *,
    is_id(authorizer_id) as names_authorizer
  from methods
)

select
  judged.arn as resource,
  case
    when authorization_type = 'NONE' and http_method = 'OPTIONS' and :options = 'exempt' then 'skip'
    when authorization_type = 'NONE' then 'alarm'
    when authorization_type = 'AWS_IAM' then 'ok'
    when authorization_type in ('CUSTOM', 'COGNITO_USER_POOLS', 'JWT')
      then iif(names_authorizer, 'ok', 'info')
    else 'error'
  end as status,
  case
    when authorization_type = 'NONE' and http_method = 'OPTIONS' and :options = 'exempt'
      then 'Preflight requests need no authorization.'
    when authorization_type = 'NONE' then 'Anyone can call it: its authorization type is NONE.'
    when authorization_type = 'AWS_IAM' then 'IAM decides who may call it.'
    when authorization_type in ('CUSTOM', 'COGNITO_USER_POOLS', 'JWT')
      then iif(
        names_authorizer,
        'Authorizer ' || authorizer_id || ' decides who may call it.',
        'AWS does not say which authorizer decides who may call it.'
      )
    else 'Its authorization type is not known here: ' || coalesce(authorization_type, 'none') || '.'
  end as reason,
  account_id,
  region,
  rest_apis.name as rest_api,
  rest_api_id,
  path,
  http_method,
  authorization_type
from judged
join rest_apis using (account_id, region, rest_api_id);
