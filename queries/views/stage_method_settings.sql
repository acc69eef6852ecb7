-- The settings of each stage's methods, one row for each entry of method_settings: `*/*` applies to
-- the methods that have no entry of their own.

select
  account_id,
  region,
  rest_api_id,
  stage_name,
  entry.key as method,
  -- An entry that is not an object says nothing.
  iif(entry.type = 'object', entry.value, '{}') as settings
from stages, json_each(iif(json_valid(method_settings), method_settings, '{}')) as entry
