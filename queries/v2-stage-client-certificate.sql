-- title: Every stage of a WebSocket API presents a client certificate to its backend
-- description: A stage without a client certificate gives its HTTP backend no way to tell messages
--   that come through API Gateway from those that go around it. AWS has no client certificates for
--   HTTP APIs, so their stages are skipped.
-- rationale: A backend that cannot tell its gateway from the internet has lost the gateway's
--   authorizers, quotas and firewall to anyone who finds its address.
-- severity: medium
-- tags: certificates, backend, v2
-- remediation: Generate a client certificate, make the backend trust its public key, and attach the
--   certificate to the stage, by its id. Certificates belong to an account and region.
-- remedy:
--   update v2_stages
--   set client_certificate_id = :client_certificate_id
-- remedy-leaves:
--   iif(
--     exists (
--       select *
--       from client_certificates as one
--       where one.account_id = v2_stages.account_id
--         and one.region = v2_stages.region
--         and one.client_certificate_id = :client_certificate_id
--         and one.expiration_date > datetime('now')
--     ),
--     null,
--     'its account and region have no valid client certificate ' || :client_certificate_id
--   )
-- remedy-asks: client_certificate_id=a1b2c3

select
  stages.arn as resource,
  case
    when protocol_type = 'HTTP' then 'skip'
    when protocol_type is not 'WEBSOCKET' then 'error'
    when nullif(client_certificate_id, '') is null then 'alarm'
    when client_certificate_id glob 'arn:*:acm:*:certificate/*' then 'ok'
    when is_id(client_certificate_id) then 'ok'
    else 'error'
  end as status,
  case
    when protocol_type = 'HTTP' then 'HTTP APIs have no client certificates.'
    when protocol_type is not 'WEBSOCKET'
      then 'It is not known whether it can have a client certificate: AWS calls its API '
        || coalesce(protocol_type, 'neither HTTP nor WebSocket') || '.'
    when nullif(client_certificate_id, '') is null then 'No client certificate is attached.'
    when client_certificate_id glob 'arn:*:acm:*:certificate/*'
      then 'Presents ' || client_certificate_id || ' from ACM.'
    when is_id(client_certificate_id)
      then 'Presents client certificate ' || client_certificate_id || '.'
    else 'What AWS names as its client certificate is not one: ' || client_certificate_id || '.'
  end as reason,
  account_id,
  region,
  v2_apis.name as api,
  api_id,
  stage_name,
  client_certificate_id
from v2_stages as stages
join v2_apis using (account_id, region, api_id);
