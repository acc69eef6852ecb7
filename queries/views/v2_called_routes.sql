-- The routes of HTTP and WebSocket APIs, with their API. AWS authorizes callers of a WebSocket API
-- when they connect: is_later is 1 for a route that only those call who are connected already, and
-- has_connect is 1 if the API has a route $connect.

with connects as (
  select distinct account_id, region, api_id, 1 as has_connect
  from v2_routes
  where route_key = '$connect'
)

select
  v2_routes.*,
  v2_apis.name as api,
  protocol_type,
  protocol_type = 'WEBSOCKET' and route_key <> '$connect' as is_later,
  has_connect
from v2_routes
join v2_apis using (account_id, region, api_id)
left join connects using (account_id, region, api_id)
