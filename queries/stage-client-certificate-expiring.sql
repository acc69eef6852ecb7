-- title: No stage presents a client certificate that expires soon
-- description: One result for each stage, where client-certificate-expiring has one for each
--   certificate. Certificates of ACM count, too.
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
    coalesce(certificate.client_certificate_id, acm.certificate_arn) as found,
    coalesce(acm.not_after, certificate.expiration_date) as expires,
    stages.client_certificate_id glob 'arn:*:acm:*:certificate/*' as is_of_acm,
    stages.client_certificate_id
      glob 'arn:*:acm:*:' || stages.account_id || ':certificate/*' as is_of_the_account
  from stages
  left join client_certificates as certificate
    using (account_id, region, client_certificate_id)
  left join acm_certificates as acm
    on acm.certificate_arn = stages.client_certificate_id
),

judged as (
  select
    *,
    julianday(expires) - julianday('now') as days_left,
    -- A time is one that SQLite writes the same way.
    coalesce(datetime(expires) = expires, 0) as is_dated,
    iif(is_of_acm, 'Certificate ', 'Client certificate ') || client_certificate_id as name
  from attached
)

select
  judged.arn as resource,
  case
    when nullif(client_certificate_id, '') is null then 'skip'
    when typeof(client_certificate_id) <> 'text' then 'error'
    when not is_of_acm and client_certificate_id glob '*[^a-zA-Z0-9_-]*' then 'error'
    when found is null and is_of_acm and not is_of_the_account then 'error'
    when found is null then 'alarm'
    when not is_dated then 'error'
    -- Whole days, so that 30.4 days are 30.
    when round(days_left) <= :days then 'alarm'
    else 'ok'
  end as status,
  case
    when nullif(client_certificate_id, '') is null then 'No client certificate is attached.'
    when typeof(client_certificate_id) <> 'text'
      or (not is_of_acm and client_certificate_id glob '*[^a-zA-Z0-9_-]*')
      then 'What AWS names as its client certificate is none: ' || client_certificate_id || '.'
    when found is null and is_of_acm and not is_of_the_account
      then judged.name || ' is of another account, which is not read: read that one, too.'
    when found is null then judged.name || ' no longer exists.'
    when not is_dated then 'AWS does not say when ' || judged.name || ' expires.'
    when days_left <= 0 then judged.name || ' expired on ' || date(expires) || '.'
    else judged.name || ' expires on ' || date(expires)
      || ', in ' || cast(round(days_left) as integer) || ' days.'
  end as reason,
  account_id,
  region,
  rest_apis.name as rest_api,
  rest_api_id,
  stage_name,
  client_certificate_id,
  expires as expiration_date
from judged
join rest_apis using (account_id, region, rest_api_id);
