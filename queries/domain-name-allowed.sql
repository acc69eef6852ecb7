-- title: Every custom domain name is one of yours
-- description: Compares each domain name with names, a list in which a * stands for any part, as in
--   *.example.com, and with CustomDomainName, domains of yours whose subdomains are yours, too.
--   Capitals do not matter. Without either there is nothing to compare with. Domain names that
--   another account shares are not looked at.
-- rationale: A name that is nearly yours, on an API of yours, is how visitors are deceived.
-- severity: high
-- tags: domains, inventory
-- params: names= [*, ...], CustomDomainName= [*, ...]
-- remediation: Find out who made the domain name, and delete it if it is not meant to be.

with patterns as (
  select lower(value) as pattern
  from json_each(words_of(:names))
  union
  select lower(trim(value, '.'))
  from json_each(words_of(:CustomDomainName))
  union
  select '*.' || lower(trim(value, '.'))
  from json_each(words_of(:CustomDomainName))
),

judged as (
  select
    *,
    (select min(pattern) from patterns where lower(domain_name) glob
      -- Only * stands for any part.
      replace(replace(pattern, '[', '[[]'), '?', '[?]')) as pattern
  from domain_names
  where resource_owner = 'SELF'
)

select
  arn as resource,
  case
    when :names = '' and :CustomDomainName = '' then 'skip'
    when pattern is null then 'alarm'
    else 'ok'
  end as status,
  case
    when :names = '' and :CustomDomainName = ''
      then 'Give the names that are yours: --param names=*.example.com'
    when pattern is null
      then 'Is none of these: '
        || (select group_concat(trim(value, '.'), ', ') from json_each(words_of(:names || ',' || :CustomDomainName)))
        || '.'
    else 'Is one of ' || pattern || '.'
  end as reason,
  account_id,
  region,
  domain_name,
  domain_name_id
from judged;
