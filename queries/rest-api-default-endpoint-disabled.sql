-- title: No REST API answers on its default execute-api name
-- description: The name that AWS gives to every API, beside the domain names of your own.
-- rationale: The default name goes around what stands before your own domain: its web ACL, its
--   mutual TLS, its content delivery network.
-- severity: low
-- tags: network
-- remediation: Give the API a domain name of its own, disable the default endpoint, and deploy
--   the API again.

select
  arn as resource,
  iif(coalesce(disable_execute_api_endpoint, 0), 'ok', 'alarm') as status,
  iif(
    coalesce(disable_execute_api_endpoint, 0),
    'Answers on its own domain names alone.',
    'Answers on its execute-api name too.'
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
