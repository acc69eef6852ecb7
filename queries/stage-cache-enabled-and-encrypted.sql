-- title: Every method of every stage caches, and what is cached is encrypted
-- description: Wants a cache cluster, and both settings in each entry of method_settings, of which
--   one has to be */*. stage-cache-encrypted asks for encryption only where something is cached.
-- rationale: A cache takes load off a backend; on its disk, responses are readable unless they are
--   encrypted.
-- severity: medium
-- tags: encryption, caching
-- formerly: stage-cache-encrypted
-- remediation: Enable a cache cluster, and turn on caching and the encryption of cache data for */*
--   and for each method that is named. Cache only responses that do not depend on who asks,
--   because callers then get each other's.

with judged as (
  select
    account_id,
    region,
    rest_api_id,
    stage_name,
    max(method = '*/*') as covers_all,
    group_concat(method, ', ')
      filter (where json_type(settings, '$.cachingEnabled') is not 'true') as uncached,
    group_concat(method, ', ')
      filter (where json_type(settings, '$.cacheDataEncrypted') is not 'true') as unencrypted
  from stage_method_settings
  group by account_id, region, rest_api_id, stage_name
)

select
  stages.arn as resource,
  case
    when coalesce(cache_cluster_enabled, 0) is 0 then 'alarm'
    when cache_cluster_enabled is not 1 then 'error'
    when covers_all and uncached is null and unencrypted is null then 'ok'
    else 'alarm'
  end as status,
  case
    when coalesce(cache_cluster_enabled, 0) is 0 then 'Has no cache cluster.'
    when cache_cluster_enabled is not 1
      then 'AWS does not say whether it has a cache cluster: ' || cache_cluster_enabled || '.'
    when uncached is not null then 'Responses are not cached for ' || uncached || '.'
    when unencrypted is not null then 'Cached responses are not encrypted for ' || unencrypted || '.'
    when covers_all then 'Every method caches, and encrypts what it caches.'
    else 'GET methods without settings of their own are cached unencrypted: there is no entry */*.'
  end as reason,
  account_id,
  region,
  rest_apis.name as rest_api,
  rest_api_id,
  stage_name
from stages
join rest_apis using (account_id, region, rest_api_id)
left join judged using (account_id, region, rest_api_id, stage_name);
