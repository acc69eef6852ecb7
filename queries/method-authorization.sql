-- title: No method can be called without authorization
-- description: Wants an authorization type other than NONE: IAM or an authorizer. An OPTIONS method
--   is exempt unless options=require, since browsers send their preflight requests without
--   credentials. Judges the methods of the working copy, and not what is deployed.
-- rationale: Whoever knows the address of a method without authorization can call its backend.
-- severity: medium
-- tags: access
-- params: options=exempt [exempt|require]
-- remediation: Let IAM decide who may call the method, with authorization=AWS_IAM, or an authorizer
--   of its API, with the authorizer's name or id. OPTIONS methods are left as they are. The alarm
--   ends with the change of the working copy; what callers reach changes only with a deployment,
--   and from then on callers without credentials are refused.
-- remedy:
--   update methods
--   set (authorization_type, authorizer_id) = (
--     select 'AWS_IAM', null
--     where :authorization = 'AWS_IAM'
--     union all
--     select
--       case
--         when one.type in ('TOKEN', 'REQUEST') then 'CUSTOM'
--         when one.type in ('COGNITO_USER_POOLS', 'JWT') then one.type
--       end,
--       one.authorizer_id
--     from authorizers as one
--     where :authorization <> 'AWS_IAM'
--       and one.account_id = methods.account_id
--       and one.region = methods.region
--       and one.rest_api_id = methods.rest_api_id
--       and :authorization in (one.name, one.authorizer_id)
--   )
-- remedy-leaves:
--   case
--     when http_method = 'OPTIONS' then 'browsers send preflight requests without credentials'
--     when :authorization = 'AWS_IAM' then null
--     else (
--       select
--         case
--           when count(*) = 0 then 'its API has no authorizer ' || :authorization
--           when count(*) > 1
--             then 'its API has several authorizers ' || :authorization || ': choose one by its id'
--           when coalesce(max(one.type), '') not in ('TOKEN', 'REQUEST', 'COGNITO_USER_POOLS', 'JWT')
--             then 'the type of authorizer ' || :authorization || ' is not known here: '
--               || coalesce(max(one.type), 'AWS names none')
--         end
--       from authorizers as one
--       where one.account_id = methods.account_id
--         and one.region = methods.region
--         and one.rest_api_id = methods.rest_api_id
--         and :authorization in (one.name, one.authorizer_id)
--     )
--   end
-- remedy-asks: authorization=AWS_IAM

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
    when nullif(authorization_type, '') is null then 'AWS does not say of which type its authorization is.'
    else 'Its authorization type is not known here: ' || authorization_type || '.'
  end as reason,
  account_id,
  region,
  rest_apis.name as rest_api,
  rest_api_id,
  resource_id,
  path,
  http_method,
  authorization_type
from judged
join rest_apis using (account_id, region, rest_api_id);
