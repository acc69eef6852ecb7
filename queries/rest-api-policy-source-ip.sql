-- title: A resource policy lets nobody in from another address
-- description: Evaluates the policy, its conditions and its denials, for requests from all addresses
--   but those of WhitelistedIPs. Without that parameter nothing is checked. Private APIs are
--   skipped.
-- rationale: An API that is meant for a few networks should be out of reach for all others.
-- severity: high
-- tags: access, network
-- params: WhitelistedIPs= [*, ...]
-- remediation: Add a condition on aws:SourceIp to each statement that allows, or a Deny for all
--   other addresses, and deploy the API again. Callers from elsewhere are refused from then on.

with judged as (
  select
    *,
    iif(
      trim(:WhitelistedIPs) = '',
      null,
      policy_other_addresses(
        nullif(policy, ''), :WhitelistedIPs, execute_api_arn(arn, account_id)
      )
    ) as judgement,
    endpoint_type(endpoint_configuration) = 'PRIVATE' as is_private
  from rest_apis
)

select
  arn as resource,
  case
    when trim(:WhitelistedIPs) = '' or is_private then 'skip'
    else coalesce(judgement ->> 'status', 'alarm')
  end as status,
  case
    when trim(:WhitelistedIPs) = ''
      then 'Not checked: say who may call, such as --param WhitelistedIPs=203.0.113.0/24.'
    when is_private then 'Its endpoint is private.'
    else coalesce(judgement ->> 'why', 'Has no resource policy.')
  end as reason,
  account_id,
  region,
  name as rest_api,
  policy
from judged;
