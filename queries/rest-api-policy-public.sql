-- title: No resource policy lets anyone in
-- description: Looks for an Allow for the principal * without a condition. AWS documents a pattern
--   that allows everyone and then denies all but a VPC or an address: that has the status info
--   here, because only a person can judge it.
-- rationale: Such a policy protects nothing: anyone who knows the address can call.
-- severity: high
-- tags: access
-- remediation: Name the principals, or add a condition on aws:SourceVpce, aws:SourceVpc or
--   aws:SourceIp, and deploy the API again.

with documents as (
  -- AWS returns a policy escaped once more than JSON, like the inside of a JSON string.
  select
    *,
    case
      when policy is null or json_valid(policy) then policy
      when json_valid('"' || policy || '"') then json_extract('"' || policy || '"', '$')
      else policy
    end as document
  from rest_apis
),

statements as (
  -- A single statement need not be in a list.
  select
    account_id,
    region,
    rest_api_id,
    statement.value as statement
  from
    documents,
    json_each(
      case
        when not coalesce(json_valid(document), 0) then '[]'
        when json_type(document, '$.Statement') = 'array' then json_extract(document, '$.Statement')
        when json_type(document, '$.Statement') = 'object'
          then json_array(json(json_extract(document, '$.Statement')))
        else '[]'
      end
    ) as statement
  where statement.type = 'object'
),

judged as (
  select
    account_id,
    region,
    rest_api_id,
    max(
      json_extract(statement, '$.Effect') = 'Allow'
      and json_type(statement, '$.Condition') is null
      and (
        json_type(statement, '$.NotPrincipal') is not null
        -- Principal is "*", or a map of names to lists: "*" can be any of its leaves.
        or exists (select 1 from json_tree(statement, '$.Principal') as leaf where leaf.atom = '*')
      )
    ) as lets_anyone_in,
    max(
      json_extract(statement, '$.Effect') = 'Deny'
      and json_type(statement, '$.Condition') is not null
    ) as keeps_some_out
  from statements
  group by account_id, region, rest_api_id
)

select
  arn as resource,
  case
    when document is null then 'skip'
    when not json_valid(document) then 'error'
    when not coalesce(lets_anyone_in, 0) then 'ok'
    when keeps_some_out then 'info'
    else 'alarm'
  end as status,
  case
    when document is null then 'Has no resource policy.'
    when not json_valid(document) then 'Its resource policy is not valid JSON.'
    when not coalesce(lets_anyone_in, 0) then 'Its resource policy names who may call.'
    when keeps_some_out
      then 'Its resource policy lets anyone in, except where a Deny with a condition applies: read it.'
    else 'Its resource policy lets anyone in, without a condition.'
  end as reason,
  account_id,
  region,
  name as rest_api,
  document as policy,
  null as remediation
from documents
left join judged using (account_id, region, rest_api_id);
