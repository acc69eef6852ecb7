-- title: Every custom domain name leads to an API
-- description: Looks for a base path mapping or an API mapping, and for a routing rule where the
--   domain name's routing mode asks for them. Domain names that another account shares are that
--   account's to judge.
-- rationale: A name whose DNS record still points at API Gateway, but to nothing of yours, is one
--   that nobody watches, and it keeps a certificate alive.
-- severity: low
-- tags: domains, hygiene
-- remediation: Map the domain name to a stage, or delete it and its DNS record: the record first, so
--   that nobody else can take what it points at.

with used as (
  select
    *,
    coalesce(nullif(routing_mode, ''), 'BASE_PATH_MAPPING_ONLY') as mode,
    -- Asked for one after the other: most domain names have a mapping, and need no second call.
    coalesce(routing_mode, '') <> 'ROUTING_RULE_ONLY' and (
      exists (
        select * from base_path_mappings as mapping
        where mapping.account_id = domain_names.account_id
          and mapping.region = domain_names.region
          and mapping.domain_name = domain_names.domain_name
          and mapping.domain_name_id is domain_names.domain_name_id
      )
      -- Version 2 has no private domain names, and a public one can be called the same.
      or domain_name_id is null and exists (
        select * from v2_api_mappings as mapping
        where mapping.account_id = domain_names.account_id
          and mapping.region = domain_names.region
          and mapping.domain_name = domain_names.domain_name
      )
    ) as is_mapped,
    coalesce(routing_mode, '') in ('ROUTING_RULE_ONLY', 'ROUTING_RULE_THEN_BASE_PATH_MAPPING')
      and exists (
        select * from v2_routing_rules as rule
        where rule.account_id = domain_names.account_id
          and rule.region = domain_names.region
          and rule.domain_name = domain_names.domain_name
          and rule.domain_name_id is domain_names.domain_name_id
      ) as is_routed
  from domain_names
  where resource_owner = 'SELF'
)

select
  arn as resource,
  case
    when mode not in (
      'BASE_PATH_MAPPING_ONLY', 'ROUTING_RULE_ONLY', 'ROUTING_RULE_THEN_BASE_PATH_MAPPING'
    ) then 'error'
    when is_mapped or is_routed then 'ok'
    else 'alarm'
  end as status,
  case
    when mode not in (
      'BASE_PATH_MAPPING_ONLY', 'ROUTING_RULE_ONLY', 'ROUTING_RULE_THEN_BASE_PATH_MAPPING'
    ) then 'Its routing mode is not known here: ' || mode || '.'
    when is_mapped then 'A mapping leads to a stage.'
    when is_routed then 'A routing rule leads to a stage.'
    when mode = 'ROUTING_RULE_ONLY'
      then 'No routing rule leads to a stage, and its routing mode takes no account of mappings.'
    when mode = 'BASE_PATH_MAPPING_ONLY' then 'No mapping leads to a stage.'
    else 'Neither a mapping nor a routing rule leads to a stage.'
  end as reason,
  account_id,
  region,
  domain_name,
  domain_name_id,
  routing_mode
from used;
