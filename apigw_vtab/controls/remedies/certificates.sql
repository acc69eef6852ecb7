-- title: The steps that all remedies with client certificates share
-- remedies:
-- description: Each section follows a line `-- section: NAME`. The tables are those of attach.sql
--   and rotate.sql. Nothing here knows when an earlier run was: what that one left is found by what
--   a certificate is for, by who presents it, and by what was deployed since.

-- section: prepared

-- The certificate of each purpose: of several, the newest, if it lives for another month.
create temp view prepared as
select
  account_id,
  region,
  description as purpose,
  client_certificate_id,
  max(coalesce(created_date, '9999')) as created_date,
  expiration_date,
  pem_encoded_certificate
from client_certificates
where expiration_date > datetime('now', '30 days')
  -- AWS has not made it yet. One whose end it does not tell is not used.
  or (expiration_date is null and created_date is null)
group by account_id, region, description;

-- section: undeployed

-- The stages that present a certificate and were not deployed since it was attached, whoever did
-- that: their deployment is older than the certificate, or older than the stage's last change, and
-- none was made for it. AWS's two dates of one deployment may be some seconds apart. A stage that
-- presents a certificate in alarm is to get another, and one that has expired helps nobody.
create temp view undeployed as
with attached as materialized (
  select
    account_id,
    region,
    rest_api_id,
    stage_name,
    deployment_id,
    last_updated_date,
    coalesce(client_certificates.description, client_certificate_id) as purpose,
    coalesce(client_certificates.created_date, '9999') as certificate_made,
    (account_id, region, client_certificate_id) in (
      select account_id, region, client_certificate_id from ours
    ) as is_ours
  from client_certificates
  join stages using (account_id, region, client_certificate_id)
  where client_certificates.expiration_date > datetime('now')
    and (account_id, region, rest_api_id, stage_name) not in (
      select account_id, region, rest_api_id, stage_name from wanted
    )
    -- A rotation is about the accounts and regions with certificates in alarm.
    and (:generates or (account_id, region) in (select account_id, region from in_alarm))
)
select
  attached.account_id,
  attached.region,
  attached.rest_api_id,
  attached.stage_name,
  attached.purpose,
  attached.certificate_made,
  attached.is_ours,
  max(iif(made.deployment_id = attached.deployment_id, made.created_date, null)) as deployed,
  max(made.created_date >= attached.certificate_made
    and made.description = attached.stage_name || ': ' || attached.purpose) as was_made_for_it,
  -- Only this is certain: any later change of the stage looks as if it had not been deployed.
  coalesce(max(iif(made.deployment_id = attached.deployment_id, made.created_date, null)), '')
    < attached.certificate_made as is_certain
from attached
left join deployments as made using (account_id, region, rest_api_id)
group by attached.account_id, attached.region, attached.rest_api_id, attached.stage_name
having coalesce(deployed, '') < certificate_made
  or (deployed < datetime(attached.last_updated_date, '-10 seconds')
    and not coalesce(was_made_for_it, 0));

-- section: to_deploy

-- The stages that will present a certificate, and those that do and were not deployed since.
select
  stages.account_id,
  stages.region,
  stages.rest_api_id,
  stages.stage_name,
  rest_apis.name as api_name,
  due.purpose,
  stages.deployment_id,
  stages.canary_settings,
  stages.tags,
  rest_apis.tags as api_tags,
  due.is_ours,
  due.is_left_over,
  stages.arn
from rest_apis
cross join stages using (account_id, region, rest_api_id)
cross join (
  select account_id, region, rest_api_id, stage_name, purpose, 1 as is_ours, 0 as is_left_over
  from wanted
  where :generates or (account_id, region, purpose) in (select account_id, region, purpose from ours)
  union all
  select account_id, region, rest_api_id, stage_name, purpose, is_ours, 1
  from undeployed
  -- A rotation is about the certificates in alarm, which those of ours replace.
  where is_certain or (is_ours and not :generates)
) as due using (account_id, region, rest_api_id, stage_name);

