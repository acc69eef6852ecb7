-- title: Every REST API requires TLS 1.2 or newer
-- description: Looks at the security policy of the API itself. If AWS returns none, as for older
--   APIs, the one of the domain name decides.
-- rationale: TLS 1.0 has known weaknesses, and PCI DSS has forbidden it since 2018.
-- severity: medium
-- tags: encryption, network
-- remediation: Choose a security policy of TLS 1.2 or 1.3, and deploy the API again.

select
  arn as resource,
  case
    when security_policy is null then 'skip'
    when security_policy = 'TLS_1_0' then 'alarm'
    else 'ok'
  end as status,
  case
    when security_policy is null then 'AWS returns no security policy for this API.'
    when security_policy = 'TLS_1_0' then 'Accepts connections with TLS 1.0.'
    else 'Has the security policy ' || security_policy || '.'
  end as reason,
  account_id,
  region,
  name as rest_api,
  security_policy,
  iif(
    security_policy = 'TLS_1_0',
    'aws apigateway update-rest-api --region ' || region
      || ' --rest-api-id ' || rest_api_id
      || ' --patch-operations op=replace,path=/securityPolicy,value=SecurityPolicy_TLS13_1_2_2021_06',
    null
  ) as remediation
from rest_apis;
