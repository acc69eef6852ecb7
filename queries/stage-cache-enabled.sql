-- title: Every stage has a cache
-- description: Looks for a cache cluster; method_settings says which methods use it. A cache is
--   billed by the hour, and does not suit responses that must be fresh.
-- rationale: A cache takes load off a backend, and still answers what it can when the backend is
--   slow.
-- severity: low
-- tags: caching, performance
-- remediation: Enable a cache cluster where responses may be a few seconds old.

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
  stage_name,
  iif(
    coalesce(cache_cluster_enabled, 0),
    null,
    'aws apigateway update-stage --region ' || region
      || ' --rest-api-id ' || rest_api_id || ' --stage-name ' || stage_name
      || ' --patch-operations op=replace,path=/cacheClusterEnabled,value=true op=replace,path=/cacheClusterSize,value=0.5'
  ) as remediation
from stages
join rest_apis using (account_id, region, rest_api_id);
