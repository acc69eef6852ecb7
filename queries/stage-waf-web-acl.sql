-- title: Every stage is behind a WAF web ACL
-- description: The stage has to name a web ACL, of WAF or of WAF Classic. Private APIs need one too,
--   as in Security Hub. WAF itself is not asked: the rule is about what is attached, AWS deletes no web
--   ACL that is, and who may not read WAF would get an error for what is ok.
-- rationale: A web ACL stops floods, scanners and known attacks before they reach a backend.
-- severity: medium
-- tags: network, waf
-- remediation: Associate a web ACL of the same region with the stage: aws wafv2 associate-web-acl
--   --web-acl-arn WEB_ACL_ARN --resource-arn STAGE_ARN. A web ACL can refuse callers, so look at
--   what its rules count first.

select
  stages.arn as resource,
  case
    when web_acl_arn glob 'arn:*' then 'ok'
    when nullif(web_acl_arn, '') is null then 'alarm'
    else 'error'
  end as status,
  case
    when web_acl_arn glob 'arn:*' then 'Behind ' || web_acl_arn || '.'
    when nullif(web_acl_arn, '') is null then 'No web ACL protects this stage.'
    else 'What AWS names as its web ACL is not an ARN: ' || web_acl_arn || '.'
  end as reason,
  account_id,
  region,
  rest_apis.name as rest_api,
  stage_name,
  web_acl_arn
from stages
join rest_apis using (account_id, region, rest_api_id);
