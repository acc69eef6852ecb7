-- title: Every private integration of an HTTP or WebSocket API uses HTTPS
-- description: Looks at what is reached through a VPC link; other integrations are skipped. An HTTP
--   API uses HTTPS there only with a TLS configuration. A WebSocket API cannot have one, and uses
--   what its address begins with. Integrations are judged as they are now; a stage that does not
--   deploy by itself may still use them as they were.
-- rationale: Without TLS, whoever can listen in the VPC reads every request and its credentials.
-- severity: medium
-- tags: encryption, backend, v2
-- remediation: Let the load balancer listen with TLS, and give the integration a TLS configuration
--   with the server name that is in its certificate. Do it in this order, or calls fail.

select
  v2_integrations.arn as resource,
  case
    when connection_type = 'INTERNET' then 'skip'
    -- The internet is AWS's default, and only what is private has the others.
    when nullif(connection_type, '') is null and connection_id is null and tls_config is null
      then 'skip'
    when connection_type is not 'VPC_LINK' then 'error'
    when protocol_type = 'WEBSOCKET' and lower(integration_uri) glob 'https://*' then 'info'
    when protocol_type = 'WEBSOCKET' then 'alarm'
    when protocol_type is not 'HTTP' then 'error'
    when tls_config is null then 'alarm'
    when json_type(tls_config) <> 'object' then 'error'
    when nullif(trim(tls_config ->> 'ServerNameToVerify'), '') is null then 'info'
    when json_type(tls_config, '$.ServerNameToVerify') <> 'text' then 'error'
    else 'ok'
  end as status,
  case
    when connection_type = 'INTERNET' then 'Is not private.'
    when nullif(connection_type, '') is null and connection_id is null and tls_config is null
      then 'Names no VPC link, so it is not private.'
    when nullif(connection_type, '') is null then 'AWS does not say how it connects.'
    when connection_type <> 'VPC_LINK'
      then 'How it connects is not known here: ' || connection_type || '.'
    when protocol_type = 'WEBSOCKET' and lower(integration_uri) glob 'https://*'
      then 'A WebSocket API has no TLS configuration; the address of this integration is '
        || integration_uri || '.'
    when protocol_type = 'WEBSOCKET'
      then 'Sends requests through the VPC link without TLS, to '
        || coalesce(integration_uri, 'an address that AWS does not tell') || '.'
    when protocol_type is not 'HTTP'
      then 'AWS calls its API ' || coalesce(protocol_type, 'neither HTTP nor WebSocket') || '.'
    when tls_config is null then 'Sends requests through the VPC link without TLS.'
    when json_type(tls_config) <> 'object'
      then 'Its TLS configuration is not an object: ' || tls_config || '.'
    when nullif(trim(tls_config ->> 'ServerNameToVerify'), '') is null
      then 'Has a TLS configuration that names no server to verify.'
    when json_type(tls_config, '$.ServerNameToVerify') <> 'text'
      then 'The server name in its TLS configuration is not a text: ' || tls_config || '.'
    else 'Uses HTTPS, and verifies ' || (tls_config ->> 'ServerNameToVerify') || '.'
  end as reason,
  account_id,
  region,
  v2_apis.name as api,
  api_id,
  integration_id,
  connection_id
from v2_integrations
join v2_apis using (account_id, region, api_id);
