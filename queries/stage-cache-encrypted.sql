-- title: Cached responses are encrypted wherever a method caches
-- description: Looks only at stages with a cache cluster and a method that caches. AWS Config also
--   requires a cache everywhere; here stage-cache-enabled checks that. With cluster=any, settings that
--   ask for a cache are judged where there is no cluster, too, with cluster=default those of */*
--   alone. With uncached=ok, a stage that caches nothing is ok.
-- rationale: Cached responses hold what the backend sent to one caller; on disk they are readable
--   unless they are encrypted.
-- severity: medium
-- tags: encryption, caching
-- params: cluster=required [required|any|default], uncached=skip [skip|ok]
-- formerly: stage-cache-encrypted
-- remediation: Set the encryption of cache data for */* and for each method that caches.
-- remedy:
--   update stages
--   set method_settings = (
--     select json_group_object(
--       key,
--       json_patch(
--         value,
--         iif(value -> 'cachingEnabled' is 'false', '{}', '{"cacheDataEncrypted": true}')
--       )
--     )
--     from json_each(
--       json_patch(
--         coalesce(method_settings, '{}'),
--         iif(method_settings -> '$."*/*"' is null, '{"*/*": {"cachingEnabled": true}}', '{}')
--       )
--     )
--   )

with judged as (
  select
    account_id,
    region,
    rest_api_id,
    stage_name,
    -- AWS caches, unencrypted, where an entry does not say otherwise.
    max(json_type(settings, '$.cachingEnabled') is not 'false') as caches,
    max(method = '*/*') as covers_all,
    -- What would be cached if there was a cluster.
    count(*) filter (
      where json_type(settings, '$.cachingEnabled') is 'true'
        and (:cluster = 'any' or (:cluster = 'default' and method = '*/*'))
    ) as asks_to_cache,
    group_concat(method, ', ') filter (
      where json_type(settings, '$.cachingEnabled') is 'true'
        and json_type(settings, '$.cacheDataEncrypted') is not 'true'
        and (:cluster = 'any' or (:cluster = 'default' and method = '*/*'))
    ) as would_be_bad,
    group_concat(method, ', ') filter (
      where json_type(settings, '$.cachingEnabled') is not 'false'
        and json_type(settings, '$.cacheDataEncrypted') is not 'true'
    ) as bad_methods
  from stage_method_settings
  group by account_id, region, rest_api_id, stage_name
)

select
  stages.arn as resource,
  case
    when coalesce(cache_cluster_enabled, 0) not in (0, 1) then 'error'
    when coalesce(cache_cluster_enabled, 0) is 0 then case
      when coalesce(asks_to_cache, 0) = 0 then :uncached
      else iif(would_be_bad is null, 'ok', 'alarm')
    end
    when bad_methods is not null then 'alarm'
    -- AWS caches GET, unencrypted, where no entry says otherwise.
    when not coalesce(covers_all, 0) then 'alarm'
    when not caches then :uncached
    else 'ok'
  end as status,
  case
    when coalesce(cache_cluster_enabled, 0) not in (0, 1)
      then 'AWS does not say whether it has a cache cluster: ' || cache_cluster_enabled || '.'
    when coalesce(cache_cluster_enabled, 0) is 0 then case
      when coalesce(asks_to_cache, 0) = 0 then 'Nothing is cached.'
      when would_be_bad is null then 'With a cache cluster, what is cached would be encrypted.'
      else 'With a cache cluster, responses would not be encrypted for ' || would_be_bad || '.'
    end
    when bad_methods is not null then 'Cached responses are not encrypted for ' || bad_methods || '.'
    when not coalesce(covers_all, 0)
      then 'GET methods without settings of their own are cached unencrypted: there is no entry */*.'
    when not caches then 'Nothing is cached.'
    else 'Everything that is cached is encrypted.'
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
