-- title: No stage variable holds a secret
-- description: A variable is suspect because of its name and value (a password, a client secret),
--   or because of the form of its value alone (an access key, a token, a private key). ARNs, URLs
--   and names are not. The canary's own values count, too. The value itself is never shown.
-- rationale: Stage variables are plain text for everyone who can read the API, and they end up in
--   logs and exports.
-- severity: high
-- tags: secrets
-- remediation: Keep the secret in Secrets Manager, let the backend fetch it, remove the variable,
--   and change the secret, because others have been able to read it.

with entries as (
  select account_id, region, rest_api_id, stage_name, key, value, type, '' as place
  from stages, json_each(iif(json_valid(variables), variables, '{}'))
  union all
  select
    account_id,
    region,
    rest_api_id,
    stage_name,
    key,
    value,
    type,
    ' of the canary'
  from
    stages,
    json_each(iif(json_valid(canary_settings), canary_settings, '{}'), '$.stageVariableOverrides')
),

odd as (
  select distinct account_id, region, rest_api_id, stage_name, 1 as is_odd
  from entries
  where type not in ('text', 'null') or typeof(key) <> 'text'
),

-- Materialized, so that each variable is looked at once.
judged as materialized (
  select *, secret_kind(key, value) as kind
  from entries
),

suspects as (
  select
    account_id,
    region,
    rest_api_id,
    stage_name,
    group_concat(key || place, ', ') as names,
    group_concat(key || ' (' || kind || ')', ', ') as kinds
  from judged
  where kind is not null
  group by account_id, region, rest_api_id, stage_name
)

select
  stages.arn as resource,
  case
    when suspects.names is not null then 'alarm'
    when not coalesce(json_valid(variables), 1) then 'error'
    when not coalesce(json_valid(canary_settings), 1) then 'error'
    when json_type(variables) <> 'object' then 'error'
    when json_type(canary_settings) <> 'object' then 'error'
    when json_type(canary_settings, '$.stageVariableOverrides') not in ('object', 'null')
      then 'error'
    when is_odd then 'error'
    else 'ok'
  end as status,
  case
    when suspects.names is not null then 'These look like secrets: ' || suspects.kinds || '.'
    when not coalesce(json_valid(variables), 1) then 'Its variables are not JSON.'
    when not coalesce(json_valid(canary_settings), 1) then 'Its canary settings are not JSON.'
    when json_type(variables) <> 'object' then 'Its variables are not an object.'
    when json_type(canary_settings) <> 'object' then 'Its canary settings are not an object.'
    when json_type(canary_settings, '$.stageVariableOverrides') not in ('object', 'null')
      then 'The variables of its canary are not an object.'
    when is_odd then 'Its variables are not all names with a text.'
    when variables is null and canary_settings is null then 'Has no stage variables.'
    else 'No stage variable looks like a secret.'
  end as reason,
  account_id,
  region,
  rest_apis.name as rest_api,
  stage_name,
  suspects.names as suspects
from stages
join rest_apis using (account_id, region, rest_api_id)
left join odd using (account_id, region, rest_api_id, stage_name)
left join suspects using (account_id, region, rest_api_id, stage_name);
