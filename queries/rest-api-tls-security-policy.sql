-- title: Every REST API requires TLS 1.2 or newer
-- description: Looks at the security policy of the API itself. If AWS returns none, as for older
--   APIs, the one of the domain name decides.
-- rationale: TLS 1.0 has known weaknesses, and PCI DSS has forbidden it since 2018.
-- severity: medium
-- tags: encryption, network
-- remediation: Choose a security policy of TLS 1.2 or 1.3, and deploy the API again. Callers that
--   know nothing newer than TLS 1.1 are refused from then on.
-- remedy:
--   update rest_apis
--   set
--     security_policy = :security_policy,
--     endpoint_access_mode = iif(
--       :security_policy glob 'SecurityPolicy_*',
--       coalesce(endpoint_access_mode, 'BASIC'),
--       endpoint_access_mode
--     )
-- remedy-leaves: tls_refused(:security_policy, endpoint_configuration)
-- remedy-asks: security_policy=TLS_1_2

with effective as (
  -- AWS names no policy for older APIs: private ones have TLS_1_2, all others TLS_1_0.
  select
    *,
    coalesce(
      nullif(security_policy, ''),
      iif(endpoint_type(endpoint_configuration) = 'PRIVATE', 'TLS_1_2', 'TLS_1_0')
    ) as policy_in_force
  from rest_apis
)

select
  arn as resource,
  case
    when oldest_tls(policy_in_force) is null then 'error'
    when oldest_tls(policy_in_force) < 1.2 then 'alarm'
    else 'ok'
  end as status,
  case
    when oldest_tls(policy_in_force) is null
      then 'The security policy ' || policy_in_force || ' is not known here.'
    when oldest_tls(policy_in_force) < 1.2 then 'Accepts connections with TLS 1.0.'
    else 'Has the security policy ' || policy_in_force || '.'
  end as reason,
  account_id,
  region,
  name as rest_api,
  rest_api_id,
  security_policy
from effective;
