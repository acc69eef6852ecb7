-- title: Every REST API has tags
-- description: Tags of AWS's own, whose keys begin with aws:, do not count. With requiredKeyTags,
--   each of these keys has to be there, in the same case.
-- rationale: Tags say to whom an alarm, and a bill, should go.
-- severity: low
-- tags: inventory
-- params: requiredKeyTags= [*!aws:**, ...]
-- remediation: Tag the REST API with its team, or whatever you sort your resources by. A tag that it
--   has keeps its value.
-- remedy: update rest_apis set tags = with_tags(tags, :tags)
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
    when own_tags(tags) is null then 'Has no tags.'
    when missing_tags(tags, :requiredKeyTags) is not null
      then 'Lacks these tags: ' || missing_tags(tags, :requiredKeyTags) || '.'
    else 'Has these tags: ' || own_tags(tags) || '.'
  end as reason,
  account_id,
  region,
  name as rest_api,
  rest_api_id
from rest_apis;
