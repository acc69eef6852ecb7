-- title: Every stage of a WebSocket API logs the execution of every route
-- description: Looks at the default route settings, and at each route that has settings of its own.
--   HTTP APIs have no execution logs, so their stages are skipped, or in alarm with http=alarm. With
--   loggingLevel=INFO, ERROR is not enough.
-- rationale: Without execution logs nobody can say afterwards who sent what, and why it failed.
-- severity: medium
-- tags: logging, v2
-- params: loggingLevel=ERROR,INFO [ERROR|INFO, ...], http=skip [skip|alarm]
-- formerly: v2-stage-execution-logging
-- remediation: Give the account a CloudWatch role once per region, then set the logging level of the
--   default route settings, and of each route that is named, to the first level of loggingLevel.
-- remedy:
--   update v2_stages
--   set
--     default_route_settings = json_patch(
--       coalesce(default_route_settings, '{}'),
--       iif(
--         is_one_of(default_route_settings ->> 'LoggingLevel', :loggingLevel),
--         '{}',
--         json_object('LoggingLevel', words_of(:loggingLevel) ->> 0)
--       )
--     ),
--     route_settings = (
--       select json_group_object(
--         key,
--         json_patch(
--           value,
--           iif(
--             is_one_of(value ->> 'LoggingLevel', :loggingLevel),
--             '{}',
--             json_object('LoggingLevel', words_of(:loggingLevel) ->> 0)
--           )
--         )
--       )
--       from json_each(route_settings)
--     )

with own as (
  select
    account_id,
    region,
    api_id,
    stage_name,
    group_concat(route_key, ', ') filter (
      where settings ->> 'LoggingLevel' in ('', 'OFF', 'ERROR', 'INFO')
        and not is_one_of(settings ->> 'LoggingLevel', :loggingLevel)
    ) as low,
    group_concat(route_key, ', ')
      filter (where settings ->> 'LoggingLevel' not in ('', 'OFF', 'ERROR', 'INFO')) as odd,
    group_concat(route_key, ', ') filter (where settings ->> 'LoggingLevel' is null) as unsaid
  from v2_stage_route_settings
  group by account_id, region, api_id, stage_name
),

levels as (
  select *, default_route_settings ->> 'LoggingLevel' as level
  from v2_stages
),

stages as (
  select
    *,
    coalesce(nullif(level, ''), 'OFF') in ('OFF', 'ERROR', 'INFO') as is_known,
    is_one_of(level, :loggingLevel) as is_wanted
  from levels
)

select
  stages.arn as resource,
  case
    when protocol_type = 'HTTP' then :http
    when protocol_type is not 'WEBSOCKET' then 'error'
    when json_type(default_route_settings) <> 'object' then 'error'
    when is_known and not is_wanted then 'alarm'
    when level not in ('ERROR', 'INFO') then 'error'
    when low is not null then 'alarm'
    when json_type(route_settings) <> 'object' or odd is not null then 'error'
    when unsaid is not null then 'info'
    else 'ok'
  end as status,
  case
    when protocol_type = 'HTTP' then 'HTTP APIs have no execution logs.'
    when protocol_type is not 'WEBSOCKET'
      then 'It is not known whether it has execution logs: AWS calls its API '
        || coalesce(protocol_type, 'neither HTTP nor WebSocket') || '.'
    when json_type(default_route_settings) <> 'object'
      then 'Its default route settings are not an object: ' || default_route_settings || '.'
    when is_known and not is_wanted
      then iif(
        level in ('ERROR', 'INFO'),
        'Its logging level is ' || level || ', not ' || :loggingLevel || '.',
        'Execution logging is off.'
      )
    when level not in ('ERROR', 'INFO') then 'Its logging level is not known here: ' || level || '.'
    when low is not null
      then 'Execution logging is not at ' || replace(replace(:loggingLevel, ' ', ''), ',', ' or ')
        || ' for ' || low || '.'
    when json_type(route_settings) <> 'object'
      then 'Its route settings are not an object: ' || route_settings || '.'
    when odd is not null then 'The logging level is not known here for ' || odd || '.'
    when unsaid is not null
      then 'Execution logging is on, but AWS does not say whether it is for these routes, which '
        || 'have settings of their own: ' || unsaid || '.'
    else 'Execution logging is on for every route.'
  end as reason,
  account_id,
  region,
  v2_apis.name as api,
  api_id,
  stage_name,
  low as bad_routes
from stages
join v2_apis using (account_id, region, api_id)
left join own using (account_id, region, api_id, stage_name);
