-- title: Every stage presents a client certificate to its backend
-- description: A stage without a client certificate gives its HTTP backend no way to tell
--   requests that come through API Gateway from requests that go around it.
-- severity: medium
-- references: AG-006, APIGateway.2, api-gw-ssl-enabled,
--   apigateway_restapi_client_certificate_enabled

select
  stages.arn as resource,
  iif(client_certificate_id is null, 'alarm', 'ok') as status,
  iif(
    client_certificate_id is null,
    'No client certificate is attached.',
    'Presents client certificate ' || client_certificate_id || '.'
  ) as reason,
  account_id,
  region,
  rest_apis.name as rest_api,
  stage_name,
  client_certificate_id
from stages
join rest_apis using (account_id, region, rest_api_id);
