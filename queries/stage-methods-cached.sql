-- title: Every method of every stage caches
-- description: Wants a cache cluster, and caching in each entry of method_settings, of which one
--   has to be */*. stage-cache-enabled looks at the cluster alone.
-- rationale: A cache that half of the methods do not use takes half of the load off a backend.
-- severity: low
-- tags: caching, performance
-- remediation: Enable a cache cluster, and turn on caching for */* and for each method that is
--   named. Cache only responses that do not depend on who asks, because callers then get each
--   other's.

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
    when coalesce(cache_cluster_enabled, 0) is 0 then 'alarm'
    when cache_cluster_enabled is not 1 then 'error'
    when covers_all and bad_methods is null then 'ok'
    else 'alarm'
  end as status,
  case
    when coalesce(cache_cluster_enabled, 0) is 0 then 'Has no cache cluster.'
    when cache_cluster_enabled is not 1
      then 'AWS does not say whether it has a cache cluster: ' || cache_cluster_enabled || '.'
    when bad_methods is not null then 'Responses are not cached for ' || bad_methods || '.'
    when covers_all then 'Every method caches.'
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
