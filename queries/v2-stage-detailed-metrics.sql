-- title: Every stage of an HTTP or WebSocket API sends detailed metrics to CloudWatch
-- description: Looks for metrics for each route, not just for the stage as a whole: in the default
--   route settings, and in each route that has settings of its own; with routes=default, in the
--   default route settings alone.
-- rationale: An attack on one route is lost in the average of a stage.
-- severity: low
-- tags: monitoring, v2
-- params: routes=every [every|default]
-- formerly: v2-stage-detailed-metrics
-- remediation: Turn on detailed metrics in the default route settings, and for each route that is
--   named. CloudWatch charges for them.
-- remedy:
--   update v2_stages
--   set
--     default_route_settings = json_patch(
--       coalesce(default_route_settings, '{}'), '{"DetailedMetricsEnabled": true}'
--     ),
--     route_settings = (
--       select json_group_object(key, json_patch(value, '{"DetailedMetricsEnabled": true}'))
--       from json_each(route_settings)
--     )

with own as (
  select
    account_id,
    region,
    api_id,
    stage_name,
    group_concat(route_key, ', ')
      filter (where json_type(settings, '$.DetailedMetricsEnabled') = 'false') as off,
    group_concat(route_key, ', ') filter (
      where json_type(settings, '$.DetailedMetricsEnabled') not in ('true', 'false', 'null')
    ) as odd,
    group_concat(route_key, ', ')
      filter (where settings ->> 'DetailedMetricsEnabled' is null) as unsaid
  from v2_stage_route_settings
  group by account_id, region, api_id, stage_name
),

stages as (
  select *, json_type(default_route_settings, '$.DetailedMetricsEnabled') as enabled
  from v2_stages
)

select
  stages.arn as resource,
  case
    when json_type(default_route_settings) <> 'object' then 'error'
    when coalesce(enabled, 'null') in ('false', 'null') then 'alarm'
    when enabled <> 'true' then 'error'
    when :routes = 'default' then 'ok'
    when off is not null then 'alarm'
    when json_type(route_settings) <> 'object' or odd is not null then 'error'
    when unsaid is not null then 'info'
    else 'ok'
  end as status,
  case
    when json_type(default_route_settings) <> 'object'
      then 'Its default route settings are not an object: ' || default_route_settings || '.'
    when coalesce(enabled, 'null') in ('false', 'null') then 'Detailed metrics are off.'
    when enabled <> 'true' then 'AWS says neither yes nor no: ' || default_route_settings || '.'
    when :routes = 'default' then 'Detailed metrics are on in the default route settings.'
    when off is not null then 'Detailed metrics are off for ' || off || '.'
    when json_type(route_settings) <> 'object'
      then 'Its route settings are not an object: ' || route_settings || '.'
    when odd is not null then 'AWS says neither yes nor no for ' || odd || '.'
    when unsaid is not null
      then 'Detailed metrics are on, but AWS does not say whether they are for these routes, which '
        || 'have settings of their own: ' || unsaid || '.'
    else 'Detailed metrics are on for every route.'
  end as reason,
  account_id,
  region,
  v2_apis.name as api,
  api_id,
  stage_name,
  off as bad_routes
from stages
join v2_apis using (account_id, region, api_id)
left join own using (account_id, region, api_id, stage_name);
