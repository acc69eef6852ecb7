-- title: No client certificate expires soon
-- description: A client certificate is valid for 365 days. A new one has to be attached, deployed
--   and made known to the backend before the old one expires.
-- rationale: After that, backends refuse every request from the stages that present it.
-- severity: medium
-- tags: certificates, backend
-- remediation: Generate a new certificate, let the backend trust its public key beside the old one,
--   attach it wherever the old one is, deploy those stages again, take the old public key from the
--   backend, and finally delete the old certificate.
-- params: days=30 [0..36500]

select
  arn as resource,
  case
    when not is_time(expiration_date) then 'error'
    when expiration_date < datetime('now', :days || ' days') then 'alarm'
    else 'ok'
  end as status,
  case
    when not is_time(expiration_date)
      then 'AWS does not say when it expires.'
    when expiration_date <= datetime('now') then 'Expired on ' || date(expiration_date) || '.'
    else 'Expires on ' || date(expiration_date) || ', in '
      || cast(julianday(expiration_date) - julianday('now') as integer) || ' days.'
  end as reason,
  account_id,
  region,
  client_certificate_id,
  description,
  expiration_date
from client_certificates;
