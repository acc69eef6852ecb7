-- title: Every stage has tags
-- description: Tags of AWS's own, whose keys begin with aws:, do not count. With requiredKeyTags,
--   each of these keys has to be there, in the same case.
-- rationale: Tags say to whom an alarm, and a bill, should go.
-- severity: low
-- tags: inventory
-- params: requiredKeyTags= [*!aws:**, ...]
-- remediation: Tag the stage with its team, or whatever you sort your resources by. A tag that it
--   has keeps its value.
-- remedy: update stages set tags = with_tags(tags, :tags)
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
    when own_tags(stages.tags) is null then 'Has no tags.'
    when missing_tags(stages.tags, :requiredKeyTags) is not null
      then 'Lacks these tags: ' || missing_tags(stages.tags, :requiredKeyTags) || '.'
    else 'Has these tags: ' || own_tags(stages.tags) || '.'
  end as reason,
  account_id,
  region,
  rest_apis.name as rest_api,
  rest_api_id,
  stage_name
from stages
join rest_apis using (account_id, region, rest_api_id);
