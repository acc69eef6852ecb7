-- title: Attach a new client certificate, and deploy
-- remedies: stage-client-certificate, stage-client-certificate-http,
--   stage-client-certificate-valid
-- label: apigw-vtab: for stages without a valid client certificate
-- description: The stages in alarm are in the table in_alarm. Each is to present the certificate
--   of a purpose, which is the certificate's description: one per region, or one per stage.
--   certificates.sql has the rest.

create temp table wanted as
select
  account_id,
  region,
  rest_api_id,
  stage_name,
  client_certificate_id as replaced,
  :label || iif(:per = 'stage', ' ' || rest_api_id || '/' || stage_name, '') as purpose
from in_alarm;

-- Of the prepared certificates, those for this: a stage that presents one was in alarm once.
create temp view ours as
with own(label) as (
  values (:label)
)
select prepared.*
from prepared, own
where purpose = label
  -- Neither the id of an API nor the name of a stage has a space.
  or (purpose like '%/%' and substr(purpose, 1, length(label) + 1) = label || ' '
    and instr(substr(purpose, length(label) + 2), ' ') = 0);
