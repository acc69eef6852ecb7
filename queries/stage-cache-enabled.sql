-- title: Every stage has a cache
-- description: A cache cluster is there; which methods use it is for method_settings to say. A
--   cache costs by the hour, and is wrong for answers that must be fresh.
-- rationale: A cache takes load from a backend, and keeps answering what it can when that is
--   slow.
-- severity: low
-- tags: caching, performance
-- remediation: Enable a cache cluster where answers may be some seconds old.

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
