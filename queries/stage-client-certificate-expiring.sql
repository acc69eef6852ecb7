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

with judged as (
  select
    *,
    julianday(expires) - julianday('now') as days_left
  from stage_certificates
)

select
  judged.arn as resource,
  case
    when nullif(client_certificate_id, '') is null then 'skip'
    when not is_of_acm and not is_id(client_certificate_id) then 'error'
    when found is null and is_of_acm and not is_of_the_account then 'error'
    when found is null then 'alarm'
    when not is_time(expires) then 'error'
    -- Whole days, so that 30.4 days are 30.
    when round(days_left) <= :days then 'alarm'
    else 'ok'
  end as status,
  case
    when nullif(client_certificate_id, '') is null then 'No client certificate is attached.'
    when not is_of_acm and not is_id(client_certificate_id)
      then 'What AWS names as its client certificate is not one: ' || client_certificate_id || '.'
    when found is null and is_of_acm and not is_of_the_account
      then certificate || ' is of another account, which is not read: read that one, too.'
    when found is null then certificate || ' no longer exists.'
    when not is_time(expires) then certificate || ' has no expiry date that AWS tells.'
    when days_left <= 0 then certificate || ' expired on ' || date(expires) || '.'
    else certificate || ' expires on ' || date(expires)
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
