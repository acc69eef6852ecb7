-- title: Replace each client certificate that is about to expire, and deploy
-- remedies: client-certificate-expiring
-- label: apigw-vtab: replaces
-- description: The certificates in alarm are in the table in_alarm. The stages that present one are
--   to present another, whose purpose, which is its description, names the one that it replaces.
--   certificates.sql has the rest.

create temp table wanted as
select
  in_alarm.account_id,
  in_alarm.region,
  stages.rest_api_id,
  stages.stage_name,
  in_alarm.client_certificate_id as replaced,
  :label || ' ' || in_alarm.client_certificate_id as purpose
from in_alarm
join stages using (account_id, region, client_certificate_id);

-- Of the prepared certificates, those that replace one in alarm.
create temp view ours as
select prepared.*
from prepared
where exists (
  select 1
  from in_alarm
  where in_alarm.account_id = prepared.account_id
    and in_alarm.region = prepared.region
    and (
      purpose = :label || ' ' || in_alarm.client_certificate_id
      -- Before something is deleted, a run with another label counts, too.
      or (:deletes and purpose like '% ' || in_alarm.client_certificate_id)
    )
);
