-- title: No resource policy lets anyone in
-- description: Evaluates the policy, its conditions and its denials for a stranger. A condition
--   that anyone can meet (0.0.0.0/0, TLS, a user agent, not being in a VPC endpoint) restricts
--   nobody; a Deny for all but a VPC endpoint or an address does. What cannot be decided has the
--   status info, and what the evaluator does not know is an error.
-- rationale: Such a policy protects nothing: anyone who knows the address can call.
-- severity: high
-- tags: access
-- remediation: Name the principals, or add a condition on aws:SourceVpce, aws:SourceVpc or
--   aws:SourceIp, and deploy the API again.

with judged as (
  select
    *,
    policy_anyone(policy, execute_api_arn(arn, account_id)) as judgement
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
  policy
from judged;
