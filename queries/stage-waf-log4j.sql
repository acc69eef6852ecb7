-- title: Every web ACL of a stage stops what exploits Log4j
-- description: Wants AWS's rule groups AWSManagedRulesKnownBadInputsRuleSet, whose rules Log4JRCE_* know
--   the requests that exploit Log4j, and AWSManagedRulesAnonymousIpList, behind which scanners hide.
--   Those of Firewall Manager count, too. A group or a rule that only counts stops nothing. A stage
--   without a web ACL is skipped; stage-waf-web-acl asks for one. WAF Classic has no such groups.
-- rationale: One request that reaches a vulnerable Log4j is enough to run code in a backend.
-- severity: medium
-- tags: network, waf
-- remediation: Add both rule groups to the web ACL, which costs nothing but capacity. Let them count
--   first and look at what they would stop, because they refuse callers from then on.

with lists as (
  -- The rules of a stage's web ACL, and what Firewall Manager has before and after them.
  select account_id, region, rest_api_id, stage_name, list.value as rules
  from stages
  join web_acls using (account_id, region, web_acl_arn),
    json_each(
      json_array(
        rules,
        pre_process_firewall_manager_rule_groups,
        post_process_firewall_manager_rule_groups
      )
    ) as list
),

groups as (
  -- One row for each rule group that somebody else manages.
  select
    account_id,
    region,
    rest_api_id,
    stage_name,
    rule.value -> '$.OverrideAction.None' is not null as is_active,
    coalesce(
      rule.value -> '$.Statement.ManagedRuleGroupStatement',
      rule.value -> '$.FirewallManagerStatement.ManagedRuleGroupStatement'
    ) as statement
  from lists, json_each(iif(json_valid(rules), rules, '[]')) as rule
  where rule.type = 'object'
),

judged as (
  select
    account_id,
    region,
    rest_api_id,
    stage_name,
    statement ->> 'Name' as name,
    is_active and not exists (
      select *
      from json_each(
        json_array(statement -> 'RuleActionOverrides', statement -> 'ExcludedRules')
      ) as list, json_each(iif(list.type = 'array', list.value, '[]')) as rule
      where rule.type <> 'object'
        -- An excluded rule, which names no action, counts.
        or (
          rule.value ->> 'Name' glob 'Log4JRCE*'
          and rule.value -> '$.ActionToUse.Block' is null
        )
    ) as stops,
    statement -> 'ScopeDownStatement' is not null as is_partial
  from groups
  where statement ->> 'VendorName' = 'AWS'
),

found as (
  select
    account_id,
    region,
    rest_api_id,
    stage_name,
    max(name = 'AWSManagedRulesKnownBadInputsRuleSet' and stops) as inputs,
    max(name = 'AWSManagedRulesAnonymousIpList' and stops) as addresses,
    max(name = 'AWSManagedRulesKnownBadInputsRuleSet' and stops and not is_partial) as all_inputs,
    max(name = 'AWSManagedRulesAnonymousIpList' and stops and not is_partial) as all_addresses
  from judged
  group by account_id, region, rest_api_id, stage_name
),

named as (
  select
    stages.*,
    web_acls.arn as web_acl,
    case
      when not coalesce(inputs, 0) then 'AWSManagedRulesKnownBadInputsRuleSet'
      when not coalesce(addresses, 0) then 'AWSManagedRulesAnonymousIpList'
    end as missing,
    all_inputs and all_addresses as is_whole
  from stages
  left join web_acls using (account_id, region, web_acl_arn)
  left join found using (account_id, region, rest_api_id, stage_name)
)

select
  named.arn as resource,
  case
    when nullif(web_acl_arn, '') is null then 'skip'
    when web_acl_arn glob 'arn:*:waf-regional:*' then 'alarm'
    when web_acl is null then 'error'
    when missing is not null then 'alarm'
    else iif(is_whole, 'ok', 'info')
  end as status,
  case
    when nullif(web_acl_arn, '') is null then 'Has no web ACL.'
    when web_acl_arn glob 'arn:*:waf-regional:*'
      then 'Its web ACL is of WAF Classic, which has no rule groups of AWS: ' || web_acl_arn || '.'
    when web_acl is null then 'AWS WAF has no web ACL ' || web_acl_arn || '.'
    when missing is not null then 'Its web ACL has no rule group ' || missing || ' that stops requests.'
    when is_whole then 'Its web ACL has both rule groups.'
    else 'Its web ACL has both rule groups, and shows them only some requests.'
  end as reason,
  account_id,
  region,
  rest_apis.name as rest_api,
  rest_api_id,
  stage_name,
  web_acl_arn
from named
join rest_apis using (account_id, region, rest_api_id);
