-- title: The client certificate that a stage presents exists and has not expired
-- description: A stage can name a certificate that was deleted or that has expired since.
--   Backends then refuse its requests, or have been told not to look.
-- severity: high

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
    when client_certificate_id is null then 'skip'
    when found is null then 'alarm'
    when expiration_date <= datetime('now') then 'alarm'
    else 'ok'
  end as status,
  case
    when client_certificate_id is null then 'No client certificate is attached.'
    when found is null
      then 'Client certificate ' || client_certificate_id || ' no longer exists.'
    when expiration_date <= datetime('now')
      then 'Client certificate ' || client_certificate_id
        || ' expired on ' || date(expiration_date) || '.'
    else 'Client certificate ' || client_certificate_id
      || ' is good until ' || date(expiration_date) || '.'
  end as reason,
  account_id,
  region,
  rest_api_id,
  stage_name,
  client_certificate_id,
  expiration_date
from attached;
