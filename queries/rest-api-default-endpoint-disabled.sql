-- title: No REST API can be called at its default execute-api endpoint
-- description: AWS gives every API this endpoint, in addition to your own domain names.
-- rationale: The default endpoint bypasses what protects your own domain: its web ACL, its
--   mutual TLS, its content delivery network.
-- severity: low
-- tags: network
-- remediation: Give the API its own domain name, disable the default endpoint, and deploy
--   the API again.

select
  arn as resource,
  iif(coalesce(disable_execute_api_endpoint, 0), 'ok', 'alarm') as status,
  iif(
    coalesce(disable_execute_api_endpoint, 0),
    'Can only be called at its own domain names.',
    'Can also be called at its execute-api endpoint.'
  ) as reason,
  account_id,
  region,
  name as rest_api,
  iif(
    not coalesce(disable_execute_api_endpoint, 0),
    'aws apigateway update-rest-api --region ' || region
      || ' --rest-api-id ' || rest_api_id
      || ' --patch-operations op=replace,path=/disableExecuteApiEndpoint,value=true',
    null
  ) as remediation
from rest_apis;
