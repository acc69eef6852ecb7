-- title: The client certificate that a stage presents exists and has not expired
-- description: A stage can name a certificate that has since been deleted or has expired.
--   Backends then refuse its requests, or have been told not to check.
-- rationale: The stage looks protected but is not; or it is down, and it looks as if its backend
--   were.
-- severity: high
-- tags: certificates, backend
-- remediation: Generate a new certificate, let the backend trust its public key, attach it to the
--   stage, and deploy the stage again.
-- remedy:
--   update stages
--   set client_certificate_id = :new_certificate

with attached as (
  select
    stages.*,
    certificate.client_certificate_id as found,
    certificate.expiration_date
  from stages
  left join client_certificates as certificate
    using (account_id, region, client_certificate_id)
)

select
  arn as resource,
  case
    when nullif(client_certificate_id, '') is null then 'skip'
    when client_certificate_id glob 'arn:*:acm:*:certificate/*' then 'info'
    when typeof(client_certificate_id) <> 'text' then 'error'
    when client_certificate_id glob '*[^a-zA-Z0-9_-]*' then 'error'
    when found is null then 'alarm'
    -- A time is one that SQLite writes the same way.
    when coalesce(datetime(expiration_date) <> expiration_date, true) then 'error'
    when expiration_date <= datetime('now') then 'alarm'
    else 'ok'
  end as status,
  case
    when nullif(client_certificate_id, '') is null then 'No client certificate is attached.'
    when client_certificate_id glob 'arn:*:acm:*:certificate/*'
      then 'Its certificate is from ACM, which alone can say whether it is valid.'
    when typeof(client_certificate_id) <> 'text'
      or client_certificate_id glob '*[^a-zA-Z0-9_-]*'
      then 'What AWS names as its client certificate is none: ' || client_certificate_id || '.'
    when found is null
      then 'Client certificate ' || client_certificate_id || ' no longer exists.'
    when coalesce(datetime(expiration_date) <> expiration_date, true)
      then 'AWS does not say when client certificate ' || client_certificate_id || ' expires.'
    when expiration_date <= datetime('now')
      then 'Client certificate ' || client_certificate_id
        || ' expired on ' || date(expiration_date) || '.'
    else 'Client certificate ' || client_certificate_id
      || ' is valid until ' || date(expiration_date) || '.'
  end as reason,
  account_id,
  region,
  rest_api_id,
  stage_name,
  client_certificate_id,
  expiration_date
from attached;
