-- title: Every method of every stage caches
-- description: Wants a cache cluster, and caching in each entry of method_settings, of which one
--   has to be */*. With cluster=any, the entries alone are looked at. stage-cache-enabled looks at
--   the cluster alone.
-- rationale: A cache that half of the methods do not use takes half of the load off a backend.
-- severity: low
-- tags: caching, performance
-- params: cluster=required [required|any]
-- formerly: stage-methods-cached
-- remediation: Enable a cache cluster, and turn on caching for */* and for each method that is
--   named. Cache only responses that do not depend on who asks, because callers then get each
--   other's: choose the stages with --where. The size is in GB. What is newly cached is encrypted.
--   With cluster=any no cluster is enabled.
-- remedy:
--   update stages
--   set
--     cache_cluster_enabled = iif(
--       :cluster = 'any',
--       cache_cluster_enabled,
--       coalesce(nullif(cache_cluster_enabled, 0), :caching_enabled)
--     ),
--     cache_cluster_size = iif(
--       :cluster = 'any' or cache_cluster_enabled is 1,
--       cache_cluster_size,
--       :cache_cluster_size
--     ),
--     method_settings = (
--       select json_group_object(
--         key,
--         json_patch(
--           value,
--           iif(
--             :caching_enabled
--               and ((cache_cluster_enabled is not 1 and :cluster <> 'any') or value -> 'cachingEnabled' is not 'true'),
--             '{"cachingEnabled": true, "cacheDataEncrypted": true}',
--             '{}'
--           )
--         )
--       )
--       from json_each(json_patch('{"*/*": {}}', coalesce(method_settings, '{}')))
--     )
-- remedy-asks: caching_enabled=1 [0..1],
--   cache_cluster_size=0.5 [0.5|1.6|6.1|13.5|28.4|58.2|118|237]

with judged as (
  select
    account_id,
    region,
    rest_api_id,
    stage_name,
    max(method = '*/*') as covers_all,
    group_concat(method, ', ')
      filter (where json_type(settings, '$.cachingEnabled') is not 'true') as bad_methods
  from stage_method_settings
  group by account_id, region, rest_api_id, stage_name
)

select
  stages.arn as resource,
  case
    when coalesce(cache_cluster_enabled, 0) not in (0, 1) then 'error'
    when :cluster = 'required' and coalesce(cache_cluster_enabled, 0) is 0 then 'alarm'
    when covers_all and bad_methods is null then 'ok'
    else 'alarm'
  end as status,
  case
    when coalesce(cache_cluster_enabled, 0) not in (0, 1)
      then 'AWS does not say whether it has a cache cluster: ' || cache_cluster_enabled || '.'
    when :cluster = 'required' and coalesce(cache_cluster_enabled, 0) is 0
      then 'Has no cache cluster.'
    when bad_methods is not null and coalesce(cache_cluster_enabled, 0) is 0
      then 'With a cache cluster, responses would not be cached for ' || bad_methods || '.'
    when bad_methods is not null then 'Responses are not cached for ' || bad_methods || '.'
    when covers_all
      then iif(cache_cluster_enabled is 1, 'Every method caches.', 'Every method would cache.')
    else 'Nothing says that methods without settings of their own cache: there is no entry */*.'
  end as reason,
  account_id,
  region,
  rest_apis.name as rest_api,
  rest_api_id,
  stage_name,
  bad_methods
from stages
join rest_apis using (account_id, region, rest_api_id)
left join judged using (account_id, region, rest_api_id, stage_name);
