-- title: No stage variable holds a secret
-- description: A variable is suspect because of its name (password, secret, token, api_key and the
--   like) or the form of its value (an access key, a private key, a long run of letters and
--   digits). The value itself is never shown.
-- rationale: Stage variables are plain text for everyone who can read the API, and they end up in
--   logs and exports.
-- severity: high
-- tags: secrets
-- references: apigateway_restapi_no_secrets_in_stage_variables
-- remediation: Keep the secret in Secrets Manager, let the backend fetch it, remove the variable,
--   and change the secret, because others have been able to read it.

with suspects as (
  select
    account_id,
    region,
    rest_api_id,
    stage_name,
    group_concat(entry.key, ', ') as names
  from stages, json_each(iif(json_valid(variables), variables, '{}')) as entry
  where
    -- By name.
    lower(replace(replace(entry.key, '_', ''), '-', '')) glob '*password*'
    or lower(replace(replace(entry.key, '_', ''), '-', '')) glob '*passwd*'
    or lower(replace(replace(entry.key, '_', ''), '-', '')) glob '*secret*'
    or lower(replace(replace(entry.key, '_', ''), '-', '')) glob '*token*'
    or lower(replace(replace(entry.key, '_', ''), '-', '')) glob '*apikey*'
    or lower(replace(replace(entry.key, '_', ''), '-', '')) glob '*accesskey*'
    or lower(replace(replace(entry.key, '_', ''), '-', '')) glob '*privatekey*'
    or lower(replace(replace(entry.key, '_', ''), '-', '')) glob '*credential*'
    -- By value: an AWS access key, a private key.
    or (entry.value glob 'A[KS]IA*' and length(entry.value) = 20)
    or entry.value glob '-----BEGIN*'
    -- Hexadecimal or Base64 of 32 characters or more, without the punctuation of names and URLs.
    or (
      length(entry.value) >= 32
      and entry.value not glob '*[^A-Za-z0-9+=]*'
      and entry.value glob '*[0-9]*'
      and entry.value glob '*[A-Za-z]*'
    )
  group by account_id, region, rest_api_id, stage_name
)

select
  stages.arn as resource,
  case
    when variables is null then 'skip'
    when suspects.names is null then 'ok'
    else 'alarm'
  end as status,
  case
    when variables is null then 'Has no stage variables.'
    when suspects.names is null then 'No stage variable looks like a secret.'
    else 'These look like secrets: ' || suspects.names || '.'
  end as reason,
  account_id,
  region,
  rest_apis.name as rest_api,
  stage_name,
  suspects.names as suspects,
  iif(
    suspects.names is null,
    null,
    (
      -- One command for each; names hold only letters, digits and underscores.
      select
        group_concat(
          'aws apigateway update-stage --region ' || region
            || ' --rest-api-id ' || rest_api_id || ' --stage-name ' || stage_name
            || ' --patch-operations op=remove,path=/variables/' || trim(name.value),
          char(10)
        )
      from json_each('["' || replace(suspects.names, ', ', '","') || '"]') as name
    )
  ) as remediation
from stages
join rest_apis using (account_id, region, rest_api_id)
left join suspects using (account_id, region, rest_api_id, stage_name);
