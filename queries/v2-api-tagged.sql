-- title: Every HTTP or WebSocket API has a tag
-- description: Looks for a tag of yours, whatever it says; those that AWS sets, aws:*, do not count.
--   With requiredKeyTags, each of these keys has to be there, in the same case.
-- rationale: Cost reports, access by tag and whoever has to be called at night rest on tags.
-- severity: low
-- tags: inventory, v2
-- params: requiredKeyTags= [*!aws:**, ...]
-- remediation: Tag the API with what your organization agreed on. A tag that it has keeps its
--   value.
-- remedy: update v2_apis set tags = with_tags(tags, :tags)
-- remedy-asks: tags=team=orders [*=*, ...]

select
  arn as resource,
  case
    when not json_valid(tags) then 'error'
    when json_type(tags) <> 'object' then 'error'
    when own_tags(tags) is null then 'alarm'
    when missing_tags(tags, :requiredKeyTags) is not null then 'alarm'
    else 'ok'
  end as status,
  case
    when not json_valid(tags) or json_type(tags) <> 'object'
      then 'Its tags are not an object: ' || tags || '.'
    when own_tags(tags) is null then 'Has no tag.'
    when missing_tags(tags, :requiredKeyTags) is not null
      then 'Lacks these tags: ' || missing_tags(tags, :requiredKeyTags) || '.'
    else 'Has the tags ' || own_tags(tags) || '.'
  end as reason,
  account_id,
  region,
  name as api,
  api_id,
  tags
from v2_apis;
