-- title: Every stage that the internet can reach is behind a WAF web ACL
-- description: Stages of private APIs are ok without one; stage-waf-web-acl asks for one there, too.
-- rationale: A web ACL stops floods, scanners and known attacks before they reach a backend.
-- severity: medium
-- tags: network, waf
-- remediation: Associate a web ACL of the same region with the stage: aws wafv2 associate-web-acl
--   --web-acl-arn WEB_ACL_ARN --resource-arn STAGE_ARN. A web ACL can refuse callers, so look at
--   what its rules count first.

with typed as (
  select *, endpoint_type(endpoint_configuration) as endpoint_type
  from rest_apis
)

select
  stages.arn as resource,
  case
    when web_acl_arn glob 'arn:*' then 'ok'
    when nullif(web_acl_arn, '') is not null then 'error'
    when endpoint_type = 'PRIVATE' then 'ok'
    when endpoint_type in ('EDGE', 'REGIONAL') then 'alarm'
    -- Of several types, one is enough that the internet can reach.
    when endpoint_type glob '*"EDGE"*' or endpoint_type glob '*"REGIONAL"*' then 'alarm'
    else 'error'
  end as status,
  case
    when web_acl_arn glob 'arn:*' then 'Behind ' || web_acl_arn || '.'
    when nullif(web_acl_arn, '') is not null
      then 'What AWS names as its web ACL is not an ARN: ' || web_acl_arn || '.'
    when endpoint_type = 'PRIVATE' then 'Its API is private.'
    when endpoint_type in ('EDGE', 'REGIONAL')
      or endpoint_type glob '*"EDGE"*'
      or endpoint_type glob '*"REGIONAL"*'
      then 'No web ACL protects this stage.'
    else 'No web ACL protects this stage, and the type of its endpoint is not known here.'
  end as reason,
  account_id,
  region,
  typed.name as rest_api,
  rest_api_id,
  stage_name,
  web_acl_arn
from stages
join typed using (account_id, region, rest_api_id);
