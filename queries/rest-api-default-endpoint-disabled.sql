-- title: No REST API can be called at its default execute-api endpoint
-- description: AWS gives every API this endpoint, in addition to your own domain names.
-- rationale: The default endpoint bypasses what protects your own domain: its web ACL, its
--   mutual TLS, its content delivery network.
-- severity: low
-- tags: network
-- remediation: Give the API its own domain name, disable the default endpoint, and deploy
--   the API again. Whoever still calls the default endpoint is refused from then on.
-- remedy:
--   update rest_apis
--   set disable_execute_api_endpoint = :disable_execute_api_endpoint
-- remedy-asks: disable_execute_api_endpoint=1 [0..1]

select
  arn as resource,
  case
    when disable_execute_api_endpoint is 1 then 'ok'
    when coalesce(disable_execute_api_endpoint, 0) is 0 then 'alarm'
    else 'error'
  end as status,
  case
    when disable_execute_api_endpoint is 1 then 'Can only be called at its own domain names.'
    when coalesce(disable_execute_api_endpoint, 0) is 0
      then 'Can also be called at its execute-api endpoint.'
    else 'AWS says neither yes nor no: ' || disable_execute_api_endpoint || '.'
  end as reason,
  account_id,
  region,
  name as rest_api,
  rest_api_id
from rest_apis;
