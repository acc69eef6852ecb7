-- title: Every stage traces its requests with X-Ray
-- description: Looks for active tracing on the stage; a backend's own tracing does not count.
-- rationale: A trace shows where a request spent its time, and which service refused it.
-- severity: low
-- tags: monitoring
-- references: APIGateway.3, api-gw-xray-enabled, apigateway_restapi_tracing_enabled
-- remediation: Turn on active tracing for the stage.

select
  stages.arn as resource,
  iif(coalesce(tracing_enabled, 0), 'ok', 'alarm') as status,
  iif(coalesce(tracing_enabled, 0), 'X-Ray tracing is on.', 'X-Ray tracing is off.') as reason,
  account_id,
  region,
  rest_apis.name as rest_api,
  stage_name,
  iif(
    coalesce(tracing_enabled, 0),
    null,
    'aws apigateway update-stage --region ' || region
      || ' --rest-api-id ' || rest_api_id || ' --stage-name ' || stage_name
      || ' --patch-operations op=replace,path=/tracingEnabled,value=true'
  ) as remediation
from stages
join rest_apis using (account_id, region, rest_api_id);
