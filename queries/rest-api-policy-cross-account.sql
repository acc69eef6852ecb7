-- title: No resource policy lets another account in
-- description: Evaluates the policy, its conditions and its denials for callers of other accounts.
--   An organization that the policy lets in has the status info, unless it is one of yours. If a
--   partner is meant to call, accept it in a baseline, with the reason.
-- rationale: Who can call from another account is decided there, not by you.
-- severity: medium
-- tags: access
-- remediation: Remove the account from the policy and deploy the API again, or accept it in a
--   baseline.
-- params: organizations= [o-*, ...]

with judged as (
  select
    *,
    policy_other_accounts(
      policy, account_id, :organizations, execute_api_arn(arn, account_id)
    ) as judgement
  from rest_apis
)

select
  arn as resource,
  -- There is no judgement of an API without a policy.
  coalesce(judgement ->> 'status', 'skip') as status,
  coalesce(judgement ->> 'why', 'Has no resource policy.') as reason,
  account_id,
  region,
  name as rest_api,
  (select group_concat(value, ', ') from json_each(judgement, '$.accounts')) as other_accounts
from judged;
