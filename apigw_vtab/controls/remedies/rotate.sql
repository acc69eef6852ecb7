-- title: Replace each client certificate that is about to expire, and deploy
-- remedies: client-certificate-expiring
-- description: The certificates in alarm are in the table in_alarm; those that no stage presents
--   are not replaced. Run again with the same :label, this does what is left to do.

begin;

create temp table remedied as
select account_id, region, client_certificate_id, :label || ' ' || client_certificate_id as successor
from in_alarm
where exists (
  select 1
  from stages
  where stages.account_id = in_alarm.account_id
    and stages.region = in_alarm.region
    and stages.client_certificate_id = in_alarm.client_certificate_id
);

insert into client_certificates (account_id, region, description)
select account_id, region, successor
from remedied
where not exists (
  select 1
  from client_certificates as made
  where made.account_id = remedied.account_id
    and made.region = remedied.region
    and made.description = remedied.successor
);

update stages
set client_certificate_id = made.client_certificate_id
from remedied
join client_certificates as made
  on made.account_id = remedied.account_id
    and made.region = remedied.region
    and made.description = remedied.successor
where stages.account_id = remedied.account_id
  and stages.region = remedied.region
  and stages.client_certificate_id = remedied.client_certificate_id;

-- A certificate takes effect when its stage is deployed, even if an earlier run attached it.
insert into deployments (account_id, region, rest_api_id, stage_name, description)
select account_id, region, rest_api_id, stages.stage_name, :label
from stages
join client_certificates as made using (account_id, region, client_certificate_id)
left join deployments as last using (account_id, region, rest_api_id, deployment_id)
where :redeploy
  and made.description like :label || ' %'
  and (made.created_date is null or coalesce(last.created_date, '') < made.created_date);

delete from client_certificates
where :delete_old
  and (account_id, region, client_certificate_id) in (
    select account_id, region, client_certificate_id from in_alarm
  );

commit;

-- The public keys that the backends have to trust.
select distinct
  made.account_id,
  made.region,
  made.client_certificate_id,
  made.expiration_date,
  made.pem_encoded_certificate
from in_alarm
join client_certificates as made
  on made.account_id = in_alarm.account_id
    and made.region = in_alarm.region
    and made.description = :label || ' ' || in_alarm.client_certificate_id;
