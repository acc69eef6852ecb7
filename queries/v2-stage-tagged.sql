-- title: Every stage of an HTTP or WebSocket API has a tag
-- description: Looks for a tag of yours, whatever it says; those that AWS sets, aws:*, do not count.
--   With requiredKeyTags, each of these keys has to be there, in the same case.
-- rationale: Cost reports, access by tag and whoever has to be called at night rest on tags.
-- severity: low
-- tags: inventory, v2
-- params: requiredKeyTags= [*!aws:**, ...]
-- remediation: Tag the stage with what your organization agreed on. A tag that it has keeps its
--   value.
-- remedy: update v2_stages set tags = with_tags(tags, :tags)
-- remedy-asks: tags=team=orders [*=*, ...]

select
  stages.arn as resource,
  case
    when not json_valid(stages.tags) then 'error'
    when json_type(stages.tags) <> 'object' then 'error'
    when own_tags(stages.tags) is null then 'alarm'
    when missing_tags(stages.tags, :requiredKeyTags) is not null then 'alarm'
    else 'ok'
  end as status,
  case
    when not json_valid(stages.tags) or json_type(stages.tags) <> 'object'
      then 'Its tags are not an object: ' || stages.tags || '.'
    when own_tags(stages.tags) is null then 'Has no tag.'
    when missing_tags(stages.tags, :requiredKeyTags) is not null
      then 'Lacks these tags: ' || missing_tags(stages.tags, :requiredKeyTags) || '.'
    else 'Has the tags ' || own_tags(stages.tags) || '.'
  end as reason,
  account_id,
  region,
  v2_apis.name as api,
  api_id,
  stage_name,
  stages.tags
from v2_stages as stages
join v2_apis using (account_id, region, api_id);
