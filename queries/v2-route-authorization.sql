-- title: Every route of an HTTP or WebSocket API says who may call it
-- description: The authorization type NONE lets anyone call a route. With authorizationType, only those types
--   are enough. AWS authorizes callers of a WebSocket API when they connect, and at no other route,
--   so its other routes are skipped where there is a route $connect, and in alarm where there is
--   none. Routes are judged as they are now; a stage that does not deploy by itself may still serve
--   them as they were.
-- rationale: Anyone who finds the address of an open route can call what is behind it.
-- severity: high
-- tags: access, v2
-- params: authorizationType= [AWS_IAM|CUSTOM|JWT, ...]
-- remediation: Attach an authorizer to the route, or require IAM. Callers that do not sign in are
--   refused from then on, so tell them first. If the public is meant to call it, accept it in a
--   baseline, with the reason.

select
  arn as resource,
  case
    when coalesce(protocol_type, '') not in ('HTTP', 'WEBSOCKET') then 'error'
    when protocol_type = 'WEBSOCKET' and nullif(route_key, '') is null then 'error'
    when is_later then iif(has_connect, 'skip', 'alarm')
    when coalesce(nullif(authorization_type, ''), 'NONE') = 'NONE' then 'alarm'
    when authorization_type not in ('AWS_IAM', 'CUSTOM', 'JWT') then 'error'
    when :authorizationType <> '' and not is_one_of(authorization_type, :authorizationType) then 'alarm'
    when authorization_type in ('CUSTOM', 'JWT') and nullif(authorizer_id, '') is null then 'info'
    else 'ok'
  end as status,
  case
    when coalesce(protocol_type, '') not in ('HTTP', 'WEBSOCKET')
      then 'AWS calls its API ' || coalesce(protocol_type, 'neither HTTP nor WebSocket') || '.'
    when protocol_type = 'WEBSOCKET' and nullif(route_key, '') is null
      then 'AWS does not say what the route is for.'
    when is_later and has_connect then 'Who may call is decided when callers connect: see $connect.'
    when is_later then 'Anyone can connect, because there is no route $connect.'
    when coalesce(nullif(authorization_type, ''), 'NONE') = 'NONE' then 'Anyone can call it.'
    when authorization_type not in ('AWS_IAM', 'CUSTOM', 'JWT')
      then 'Its authorization type is not known here: ' || authorization_type || '.'
    when :authorizationType <> '' and not is_one_of(authorization_type, :authorizationType)
      then 'Callers are authorized by ' || authorization_type || ', and not by ' || :authorizationType || '.'
    when authorization_type in ('CUSTOM', 'JWT') and nullif(authorizer_id, '') is null
      then 'Its authorization type is ' || authorization_type || ', and it names no authorizer.'
    else 'Callers are authorized by ' || authorization_type || '.'
  end as reason,
  account_id,
  region,
  api,
  api_id,
  route_id,
  route_key,
  authorization_type
from v2_called_routes;
