-- title: Every usage plan limits how much its callers may call
-- description: Looks for a quota of requests in a day, a week or a month.
-- rationale: A quota bounds what a key that got into the wrong hands can cost.
-- severity: low
-- tags: throttling
-- remediation: Give the usage plan a quota that its callers can live with; who has used it up gets
--   the answer 429 until the next day, week or month.
-- remedy:
--   update usage_plans
--   set quota = json_patch(
--     coalesce(quota, '{}'),
--     json_object('limit', :quota_limit, 'period', :quota_period)
--   )
-- remedy-asks: quota_limit=100000 [1..2147483647], quota_period=MONTH [DAY|WEEK|MONTH]

with limited as (
  select
    *,
    json_extract(iif(json_valid(quota), quota, '{}'), '$.limit') as most,
    json_extract(iif(json_valid(quota), quota, '{}'), '$.period') as period
  from usage_plans
)

select
  arn as resource,
  case
    when coalesce(quota, '{}') = '{}' then 'alarm'
    when typeof(most) <> 'integer' or coalesce(period, '') not in ('DAY', 'WEEK', 'MONTH')
      then 'error'
    when most >= 0 then 'ok'
    else 'alarm'
  end as status,
  case
    when coalesce(quota, '{}') = '{}' then 'Its callers may call as often as they like.'
    when typeof(most) <> 'integer' or coalesce(period, '') not in ('DAY', 'WEEK', 'MONTH')
      then 'Its quota is not known here: ' || quota || '.'
    when most >= 0 then 'Its callers may make ' || most || ' calls a ' || lower(period) || '.'
    else 'Its quota is not a valid one: ' || quota || '.'
  end as reason,
  account_id,
  region,
  usage_plan_id,
  name as usage_plan
from limited;
