-- title: Every REST API asks for TLS 1.2 or newer
-- description: The security policy of the API itself. Where AWS names none, as for older APIs,
--   the one of the domain name decides.
-- rationale: TLS 1.0 has known holes, and PCI DSS has forbidden it since 2018.
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
    when security_policy is null then 'AWS names no security policy for this API.'
    when security_policy = 'TLS_1_0' then 'Takes connections with TLS 1.0.'
    else 'Keeps to ' || security_policy || '.'
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
