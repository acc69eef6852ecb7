-- title: Every custom domain name has a security policy that is strong enough
-- description: With allowedSecurityPolicies, only those security policies are enough, and TLS_1_0 is
--   not enough even there. AWS refuses an enhanced policy, one that begins with SecurityPolicy_, on a
--   domain name with mutual TLS or with a mapping to an HTTP API; the reason says so where one of
--   them is asked for. Domain names that another account shares are that account's to judge.
-- rationale: TLS 1.0 has known weaknesses, and PCI DSS has forbidden it since 2018.
-- severity: medium
-- tags: encryption, network, domains
-- params: allowedSecurityPolicies= [
--   TLS_1_0|
--   TLS_1_2|
--   SecurityPolicy_TLS13_1_3_2025_09|
--   SecurityPolicy_TLS13_1_3_FIPS_2025_09|
--   SecurityPolicy_TLS13_1_2_PFS_PQ_2025_09|
--   SecurityPolicy_TLS13_1_2_FIPS_PQ_2025_09|
--   SecurityPolicy_TLS13_1_2_FIPS_PFS_PQ_2025_09|
--   SecurityPolicy_TLS13_1_2_Ext2_PQ_2025_09|
--   SecurityPolicy_TLS13_1_2_Ext2_FIPS_PQ_2025_09|
--   SecurityPolicy_TLS13_1_2_PQ_2025_09|
--   SecurityPolicy_TLS13_1_2_2021_06|
--   SecurityPolicy_TLS13_2025_EDGE|
--   SecurityPolicy_TLS12_PFS_2025_EDGE|
--   SecurityPolicy_TLS12_2018_EDGE, ...]
-- remediation: Choose TLS_1_2, which every domain name can have, or an enhanced policy together with
--   an endpoint access mode. With mutual TLS or a mapping to an HTTP API, AWS refuses every enhanced
--   policy: there TLS_1_2 is the best that there is, so accept what is stricter in a baseline.
--   Callers that know nothing newer than TLS 1.1 are refused from then on.
-- remedy:
--   update domain_names
--   set
--     security_policy = :security_policy,
--     endpoint_access_mode = iif(
--       :security_policy glob 'SecurityPolicy_*',
--       coalesce(endpoint_access_mode, 'BASIC'),
--       endpoint_access_mode
--     )
-- remedy-leaves:
--   case
--     when json_array_length(endpoint_configuration, '$.types') > 1
--       then 'AWS changes no security policy where there are several types of endpoint'
--     when :security_policy not glob 'SecurityPolicy_*' then null
--     when coalesce(mutual_tls_authentication, '{}') <> '{}'
--       then 'AWS refuses enhanced policies where there is mutual TLS'
--     when tls_refused(:security_policy, endpoint_configuration) is not null
--       then tls_refused(:security_policy, endpoint_configuration)
--     -- Asked only here, because each domain name costs a call. Others have no such mapping.
--     when endpoint_type(endpoint_configuration) = 'REGIONAL' and exists (
--       select *
--       from v2_api_mappings as mapping
--       join v2_apis using (account_id, region, api_id)
--       where mapping.account_id = domain_names.account_id
--         and mapping.region = domain_names.region
--         and mapping.domain_name = domain_names.domain_name
--         and protocol_type = 'HTTP'
--     ) then 'AWS refuses enhanced policies where a mapping leads to an HTTP API'
--   end
-- remedy-asks: security_policy=TLS_1_2

with judged as (
  select
    *,
    oldest_tls(security_policy) as oldest,
    :allowedSecurityPolicies = ''
      or is_one_of(security_policy, :allowedSecurityPolicies) as is_allowed
  from domain_names
  where resource_owner = 'SELF'
)

select
  arn as resource,
  case
    when nullif(security_policy, '') is null then 'error'
    -- What is not asked for is not enough, whatever it is.
    when not is_allowed then 'alarm'
    when oldest is null then 'error'
    when oldest < 1.2 then 'alarm'
    else 'ok'
  end as status,
  case
    when nullif(security_policy, '') is null then 'AWS does not say which security policy it has.'
    when oldest is null and is_allowed
      then 'The security policy ' || security_policy || ' is not known here.'
    when oldest < 1.2 then 'Accepts connections with TLS 1.0.'
    when is_allowed then 'Has the security policy ' || security_policy || '.'
    else 'Has the security policy ' || security_policy || ', which is not one of those asked for.'
  end || case
    when oldest is null or is_allowed or :allowedSecurityPolicies not like '%SecurityPolicy_%' then ''
    when coalesce(mutual_tls_authentication, '{}') <> '{}'
      then ' It has mutual TLS, and AWS then refuses every enhanced policy: it can have TLS_1_2.'
    -- Asked only here, because each domain name costs a call. A private one has no such mapping.
    when domain_name_id is null and exists (
      select *
      from v2_api_mappings as mapping
      join v2_apis using (account_id, region, api_id)
      where mapping.account_id = judged.account_id
        and mapping.region = judged.region
        and mapping.domain_name = judged.domain_name
        and protocol_type = 'HTTP'
    ) then ' A mapping leads to an HTTP API, and AWS then refuses every enhanced policy: it can have '
      || 'TLS_1_2.'
    else ''
  end as reason,
  account_id,
  region,
  domain_name,
  domain_name_id,
  security_policy
from judged;
