-- title: Every stage is behind a WAF web ACL
-- description: The stage has to name a web ACL, of WAF or of WAF Classic, with WebAclArns one of
--   these. Private APIs need one too, as in Security Hub. WAF itself is not asked: the rule is about
--   what is attached, AWS deletes no web ACL that is, and who may not read WAF would get an error for
--   what is ok.
-- rationale: A web ACL stops floods, scanners and known attacks before they reach a backend.
-- severity: medium
-- tags: network, waf
-- params: WebAclArns= [arn:**, ...]
-- remediation: Associate a web ACL of the same region with the stage: aws wafv2 associate-web-acl
--   --web-acl-arn WEB_ACL_ARN --resource-arn STAGE_ARN. A web ACL can refuse callers, so look at
--   what its rules count first.

select
  stages.arn as resource,
  case
    when nullif(web_acl_arn, '') is null then 'alarm'
    when web_acl_arn not glob 'arn:*' then 'error'
    when trim(:WebAclArns) = '' then 'ok'
    when is_one_of(web_acl_arn, :WebAclArns) then 'ok'
    else 'alarm'
  end as status,
  case
    when nullif(web_acl_arn, '') is null then 'No web ACL protects this stage.'
    when web_acl_arn not glob 'arn:*'
      then 'What AWS names as its web ACL is not an ARN: ' || web_acl_arn || '.'
    when trim(:WebAclArns) = ''
      or is_one_of(web_acl_arn, :WebAclArns)
      then 'Behind ' || web_acl_arn || '.'
    else 'Behind ' || web_acl_arn || ', which is none of those allowed.'
  end as reason,
  account_id,
  region,
  rest_apis.name as rest_api,
  stage_name,
  web_acl_arn
from stages
join rest_apis using (account_id, region, rest_api_id);
