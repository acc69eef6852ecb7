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
-- remedy-asks: security_policy=TLS_1_2

with known(security_policy) as (
  -- Each requires TLS 1.2 or newer; the Developer Guide lists them under "Security policies".
  values
    ('TLS_1_2'),
    ('SecurityPolicy_TLS13_1_3_2025_09'),
    ('SecurityPolicy_TLS13_1_3_FIPS_2025_09'),
    ('SecurityPolicy_TLS13_1_2_PFS_PQ_2025_09'),
    ('SecurityPolicy_TLS13_1_2_FIPS_PQ_2025_09'),
    ('SecurityPolicy_TLS13_1_2_FIPS_PFS_PQ_2025_09'),
    ('SecurityPolicy_TLS13_1_2_Ext2_PQ_2025_09'),
    ('SecurityPolicy_TLS13_1_2_Ext2_FIPS_PQ_2025_09'),
    ('SecurityPolicy_TLS13_1_2_PQ_2025_09'),
    ('SecurityPolicy_TLS13_1_2_2021_06'),
    ('SecurityPolicy_TLS13_2025_EDGE'),
    ('SecurityPolicy_TLS12_PFS_2025_EDGE'),
    ('SecurityPolicy_TLS12_2018_EDGE')
),

effective as (
  -- AWS names no policy for older APIs: private ones have TLS_1_2, all others TLS_1_0.
  select
    *,
    coalesce(
      nullif(security_policy, ''),
      iif(
        json_extract(
          iif(json_valid(endpoint_configuration), endpoint_configuration, '{}'),
          '$.types'
        ) = '["PRIVATE"]',
        'TLS_1_2',
        'TLS_1_0'
      )
    ) as policy_in_force
  from rest_apis
)

select
  arn as resource,
  case
    when policy_in_force = 'TLS_1_0' then 'alarm'
    when policy_in_force in (select security_policy from known) then 'ok'
    else 'error'
  end as status,
  case
    when policy_in_force = 'TLS_1_0' then 'Accepts connections with TLS 1.0.'
    when policy_in_force in (select security_policy from known)
      then 'Has the security policy ' || policy_in_force || '.'
    else 'The security policy ' || policy_in_force || ' is not known here.'
  end as reason,
  account_id,
  region,
  name as rest_api,
  rest_api_id,
  security_policy
from effective;
