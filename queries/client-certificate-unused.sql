-- title: Every client certificate is in use
-- description: A certificate that no stage presents is clutter at best, and at worst one that
--   somebody forgot to attach. A region can hold only 60.
-- rationale: A key that nobody uses is one that nobody misses when it leaks.
-- severity: low
-- tags: certificates, hygiene
-- remediation: Attach the certificate where it was meant to be, or delete it.

with attached as (
  select account_id, region, client_certificate_id, count(*) as stages
  from stages
  where nullif(client_certificate_id, '') is not null
  group by account_id, region, client_certificate_id
)

select
  certificate.arn as resource,
  iif(attached.stages is null, 'alarm', 'ok') as status,
  iif(
    attached.stages is null,
    'No stage of a REST API presents this certificate.',
    'Presented by ' || attached.stages || iif(attached.stages = 1, ' stage.', ' stages.')
  ) as reason,
  account_id,
  region,
  client_certificate_id,
  certificate.description,
  certificate.expiration_date
from client_certificates as certificate
left join attached using (account_id, region, client_certificate_id);
