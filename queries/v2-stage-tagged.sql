-- title: Every stage of an HTTP or WebSocket API has a tag
-- description: Looks for a tag of yours, whatever it says; those that AWS sets, aws:*, do not count.
--   With requiredKeyTags, each of these keys has to be there with a value.
-- rationale: Cost reports, access by tag and whoever has to be called at night rest on tags.
-- severity: low
-- tags: inventory, v2
-- params: requiredKeyTags= [*, ...]
-- remediation: Tag the stage with what your organization agreed on. A tag that it has keeps its
--   value.
-- remedy: update v2_stages set tags = with_tags(tags, :tags)
-- remedy-asks: tags=team=orders [*=*, ...]

with tagged as (
  select
    *,
    (
      select group_concat(key, ', ')
      from json_each(tags)
      where key not like 'aws:%' and type = 'text'
    ) as own_tags,
    (
      -- The list of keys becomes JSON, so that each key is a row.
      select group_concat(trim(wanted.value), ', ')
      from json_each('[' || replace(json_quote(:requiredKeyTags), ',', '","') || ']') as wanted
      where :requiredKeyTags <> '' and not exists (
        select * from json_each(tags) as tag
        where tag.key = trim(wanted.value) and tag.type = 'text' and tag.value <> ''
      )
    ) as missing
  from v2_stages
)

select
  stages.arn as resource,
  case
    when json_type(stages.tags) <> 'object' then 'error'
    when own_tags is null or missing is not null then 'alarm'
    else 'ok'
  end as status,
  case
    when json_type(stages.tags) <> 'object' then 'Its tags are not an object: ' || stages.tags || '.'
    when missing is not null then 'Has no value for the tag ' || missing || '.'
    when own_tags is null then 'Has no tag.'
    else 'Has the tags ' || own_tags || '.'
  end as reason,
  account_id,
  region,
  v2_apis.name as api,
  api_id,
  stage_name,
  stages.tags
from tagged as stages
join v2_apis using (account_id, region, api_id);
