-- title: No stage presents a client certificate that expires soon
-- description: One result for each stage, where client-certificate-expiring has one for each
--   certificate. A certificate of ACM has the status info: ACM alone can say when it expires.
-- rationale: Once it has expired, the backend refuses every request that comes from the stage.
-- severity: medium
-- tags: certificates, backend
-- params: days=30 [0..36500]
-- remediation: Generate a new certificate, let the backend trust its public key beside the old one,
--   attach it to the stage, and deploy the stage again: apigw-vtab remediate
--   client-certificate-expiring does it in that order.

with attached as (
  select
    stages.*,
    certificate.client_certificate_id as found,
    certificate.expiration_date,
    julianday(certificate.expiration_date) - julianday('now') as days_left,
    -- A time is one that SQLite writes the same way.
    coalesce(datetime(certificate.expiration_date) = certificate.expiration_date, 0) as is_dated
  from stages
  left join client_certificates as certificate
    using (account_id, region, client_certificate_id)
)

select
  attached.arn as resource,
  case
    when nullif(client_certificate_id, '') is null then 'skip'
    when client_certificate_id glob 'arn:*:acm:*:certificate/*' then 'info'
    when found is null then 'alarm'
    when not is_dated then 'error'
    -- Whole days, so that 30.4 days are 30.
    when round(days_left) <= :days then 'alarm'
    else 'ok'
  end as status,
  case
    when nullif(client_certificate_id, '') is null then 'No client certificate is attached.'
    when client_certificate_id glob 'arn:*:acm:*:certificate/*'
      then 'Its certificate is from ACM, which alone can say when it expires.'
    when found is null
      then 'Client certificate ' || client_certificate_id || ' no longer exists.'
    when not is_dated
      then 'AWS does not say when client certificate ' || client_certificate_id || ' expires.'
    when days_left <= 0
      then 'Client certificate ' || client_certificate_id
        || ' expired on ' || date(expiration_date) || '.'
    else 'Client certificate ' || client_certificate_id || ' expires on ' || date(expiration_date)
      || ', in ' || cast(round(days_left) as integer) || ' days.'
  end as reason,
  account_id,
  region,
  rest_apis.name as rest_api,
  rest_api_id,
  stage_name,
  client_certificate_id,
  expiration_date
from attached
join rest_apis using (account_id, region, rest_api_id);
