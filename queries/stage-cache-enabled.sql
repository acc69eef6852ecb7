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
  iif(coalesce(cache_cluster_enabled, 0), 'ok', 'alarm') as status,
  iif(coalesce(cache_cluster_enabled, 0), 'Has a cache cluster.', 'Has no cache cluster.') as reason,
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
