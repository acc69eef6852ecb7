-- title: Every stage presents a client certificate to its backend
-- description: A stage without a client certificate gives its HTTP backend no way to tell
--   requests that come through API Gateway from requests that go around it.
-- rationale: A backend that cannot tell its gateway from the internet has lost the gateway's
--   authorizers, quotas and firewall to anyone who finds its address.
-- severity: medium
-- tags: certificates, backend
-- remediation: Generate a client certificate, attach it to the stage, deploy the stage again, and
--   make the backend trust the certificate's public key.
-- remedy:
--   update stages
--   set client_certificate_id = :new_certificate

select
  stages.arn as resource,
  case
    when nullif(client_certificate_id, '') is null then 'alarm'
    when client_certificate_id glob 'arn:*:acm:*:certificate/*' then 'ok'
    when is_id(client_certificate_id) then 'ok'
    else 'error'
  end as status,
  case
    when nullif(client_certificate_id, '') is null then 'No client certificate is attached.'
    when client_certificate_id glob 'arn:*:acm:*:certificate/*'
      then 'Presents ' || client_certificate_id || ' from ACM.'
    when is_id(client_certificate_id)
      then 'Presents client certificate ' || client_certificate_id || '.'
    else 'What AWS names as its client certificate is not one: ' || client_certificate_id || '.'
  end as reason,
  account_id,
  region,
  rest_apis.name as rest_api,
  rest_api_id,
  stage_name,
  client_certificate_id
from stages
join rest_apis using (account_id, region, rest_api_id);
