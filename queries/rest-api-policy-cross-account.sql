-- title: No resource policy lets another account in
-- description: Evaluates the policy, its conditions and its denials for callers of other accounts.
--   An organization that the policy lets in has the status info, unless it is one of yours. If a
--   partner is meant to call, accept it in a baseline, with the reason.
-- rationale: Who can call from another account is decided there, not by you.
-- severity: medium
-- tags: access
-- remediation: Remove the account from the policy and deploy the API again, or accept it in a
--   baseline.
-- params: organizations=

with judged as (
  select
    *,
    policy_other_accounts(
      policy,
      account_id,
      :organizations,
      -- arn:aws:apigateway:REGION::/restapis/ID as arn:aws:execute-api:REGION:ACCOUNT:ID
      replace(replace(arn, 'apigateway', 'execute-api'), '::/restapis/', ':' || account_id || ':')
    ) as judgement
  from rest_apis
)

select
  arn as resource,
  case judgement ->> 'answer'
    when 'yes' then 'alarm'
    when 'no' then 'ok'
    when 'nobody' then 'ok'
    when 'undecided' then 'info'
    else iif(policy is null, 'skip', 'error')
  end as status,
  iif(policy is null, 'Has no resource policy.', judgement ->> 'why') as reason,
  account_id,
  region,
  name as rest_api,
  (select group_concat(value, ', ') from json_each(judgement, '$.accounts')) as other_accounts,
  null as remediation
from judged;
