-- title: Every HTTP or WebSocket API has an authorizer
-- description: One authorizer is enough, whether or not a route uses it; v2-route-authorization looks
--   at each route. An API whose callers IAM authorizes is in alarm here, so accept it in a baseline,
--   with the reason.
-- rationale: An API that has no authorizer cannot tell one caller from another.
-- severity: medium
-- tags: access, v2
-- remediation: Create a JWT or Lambda authorizer, and attach it to the routes that not everyone may
--   call. Callers that do not sign in are refused from then on, so tell them first.

with counted as (
  select account_id, region, api_id, count(*) as authorizers, group_concat(name, ', ') as names
  from v2_authorizers
  group by account_id, region, api_id
)

select
  arn as resource,
  iif(authorizers is null, 'alarm', 'ok') as status,
  case
    when authorizers is null then 'Has no authorizer.'
    when authorizers = 1 then 'Has an authorizer: ' || coalesce(names, 'it has no name') || '.'
    else 'Has ' || authorizers || ' authorizers: ' || coalesce(names, 'they have no names') || '.'
  end as reason,
  account_id,
  region,
  v2_apis.name as api,
  api_id,
  protocol_type
from v2_apis
left join counted using (account_id, region, api_id);
