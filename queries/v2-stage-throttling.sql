-- title: Every stage of an HTTP or WebSocket API has a throttle of its own
-- description: Looks for a rate and a burst limit in the default route settings, which hold for each
--   route that has none of its own. Without them only the limits of the whole account hold, which
--   all its APIs in a region share.
-- rationale: One API that is flooded takes the account's requests from all the others.
-- severity: low
-- tags: availability, v2
-- remediation: Set a rate and a burst limit in the default route settings, above what your callers
--   need at their busiest. What is over the limits is refused with the status 429.
-- remedy:
--   update v2_stages
--   set default_route_settings = json_patch(
--     coalesce(default_route_settings, '{}'),
--     json_object(
--       'ThrottlingRateLimit',
--       coalesce(default_route_settings ->> 'ThrottlingRateLimit', :throttle_rate),
--       'ThrottlingBurstLimit',
--       coalesce(default_route_settings ->> 'ThrottlingBurstLimit', :throttle_burst)
--     )
--   )
-- remedy-asks: throttle_rate=500.0 [0.1..1000000], throttle_burst=1000 [1..1000000]

with limited as (
  select
    *,
    default_route_settings -> 'ThrottlingRateLimit' as rate,
    default_route_settings -> 'ThrottlingBurstLimit' as burst
  from v2_stages
)

select
  stages.arn as resource,
  case
    when json_type(default_route_settings) <> 'object' then 'error'
    when coalesce(rate, 'null') = 'null' or coalesce(burst, 'null') = 'null' then 'alarm'
    when json_type(rate) not in ('integer', 'real') or json_type(burst) <> 'integer' then 'error'
    when rate + 0 < 0 or burst + 0 < 0 then 'error'
    else 'ok'
  end as status,
  case
    when json_type(default_route_settings) <> 'object'
      then 'Its default route settings are not an object: ' || default_route_settings || '.'
    when coalesce(rate, 'null') = 'null' and coalesce(burst, 'null') = 'null'
      then 'Has no throttle of its own.'
    when coalesce(rate, 'null') = 'null' then 'Has a burst limit, but no rate limit.'
    when coalesce(burst, 'null') = 'null' then 'Has a rate limit, but no burst limit.'
    when json_type(rate) not in ('integer', 'real') or json_type(burst) <> 'integer'
      or rate + 0 < 0 or burst + 0 < 0
      then 'Its limits make no sense: ' || rate || ' requests a second, in bursts of ' || burst || '.'
    else 'Takes ' || rate || ' requests a second, in bursts of ' || burst || '.'
  end as reason,
  account_id,
  region,
  v2_apis.name as api,
  api_id,
  stage_name,
  rate,
  burst
from limited as stages
join v2_apis using (account_id, region, api_id);
