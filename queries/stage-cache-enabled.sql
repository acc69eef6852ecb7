-- title: Every stage has a cache
-- description: Looks for a cache cluster; method_settings says which methods use it. A cache is
--   billed by the hour, and does not suit responses that must be fresh.
-- rationale: A cache takes load off a backend, and still answers what it can when the backend is
--   slow.
-- severity: low
-- tags: caching, performance
-- remediation: Enable a cache cluster where responses may be a few minutes old and do not depend on
--   who asks, because callers then get each other's. Its size is in GB. What is cached is encrypted.
-- remedy:
--   update stages
--   set
--     cache_cluster_enabled = 1,
--     cache_cluster_size = :cache_cluster_size,
--     method_settings = (
--       select json_group_object(
--         key,
--         json_patch(
--           value,
--           iif(value -> 'cachingEnabled' is 'false', '{}', '{"cacheDataEncrypted": true}')
--         )
--       )
--       from json_each(
--         json_patch(
--           coalesce(method_settings, '{}'),
--           iif(method_settings -> '$."*/*"' is null, '{"*/*": {"cachingEnabled": true}}', '{}')
--         )
--       )
--     )
-- remedy-asks: cache_cluster_size=0.5 [0.5|1.6|6.1|13.5|28.4|58.2|118|237]

select
  stages.arn as resource,
  case
    when cache_cluster_enabled is 1 then 'ok'
    when coalesce(cache_cluster_enabled, 0) is 0 then 'alarm'
    else 'error'
  end as status,
  case
    when cache_cluster_enabled is 1 then 'Has a cache cluster.'
    when coalesce(cache_cluster_enabled, 0) is 0 then 'Has no cache cluster.'
    else 'AWS says neither yes nor no: ' || cache_cluster_enabled || '.'
  end as reason,
  account_id,
  region,
  rest_apis.name as rest_api,
  rest_api_id,
  stage_name
from stages
join rest_apis using (account_id, region, rest_api_id);