-- section: begin

begin;

-- section: generate

-- One for each purpose that has none; what an interrupted run generated is used.
insert into client_certificates (account_id, region, description)
select distinct account_id, region, purpose
from wanted
where (account_id, region, purpose) not in (select account_id, region, purpose from ours);

-- section: attach

update stages
set client_certificate_id = ours.client_certificate_id
from wanted
join ours using (account_id, region, purpose)
where stages.account_id = wanted.account_id
  and stages.region = wanted.region
  and stages.rest_api_id = wanted.rest_api_id
  and stages.stage_name = wanted.stage_name
  and coalesce(stages.client_certificate_id, '') = coalesce(wanted.replaced, '');

-- section: deploy

-- A deployment publishes the working copy of its API: only for the stages in the table redeployed.
insert into deployments (account_id, region, rest_api_id, stage_name, description)
select
  redeployed.account_id,
  redeployed.region,
  redeployed.rest_api_id,
  redeployed.stage_name,
  redeployed.stage_name || ': ' || redeployed.purpose
from redeployed
join stages using (account_id, region, rest_api_id, stage_name)
left join ours using (account_id, region, client_certificate_id)
where ours.purpose is not null or not redeployed.is_ours;

-- section: delete

-- Before the first one goes, COMMIT reads once more who presents it, WebSocket APIs too.
delete from client_certificates
where (account_id, region, client_certificate_id) in (
  select account_id, region, client_certificate_id from unused
)
and (account_id, region, client_certificate_id) not in (
  select account_id, region, replaced from wanted
);

-- section: commit

commit;

-- section: public_keys

-- The public keys that the backends have to trust.
select
  account_id,
  region,
  client_certificate_id,
  purpose,
  expiration_date,
  pem_encoded_certificate
from ours
where (account_id, region, purpose) in (
  select account_id, region, purpose from wanted
  union
  select account_id, region, purpose from redeployed
);

-- section: switched

-- How many stages present a certificate that is to be replaced.
select count(*)
from wanted
where nullif(replaced, '') is not null
  and (:generates or (account_id, region, purpose) in (select account_id, region, purpose from ours));

-- section: unprepared

-- The stages that present a certificate in alarm for which none is prepared.
select account_id, region, rest_api_id, stage_name, replaced
from wanted
where (account_id, region, purpose) not in (select account_id, region, purpose from ours);

-- section: old

-- The certificates in alarm, with a stage that still needs each, if there is one.
select
  in_alarm.account_id,
  in_alarm.region,
  in_alarm.client_certificate_id,
  min(wanted.rest_api_id || '/' || wanted.stage_name) as presented_by,
  min(undeployed.rest_api_id || '/' || undeployed.stage_name) as undeployed,
  min(others.rest_api_id || '/' || others.stage_name) as changed,
  min(replaced.client_certificate_id) as prepared_for
from in_alarm
left join client_certificates as own using (account_id, region, client_certificate_id)
left join client_certificates as replaced
  on replaced.account_id = in_alarm.account_id
    and replaced.region = in_alarm.region
    and own.description like '% ' || replaced.client_certificate_id
left join wanted
  on wanted.account_id = in_alarm.account_id
    and wanted.region = in_alarm.region
    and wanted.replaced = in_alarm.client_certificate_id
left join undeployed
  on undeployed.account_id = in_alarm.account_id
    and undeployed.region = in_alarm.region
    and undeployed.is_ours
    and undeployed.purpose like '% ' || in_alarm.client_certificate_id
-- What a stage presented before somebody else attached its certificate, AWS does not tell: it may
-- be any that is older than that one and than the deployment.
left join undeployed as others
  on others.account_id = in_alarm.account_id
    and others.region = in_alarm.region
    and not others.is_ours
    and others.certificate_made > own.created_date
    and coalesce(others.deployed, '9999') >= own.created_date
group by in_alarm.account_id, in_alarm.region, in_alarm.client_certificate_id;
