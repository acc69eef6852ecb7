-- title: Every client certificate is in use
-- description: A certificate that no stage of a REST or WebSocket API presents is clutter at best,
--   and at worst one that somebody forgot to attach. A region can hold only 60.
-- rationale: A key that nobody uses is one that nobody misses when it leaks.
-- severity: low
-- tags: certificates, hygiene
-- remediation: Attach the certificate where it was meant to be, or delete it.

-- HTTP APIs present no client certificate, so their stages need not be read.
with presented as (
  select account_id, region, client_certificate_id
  from stages
  union all
  select v2_stages.account_id, v2_stages.region, v2_stages.client_certificate_id
  from v2_apis
  cross join v2_stages using (account_id, region, api_id)
  where v2_apis.protocol_type is not 'HTTP'
),

attached as (
  select account_id, region, client_certificate_id, count(*) as stages
  from presented
  where nullif(client_certificate_id, '') is not null
  group by account_id, region, client_certificate_id
)

select
  certificate.arn as resource,
  iif(attached.stages is null, 'alarm', 'ok') as status,
  iif(
    attached.stages is null,
    'No stage of a REST or WebSocket API presents this certificate.',
    'Presented by ' || attached.stages || iif(attached.stages = 1, ' stage.', ' stages.')
  ) as reason,
  account_id,
  region,
  client_certificate_id,
  certificate.description,
  certificate.expiration_date
from client_certificates as certificate
left join attached using (account_id, region, client_certificate_id);
