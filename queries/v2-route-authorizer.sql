-- title: Every route of an HTTP or WebSocket API has an authorizer
-- description: Looks for an authorizer that is attached to the route. IAM, which needs none, is not
--   enough; v2-route-authorization takes it. AWS authorizes callers of a WebSocket API when they
--   connect, and at no other route, so its other routes are skipped where there is a route $connect,
--   and in alarm where there is none. Routes are judged as they are now; a stage that does not
--   deploy by itself may still serve them as they were.
-- rationale: An authorizer decides by who the caller is, not just by whether it has credentials of
--   some AWS account.
-- severity: low
-- tags: access, v2
-- remediation: Attach an authorizer to the route. Callers that do not sign in are refused from then
--   on, so tell them first. If IAM is meant to decide, accept it in a baseline, with the reason.

select
  arn as resource,
  case
    when coalesce(protocol_type, '') not in ('HTTP', 'WEBSOCKET') then 'error'
    when protocol_type = 'WEBSOCKET' and nullif(route_key, '') is null then 'error'
    when is_later then iif(has_connect, 'skip', 'alarm')
    when nullif(authorizer_id, '') is null then 'alarm'
    when not is_id(authorizer_id) then 'error'
    when coalesce(authorization_type, '') not in ('CUSTOM', 'JWT') then 'error'
    else 'ok'
  end as status,
  case
    when coalesce(protocol_type, '') not in ('HTTP', 'WEBSOCKET')
      then 'AWS calls its API ' || coalesce(protocol_type, 'neither HTTP nor WebSocket') || '.'
    when protocol_type = 'WEBSOCKET' and nullif(route_key, '') is null
      then 'AWS does not say what the route is for.'
    when is_later and has_connect then 'Callers are authorized when they connect: see $connect.'
    when is_later then 'Anyone can connect, because there is no route $connect.'
    when nullif(authorizer_id, '') is null and authorization_type = 'AWS_IAM'
      then 'Has no authorizer: IAM decides who may call it.'
    when nullif(authorizer_id, '') is null then 'Has no authorizer.'
    when not is_id(authorizer_id)
      then 'What AWS names as its authorizer is none: ' || authorizer_id || '.'
    when coalesce(authorization_type, '') not in ('CUSTOM', 'JWT')
      then 'Names authorizer ' || authorizer_id || ', but its authorization type is '
        || coalesce(nullif(authorization_type, ''), 'not there') || '.'
    else 'Authorizer ' || authorizer_id || ' decides who may call it.'
  end as reason,
  account_id,
  region,
  api,
  api_id,
  route_id,
  route_key,
  authorizer_id
from v2_called_routes;
