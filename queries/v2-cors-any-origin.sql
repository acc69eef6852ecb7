-- title: No HTTP API lets every website call it as its visitor
-- description: Looks for credentials together with any origin in the API's CORS configuration: `*`,
--   `http://*`, `https://*` or `null`. What a backend answers by itself is not looked at. Without
--   credentials, any website may call the API, but not as its visitor.
-- rationale: With both, a website that a customer visits can do on your API what the customer may do.
-- severity: high
-- tags: access, network, v2
-- remediation: Name the origins that your own pages have: they take the place of those that are any
--   website, and pages of others are refused from then on. Or do without credentials.
-- remedy:
--   update v2_apis
--   set cors_configuration = json_set(
--     cors_configuration,
--     '$.AllowOrigins',
--     (
--       select json_group_array(distinct origin)
--       from (
--         select value as origin
--         from json_each(cors_configuration, '$.AllowOrigins')
--         where lower(trim(value)) not in ('*', 'http://*', 'https://*', 'null')
--         union all
--         select value from json_each(words_of(:allowed_origins))
--       )
--     )
--   )
-- remedy-asks: allowed_origins=https://www.example.com [*, ...]

with origins as (
  select account_id, region, api_id, group_concat(origin.value, ', ') as any_origin
  from v2_apis, json_each(cors_configuration, '$.AllowOrigins') as origin
  where lower(trim(origin.value)) in ('*', 'http://*', 'https://*', 'null')
  group by account_id, region, api_id
),

shared as (
  select
    v2_apis.*,
    any_origin,
    json_type(cors_configuration, '$.AllowOrigins') as origins_type,
    coalesce(json_type(cors_configuration, '$.AllowCredentials'), 'null') as credentials,
    exists (
      select * from json_each(cors_configuration, '$.AllowOrigins') where type <> 'text'
    ) as has_odd_origin
  from v2_apis
  left join origins using (account_id, region, api_id)
)

select
  arn as resource,
  case
    when protocol_type = 'WEBSOCKET' then 'skip'
    when protocol_type is not 'HTTP' then 'error'
    when cors_configuration is null or cors_configuration = '{}' then 'skip'
    when json_type(cors_configuration) <> 'object' then 'error'
    when credentials not in ('true', 'false', 'null') then 'error'
    when coalesce(origins_type, 'array') <> 'array' or has_odd_origin then 'error'
    when any_origin is not null and credentials = 'true' then 'alarm'
    else 'ok'
  end as status,
  case
    when protocol_type = 'WEBSOCKET' then 'WebSocket APIs have no CORS configuration.'
    when protocol_type is not 'HTTP'
      then 'AWS calls it ' || coalesce(protocol_type, 'neither HTTP nor WebSocket') || '.'
    when cors_configuration is null or cors_configuration = '{}' then 'Has no CORS configuration.'
    when json_type(cors_configuration) <> 'object'
      then 'Its CORS configuration is not an object: ' || cors_configuration || '.'
    when credentials not in ('true', 'false', 'null')
      then 'Whether it takes credentials is neither yes nor no: ' || cors_configuration || '.'
    when coalesce(origins_type, 'array') <> 'array' or has_odd_origin
      then 'Its origins are not a list of texts: ' || cors_configuration || '.'
    when any_origin is not null and credentials = 'true'
      then 'Takes credentials from any website: its origins have ' || any_origin || ' among them.'
    when any_origin is not null then 'Any website may call it, but without credentials.'
    when credentials = 'true' then 'Takes credentials from the origins that it names.'
    else 'Takes no credentials from another website.'
  end as reason,
  account_id,
  region,
  name as api,
  api_id,
  cors_configuration
from shared;
