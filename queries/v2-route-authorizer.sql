-- title: Every route of an HTTP or WebSocket API has an authorizer
-- description: Looks for an authorizer that is attached to the route. IAM, which needs none, is not
--   enough; v2-route-authorization takes it. AWS authorizes callers of a WebSocket API when they
--   connect, and at no other route, so its other routes are skipped where there is a route $connect,
--   and in alarm where there is none; with websocket=every, each route has to have an authorizer,
--   which AWS does not take for them today. Routes are judged as they are now; a stage that does not
--   deploy by itself may still serve them as they were.
-- rationale: An authorizer decides by who the caller is, not just by whether it has credentials of
--   some AWS account.
-- severity: low
-- tags: access, v2
-- params: websocket=connect [connect|every]
-- formerly: v2-route-authorizer
-- remediation: Attach an authorizer of the API to the route, by its name or id. Callers that do not
--   sign in with it are refused once that is deployed, so tell them first. If IAM is meant to decide,
--   accept it in a baseline, with the reason.
-- remedy:
--   update v2_routes
--   set (authorization_type, authorizer_id) = (
--     select iif(one.authorizer_type = 'JWT', 'JWT', 'CUSTOM'), one.authorizer_id
--     from v2_authorizers as one
--     where one.account_id = v2_routes.account_id
--       and one.region = v2_routes.region
--       and one.api_id = v2_routes.api_id
--       and :authorizer in (one.name, one.authorizer_id)
--   )
-- remedy-leaves:
--   case
--     when route_key <> '$connect' and (account_id, region, api_id) in (
--       select account_id, region, api_id from v2_apis where protocol_type = 'WEBSOCKET'
--     ) then 'AWS authorizes callers of a WebSocket API at its route $connect alone'
--     when route_key glob 'OPTIONS *'
--       then 'browsers send no credentials with OPTIONS, so websites could no longer call the API'
--     else (
--       select
--         case count(*)
--           when 0 then 'its API has no authorizer ' || :authorizer
--           when 1 then null
--           else 'its API has several authorizers ' || :authorizer || ': choose one by its id'
--         end
--       from v2_authorizers as one
--       where one.account_id = v2_routes.account_id
--         and one.region = v2_routes.region
--         and one.api_id = v2_routes.api_id
--         and :authorizer in (one.name, one.authorizer_id)
--     )
--   end
-- remedy-asks: authorizer=shop-users

select
  arn as resource,
  case
    when coalesce(protocol_type, '') not in ('HTTP', 'WEBSOCKET') then 'error'
    when protocol_type = 'WEBSOCKET' and nullif(route_key, '') is null then 'error'
    when is_later and :websocket = 'connect' then iif(has_connect, 'skip', 'alarm')
    when nullif(authorizer_id, '') is null then 'alarm'
    when not is_id(authorizer_id) then 'error'
    when authorization_type = 'NONE' then 'alarm'
    when coalesce(authorization_type, '') not in ('CUSTOM', 'JWT') then 'error'
    else 'ok'
  end as status,
  case
    when coalesce(protocol_type, '') not in ('HTTP', 'WEBSOCKET')
      then 'AWS calls its API ' || coalesce(protocol_type, 'neither HTTP nor WebSocket') || '.'
    when protocol_type = 'WEBSOCKET' and nullif(route_key, '') is null
      then 'AWS does not say what the route is for.'
    when is_later and has_connect and :websocket = 'connect'
      then 'Callers are authorized when they connect: see $connect.'
    when is_later and :websocket = 'connect'
      then 'Anyone can connect, because there is no route $connect.'
    when nullif(authorizer_id, '') is null and authorization_type = 'AWS_IAM'
      then 'Has no authorizer: IAM decides who may call it.'
    when nullif(authorizer_id, '') is null then 'Has no authorizer.'
    when not is_id(authorizer_id)
      then 'What AWS names as its authorizer is not one: ' || authorizer_id || '.'
    when authorization_type = 'NONE'
      then 'Names authorizer ' || authorizer_id || ', but its authorization type is NONE: anyone can call it.'
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
