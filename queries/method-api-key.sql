-- title: Every method needs an API key
-- description: An OPTIONS method is exempt unless options=require, since browsers send their
--   preflight requests without one. Judges the methods of the working copy, and not what is
--   deployed.
-- rationale: Usage plans know their callers by API keys; without one, nobody has a quota.
-- severity: low
-- tags: access, throttling
-- params: options=exempt [exempt|require]
-- remediation: Require an API key for the method, and give your callers one each through a usage
--   plan. A key is no proof of who calls, so keep the authorization. OPTIONS methods are left as
--   they are. The alarm ends with the change of the working copy; what callers reach changes only
--   with a deployment, and from then on callers without a key are refused.
-- remedy:
--   update methods
--   set api_key_required = :api_key_required
-- remedy-leaves:
--   iif(http_method = 'OPTIONS', 'browsers send preflight requests without a key', null)
-- remedy-asks: api_key_required=1 [0..1]

select
  methods.arn as resource,
  case
    when api_key_required is 1 then 'ok'
    when coalesce(api_key_required, 0) is not 0 then 'error'
    when http_method = 'OPTIONS' and :options = 'exempt' then 'skip'
    else 'alarm'
  end as status,
  case
    when api_key_required is 1 then 'Who calls it needs an API key.'
    when coalesce(api_key_required, 0) is not 0
      then 'AWS does not say whether it needs an API key: ' || api_key_required || '.'
    when http_method = 'OPTIONS' and :options = 'exempt' then 'Preflight requests need no API key.'
    else 'It can be called without an API key.'
  end as reason,
  account_id,
  region,
  rest_apis.name as rest_api,
  rest_api_id,
  resource_id,
  path,
  http_method
from methods
join rest_apis using (account_id, region, rest_api_id);
