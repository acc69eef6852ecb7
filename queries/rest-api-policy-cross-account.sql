-- title: No resource policy lets another account in
-- description: Looks at the principals of every Allow. If a partner is meant to call, accept it in
--   a baseline, with the reason.
-- rationale: Who can call from another account is decided there, not by you.
-- severity: medium
-- tags: access
-- remediation: Remove the account from the policy and deploy the API again, or accept it in a
--   baseline.

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

principals as (
  -- An account is named by its 12 digits, or by an ARN that contains them.
  select
    account_id,
    region,
    rest_api_id,
    iif(leaf.atom glob 'arn:*', substr(leaf.atom, instr(leaf.atom, '::') + 2, 12), leaf.atom)
      as principal_account
  from statements, json_tree(statement, '$.Principal') as leaf
  where json_extract(statement, '$.Effect') = 'Allow' and leaf.atom is not null
),

judged as (
  select
    account_id,
    region,
    rest_api_id,
    group_concat(distinct principal_account) as other_accounts
  from principals
  where
    principal_account <> account_id
    and length(principal_account) = 12
    and principal_account not glob '*[^0-9]*'
  group by account_id, region, rest_api_id
)

select
  arn as resource,
  case
    when document is null then 'skip'
    when not json_valid(document) then 'error'
    when other_accounts is null then 'ok'
    else 'alarm'
  end as status,
  case
    when document is null then 'Has no resource policy.'
    when not json_valid(document) then 'Its resource policy is not valid JSON.'
    when other_accounts is null then 'Its resource policy names no other account.'
    else 'Its resource policy lets in account ' || replace(other_accounts, ',', ', ') || '.'
  end as reason,
  account_id,
  region,
  name as rest_api,
  other_accounts,
  null as remediation
from documents
left join judged using (account_id, region, rest_api_id);
