-- title: Attach a new client certificate, and deploy
-- remedies: stage-client-certificate, stage-client-certificate-valid
-- description: The stages in alarm are in the table in_alarm. Run again with the same :label, this
--   does what is left to do: an existing certificate of that name is used again.

begin;

-- The name of the certificate that each stage is to present: one per region, or one per stage.
create temp table remedied as
select
  account_id,
  region,
  rest_api_id,
  stage_name,
  :label || iif(:per = 'stage', ' ' || rest_api_id || '/' || stage_name, '') as certificate
from in_alarm;

insert into client_certificates (account_id, region, description)
select distinct account_id, region, certificate
from remedied
where not exists (
  select 1
  from client_certificates as made
  where made.account_id = remedied.account_id
    and made.region = remedied.region
    and made.description = remedied.certificate
    and made.expiration_date > datetime('now')
);

update stages
set client_certificate_id = made.client_certificate_id
from remedied
join client_certificates as made
  on made.account_id = remedied.account_id
    and made.region = remedied.region
    and made.description = remedied.certificate
where stages.account_id = remedied.account_id
  and stages.region = remedied.region
  and stages.rest_api_id = remedied.rest_api_id
  and stages.stage_name = remedied.stage_name;

-- A certificate takes effect when its stage is deployed, even if an earlier run attached it.
insert into deployments (account_id, region, rest_api_id, stage_name, description)
select account_id, region, rest_api_id, stages.stage_name, :label
from stages
join client_certificates as made using (account_id, region, client_certificate_id)
left join deployments as last using (account_id, region, rest_api_id, deployment_id)
where :redeploy
  and (made.description = :label or made.description like :label || ' %')
  and (made.created_date is null or coalesce(last.created_date, '') < made.created_date);

commit;

-- The public keys that the backends have to trust.
select distinct
  made.account_id,
  made.region,
  made.client_certificate_id,
  made.expiration_date,
  made.pem_encoded_certificate
from remedied
join client_certificates as made
  on made.account_id = remedied.account_id
    and made.region = remedied.region
    and made.description = remedied.certificate;
