-- title: Every route of an HTTP or WebSocket API says who may call it
-- description: The authorization type NONE lets anyone call a route. With authorizationType, only those types
--   are enough. AWS authorizes callers of a WebSocket API when they connect, and at no other route,
--   so its other routes are skipped where there is a route $connect, and in alarm where there is
--   none; with websocket=every, each route has to have a type of its own, which AWS does not take
--   for them today. A type that needs an authorizer has to name it, unless authorizer=any. Routes
--   are judged as they are now; a stage that does not deploy by itself may still serve them as they
--   were.
-- rationale: Anyone who finds the address of an open route can call what is behind it.
-- severity: high
-- tags: access, v2
-- params: authorizationType= [AWS_IAM|CUSTOM|JWT, ...], websocket=connect [connect|every],
--   authorizer=named [named|any]
-- formerly: v2-route-authorization
-- remediation: Let IAM decide, with authorization=AWS_IAM, or an authorizer of the API, with its name
--   or id. Callers that do not sign in are refused once that is deployed, so tell them first. If the
--   public is meant to call the route, accept it in a baseline, with the reason.
-- remedy:
--   update v2_routes
--   set (authorization_type, authorizer_id) = (
--     select 'AWS_IAM', null
--     where :authorization = 'AWS_IAM'
--     union all
--     select iif(one.authorizer_type = 'JWT', 'JWT', 'CUSTOM'), one.authorizer_id
--     from v2_authorizers as one
--     where :authorization <> 'AWS_IAM'
--       and one.account_id = v2_routes.account_id
--       and one.region = v2_routes.region
--       and one.api_id = v2_routes.api_id
--       and :authorization in (one.name, one.authorizer_id)
--   )
-- remedy-leaves:
--   case
--     when route_key <> '$connect' and (account_id, region, api_id) in (
--       select account_id, region, api_id from v2_apis where protocol_type = 'WEBSOCKET'
--     ) then 'AWS authorizes callers of a WebSocket API at its route $connect alone'
--     when route_key glob 'OPTIONS *'
--       then 'browsers send no credentials with OPTIONS, so websites could no longer call the API'
--     when :authorization = 'AWS_IAM' then null
--     else (
--       select
--         case count(*)
--           when 0 then 'its API has no authorizer ' || :authorization
--           when 1 then null
--           else 'its API has several authorizers ' || :authorization || ': choose one by its id'
--         end
--       from v2_authorizers as one
--       where one.account_id = v2_routes.account_id
--         and one.region = v2_routes.region
--         and one.api_id = v2_routes.api_id
--         and :authorization in (one.name, one.authorizer_id)
--     )
--   end
-- remedy-asks: authorization=AWS_IAM

select
  arn as resource,
  case
    when coalesce(protocol_type, '') not in ('HTTP', 'WEBSOCKET') then 'error'
    when protocol_type = 'WEBSOCKET' and nullif(route_key, '') is null then 'error'
    when is_later and :websocket = 'connect' then iif(has_connect, 'skip', 'alarm')
    when coalesce(nullif(authorization_type, ''), 'NONE') = 'NONE' then 'alarm'
    when authorization_type not in ('AWS_IAM', 'CUSTOM', 'JWT') then 'error'
    when :authorizationType <> '' and not is_one_of(authorization_type, :authorizationType) then 'alarm'
    when authorization_type in ('CUSTOM', 'JWT') and nullif(authorizer_id, '') is null
      and :authorizer = 'named' then 'info'
    else 'ok'
  end as status,
  case
    when coalesce(protocol_type, '') not in ('HTTP', 'WEBSOCKET')
      then 'AWS calls its API ' || coalesce(protocol_type, 'neither HTTP nor WebSocket') || '.'
    when protocol_type = 'WEBSOCKET' and nullif(route_key, '') is null
      then 'AWS does not say what the route is for.'
    when is_later and has_connect and :websocket = 'connect'
      then 'Who may call is decided when callers connect: see $connect.'
    when is_later and :websocket = 'connect'
      then 'Anyone can connect, because there is no route $connect.'
    when coalesce(nullif(authorization_type, ''), 'NONE') = 'NONE' and is_later and has_connect
      then 'Has no authorization type of its own: see $connect, where AWS authorizes its callers.'
    when coalesce(nullif(authorization_type, ''), 'NONE') = 'NONE' then 'Anyone can call it.'
    when authorization_type not in ('AWS_IAM', 'CUSTOM', 'JWT')
      then 'Its authorization type is not known here: ' || authorization_type || '.'
    when :authorizationType <> '' and not is_one_of(authorization_type, :authorizationType)
      then 'Callers are authorized by ' || authorization_type || ', and not by ' || :authorizationType || '.'
    when authorization_type in ('CUSTOM', 'JWT') and nullif(authorizer_id, '') is null
      and :authorizer = 'named'
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
