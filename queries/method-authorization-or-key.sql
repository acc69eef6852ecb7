-- title: No method can be called without authorization or an API key
-- description: Wants an authorization type other than NONE, or an API key. An OPTIONS method is
--   exempt unless options=require, since browsers send their preflight requests without
--   credentials. method-authorization is not content with an API key. Judges the methods of the
--   working copy, and not what is deployed.
-- rationale: Whoever knows the address of a method that asks for nothing can call its backend.
-- severity: medium
-- tags: access
-- params: options=exempt [exempt|require]
-- remediation: Let IAM decide who may call the method, with authorization=AWS_IAM, or an authorizer
--   of its API, with the authorizer's name or id; or require an API key, with
--   authorization=API_KEY. A key is no proof of who calls. OPTIONS methods are left as they are.
--   The alarm ends with the change of the working copy; what callers reach changes only with a
--   deployment, and from then on callers without credentials or a key are refused.
-- remedy:
--   update methods
--   set (authorization_type, authorizer_id, api_key_required) = (
--     select 'AWS_IAM', null, methods.api_key_required
--     where :authorization = 'AWS_IAM'
--     union all
--     select methods.authorization_type, methods.authorizer_id, 1
--     where :authorization = 'API_KEY'
--     union all
--     select
--       case
--         when one.type in ('TOKEN', 'REQUEST') then 'CUSTOM'
--         when one.type in ('COGNITO_USER_POOLS', 'JWT') then one.type
--       end,
--       one.authorizer_id,
--       methods.api_key_required
--     from authorizers as one
--     where :authorization not in ('AWS_IAM', 'API_KEY')
--       and one.account_id = methods.account_id
--       and one.region = methods.region
--       and one.rest_api_id = methods.rest_api_id
--       and :authorization in (one.name, one.authorizer_id)
--   )
-- remedy-leaves:
--   case
--     when http_method = 'OPTIONS' then 'browsers send preflight requests without credentials'
--     when :authorization in ('AWS_IAM', 'API_KEY') then null
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
    when needs_key then 'ok'
    when decider = 'an unnamed authorizer' then 'info'
    when decider <> 'nobody' then 'ok'
    else iif(is_exempt, 'skip', 'alarm')
  end as status,
  case
    when decider is null and nullif(authorization_type, '') is null
      then 'AWS does not say of which type its authorization is.'
    when decider is null
      then 'It is not known here who decides: its authorization type is '
        || authorization_type || '.'
    when coalesce(api_key_required, 0) not in (0, 1)
      then 'AWS does not say whether it needs an API key: ' || api_key_required || '.'
    when needs_key then 'Who calls it needs an API key.'
    when decider <> 'nobody' then 'Who may call it is decided by ' || decider || '.'
    when is_exempt then 'Preflight requests need no authorization.'
    else 'Anyone can call it, without authorization and without an API key.'
  end as reason,
  account_id,
  region,
  rest_apis.name as rest_api,
  rest_api_id,
  resource_id,
  path,
  http_method,
  authorization_type,
  api_key_required
from judged
join rest_apis using (account_id, region, rest_api_id);
