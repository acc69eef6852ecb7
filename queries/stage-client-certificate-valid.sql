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

with attached as (
  select
    stages.*,
    certificate.client_certificate_id as found,
    coalesce(acm.not_after, certificate.expiration_date) as expires,
    acm.certificate_arn as found_in_acm,
    acm.status as acm_status,
    acm.not_before,
    acm.revoked_at,
    stages.client_certificate_id glob 'arn:*:acm:*:certificate/*' as is_of_acm,
    stages.client_certificate_id
      glob 'arn:*:acm:*:' || stages.account_id || ':certificate/*' as is_of_the_account
  from stages
  left join client_certificates as certificate
    using (account_id, region, client_certificate_id)
  left join acm_certificates as acm
    on acm.certificate_arn = stages.client_certificate_id
),

-- A time is one that SQLite writes the same way.
judged as (
  select
    *,
    coalesce(datetime(expires) <> expires, true) as has_no_end,
    coalesce(datetime(not_before) <> not_before, true) as has_no_beginning,
    iif(is_of_acm, 'Certificate ', 'Client certificate ') || client_certificate_id as name
  from attached
)

select
  arn as resource,
  case
    when nullif(client_certificate_id, '') is null then 'skip'
    when typeof(client_certificate_id) <> 'text' then 'error'
    when is_of_acm and found_in_acm is null then iif(is_of_the_account, 'alarm', 'error')
    when is_of_acm and revoked_at is not null then 'alarm'
    when is_of_acm and acm_status in (
      'PENDING_VALIDATION', 'INACTIVE', 'EXPIRED', 'VALIDATION_TIMED_OUT', 'REVOKED', 'FAILED'
    ) then 'alarm'
    when is_of_acm and acm_status is not 'ISSUED' then 'error'
    when is_of_acm and has_no_beginning then 'error'
    when not is_of_acm and client_certificate_id glob '*[^a-zA-Z0-9_-]*' then 'error'
    when not is_of_acm and found is null then 'alarm'
    when has_no_end then 'error'
    when expires <= datetime('now') then 'alarm'
    when is_of_acm and not_before > datetime('now') then 'alarm'
    else 'ok'
  end as status,
  case
    when nullif(client_certificate_id, '') is null then 'No client certificate is attached.'
    when typeof(client_certificate_id) <> 'text'
      or (not is_of_acm and client_certificate_id glob '*[^a-zA-Z0-9_-]*')
      then 'What AWS names as its client certificate is none: ' || client_certificate_id || '.'
    when is_of_acm and found_in_acm is null and not is_of_the_account
      then name || ' is of another account, which is not read: read that one, too.'
    when coalesce(found, found_in_acm) is null then name || ' no longer exists.'
    when is_of_acm and revoked_at is not null then name || ' of ACM was revoked.'
    when is_of_acm and acm_status is null then 'ACM does not say whether ' || name || ' is issued.'
    when not has_no_end and expires <= datetime('now')
      then name || ' expired on ' || date(expires) || '.'
    when is_of_acm and acm_status <> 'ISSUED'
      then name || ' of ACM is not issued, but ' || acm_status || '.'
    when has_no_end then 'AWS does not say when ' || name || ' expires.'
    when is_of_acm and has_no_beginning
      then 'AWS does not say since when ' || name || ' is valid.'
    when is_of_acm and not_before > datetime('now')
      then name || ' is not valid before ' || date(not_before) || '.'
    else name || ' is valid until ' || date(expires) || '.'
  end as reason,
  account_id,
  region,
  rest_api_id,
  stage_name,
  client_certificate_id,
  expires as expiration_date
from judged;
