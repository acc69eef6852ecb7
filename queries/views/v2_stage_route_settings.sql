-- The settings of the routes that have some of their own in a stage, one row for each entry of
-- route_settings; default_route_settings apply to all other routes.

select
  account_id,
  region,
  api_id,
  stage_name,
  entry.key as route_key,
  -- An entry that is not an object says nothing.
  iif(entry.type = 'object', entry.value, '{}') as settings
from v2_stages, json_each(route_settings) as entry
where json_type(route_settings) = 'object'
