-- title: Every method of every stage caches, and what is cached is encrypted
-- description: Wants a cache cluster, and both settings in each entry of method_settings, of which
--   one has to be */*. stage-cache-encrypted asks for encryption only where something is cached.
--   With methods=default, a method with an entry of its own may go without a cache, and with
--   cluster=any the cluster is not looked at.
-- rationale: A cache takes load off a backend; on its disk, responses are readable unless they are
--   encrypted.
-- severity: medium
-- tags: encryption, caching
-- params: cluster=required [required|any], methods=every [every|default]
-- formerly: stage-cache-encrypted, stage-cache-enabled-and-encrypted
-- remediation: Enable a cache cluster, and turn on caching and the encryption of cache data for */*
--   and for each method that is named. Cache only responses that do not depend on who asks,
--   because callers then get each other's: choose the stages with --where. The size is in GB.
--   With cluster=any no cluster is enabled; with methods=default a method keeps its own caching.
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
--           case
--             when not :caching_enabled then '{}'
--             when :methods = 'every' or key = '*/*'
--               then '{"cachingEnabled": true, "cacheDataEncrypted": true}'
--             when value -> 'cachingEnabled' is 'false' then '{}'
--             else '{"cacheDataEncrypted": true}'
--           end
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
    group_concat(method, ', ') filter (
      where json_type(settings, '$.cachingEnabled') is not 'true'
        and (:methods = 'every' or method = '*/*')
    ) as uncached,
    group_concat(method, ', ') filter (
      where json_type(settings, '$.cacheDataEncrypted') is not 'true'
        -- What is not cached need not be encrypted.
        and not (:methods = 'default' and json_type(settings, '$.cachingEnabled') is 'false')
    ) as unencrypted,
    group_concat(method, ', ') filter (
      where json_type(settings, '$.cacheDataEncrypted') is not 'true' and method = '*/*'
    ) as unencrypted_default
  from stage_method_settings
  group by account_id, region, rest_api_id, stage_name
),

clustered as (
  select
    *,
    -- Without a cluster nothing is cached, so that */* alone says what would be.
    iif(
      :methods = 'default' and coalesce(cache_cluster_enabled, 0) is 0,
      unencrypted_default,
      unencrypted
    ) as not_encrypted
  from stages
  left join judged using (account_id, region, rest_api_id, stage_name)
)

select
  clustered.arn as resource,
  case
    when coalesce(cache_cluster_enabled, 0) not in (0, 1) then 'error'
    when :cluster = 'required' and coalesce(cache_cluster_enabled, 0) is 0 then 'alarm'
    when covers_all and uncached is null and not_encrypted is null then 'ok'
    else 'alarm'
  end as status,
  case
    when coalesce(cache_cluster_enabled, 0) not in (0, 1)
      then 'AWS does not say whether it has a cache cluster: ' || cache_cluster_enabled || '.'
    when :cluster = 'required' and coalesce(cache_cluster_enabled, 0) is 0
      then 'Has no cache cluster.'
    when uncached is not null and coalesce(cache_cluster_enabled, 0) is 0
      then 'With a cache cluster, responses would not be cached for ' || uncached || '.'
    when uncached is not null then 'Responses are not cached for ' || uncached || '.'
    when not_encrypted is not null and coalesce(cache_cluster_enabled, 0) is 0
      then 'With a cache cluster, responses would not be encrypted for ' || not_encrypted || '.'
    when not_encrypted is not null
      then 'Cached responses are not encrypted for ' || not_encrypted || '.'
    when not coalesce(covers_all, 0) and coalesce(cache_cluster_enabled, 0) is 0
      then 'Has neither a cache cluster nor an entry */* that encrypts what is cached.'
    when covers_all and coalesce(cache_cluster_enabled, 0) is 0
      then 'With a cache cluster, what is cached would be encrypted.'
    when covers_all and :methods = 'default' then 'What is cached is encrypted.'
    when covers_all then 'Every method caches, and encrypts what it caches.'
    else 'GET methods without settings of their own are cached unencrypted: there is no entry */*.'
  end as reason,
  account_id,
  region,
  rest_apis.name as rest_api,
  rest_api_id,
  stage_name
from clustered
join rest_apis using (account_id, region, rest_api_id);
