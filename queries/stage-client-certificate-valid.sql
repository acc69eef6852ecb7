-- title: The client certificate that a stage presents exists and has not expired
-- description: A stage can name a certificate that has since been deleted, has expired or, if it is
--   one of ACM, was revoked or never issued. Backends then refuse its requests, or have been told
--   not to check.
-- rationale: The stage looks protected but is not; or it is down, and it looks as if its backend
--   were.
-- severity: high
-- tags: certificates, backend
-- remediation: Generate a new certificate, let the backend trust its public key, attach it to the
--   stage, and deploy the stage again. A certificate of ACM is renewed or imported again there, or
--   another one attached - which of them, only you know, so there are no commands for it.
-- remedy:
--   update stages
--   set client_certificate_id = iif(
--     client_certificate_id glob 'arn:*', client_certificate_id, :new_certificate
--   )

select
  stage_certificates.arn as resource,
  case
    when nullif(client_certificate_id, '') is null then 'skip'
    when not is_of_acm and not is_id(client_certificate_id) then 'error'
    when found is null then iif(is_of_acm and not is_of_the_account, 'error', 'alarm')
    when is_of_acm and revoked_at is not null then 'alarm'
    when is_of_acm and acm_status in (
      'PENDING_VALIDATION', 'INACTIVE', 'EXPIRED', 'VALIDATION_TIMED_OUT', 'REVOKED', 'FAILED'
    ) then 'alarm'
    when is_of_acm and acm_status is not 'ISSUED' then 'error'
    when is_of_acm and not is_time(not_before) then 'error'
    when not is_time(expires) then 'error'
    when expires <= datetime('now') then 'alarm'
    when is_of_acm and not_before > datetime('now') then 'alarm'
    else 'ok'
  end as status,
  case
    when nullif(client_certificate_id, '') is null then 'No client certificate is attached.'
    when not is_of_acm and not is_id(client_certificate_id)
      then 'What AWS names as its client certificate is not one: ' || client_certificate_id || '.'
    when found is null and is_of_acm and not is_of_the_account
      then certificate || ' is of another account, which is not read: read that one, too.'
    when found is null then certificate || ' no longer exists.'
    when is_of_acm and revoked_at is not null then certificate || ' of ACM was revoked.'
    when is_of_acm and acm_status is null then certificate || ' has no status that ACM tells.'
    when is_time(expires) and expires <= datetime('now')
      then certificate || ' expired on ' || date(expires) || '.'
    when is_of_acm and acm_status <> 'ISSUED'
      then certificate || ' of ACM is not issued, but ' || acm_status || '.'
    when not is_time(expires) then certificate || ' has no expiry date that AWS tells.'
    when is_of_acm and not is_time(not_before)
      then certificate || ' has no first day of validity that ACM tells.'
    when is_of_acm and not_before > datetime('now')
      then certificate || ' is not valid before ' || date(not_before) || '.'
    else certificate || ' is valid until ' || date(expires) || '.'
  end as reason,
  account_id,
  region,
  rest_apis.name as rest_api,
  rest_api_id,
  stage_name,
  client_certificate_id,
  expires as expiration_date
from stage_certificates
join rest_apis using (account_id, region, rest_api_id);
