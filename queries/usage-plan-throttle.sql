-- title: Every usage plan limits how fast its callers may call
-- description: Looks for a rate and a burst of the plan itself; the limits of single methods are not
--   enough.
-- rationale: Without a limit, one caller can use up what the account has for all of its APIs.
-- severity: medium
-- tags: throttling
-- remediation: Give the usage plan a rate and a burst that its callers can live with; who is faster
--   gets the answer 429 from then on.
-- remedy:
--   update usage_plans
--   set throttle = json_object('rateLimit', :throttle_rate, 'burstLimit', :throttle_burst)
-- remedy-asks: throttle_rate=10.0 [0..1000000], throttle_burst=20 [0..1000000]

with limited as (
  select
    *,
    json_extract(iif(json_valid(throttle), throttle, '{}'), '$.rateLimit') as rate,
    json_extract(iif(json_valid(throttle), throttle, '{}'), '$.burstLimit') as burst
  from usage_plans
)

select
  arn as resource,
  case
    when coalesce(throttle, '{}') = '{}' then 'alarm'
    -- A text is greater than every number.
    when typeof(rate) not in ('integer', 'real') or typeof(burst) <> 'integer' then 'error'
    when rate >= 0 and burst >= 0 then 'ok'
    else 'alarm'
  end as status,
  case
    when coalesce(throttle, '{}') = '{}' then 'Its callers may call as fast as they like.'
    when typeof(rate) not in ('integer', 'real') or typeof(burst) <> 'integer'
      then 'AWS gives no rate and burst that are numbers: ' || throttle || '.'
    when rate >= 0 and burst >= 0
      then 'Its callers may make ' || rate || ' calls a second, in bursts of ' || burst || '.'
    else 'Its limits are none: ' || throttle || '.'
  end as reason,
  account_id,
  region,
  usage_plan_id,
  name as usage_plan
from limited;
