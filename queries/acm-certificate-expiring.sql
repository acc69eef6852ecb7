-- title: No certificate of a custom domain name expires soon
-- description: One result for each certificate of ACM that a custom domain name shows to its callers,
--   or with which it proves whose it is. The region is that of the domain name; the certificate of
--   one that is edge-optimized is in us-east-1. ACM renews its own certificates 60 days before they
--   end, if it can; nobody renews those that were imported.
-- rationale: Once it has expired, every caller is refused.
-- severity: high
-- tags: certificates, encryption
-- params: days=30 [0..36500]
-- remediation: See in ACM why the certificate was not renewed (a DNS record may be gone), or import
--   it again. Its ARN stays, and the domain name shows the new one by itself.

with shown as (
  -- Each certificate of each domain name, and each domain name that has none.
  select
    account_id,
    region,
    coalesce(certificate.value, arn) as resource,
    certificate.value as certificate_arn,
    replace(group_concat(distinct domain_name), ',', ', ') as domain_names
  from domain_names
  left join json_each(
    json_array(certificate_arn, regional_certificate_arn, ownership_verification_certificate_arn)
  ) as certificate on certificate.value <> ''
  where resource_owner = 'SELF'
  group by account_id, region, resource
),

judged as (
  select
    shown.*,
    acm.certificate_arn as found,
    acm.status as acm_status,
    acm.not_after as expires,
    julianday(acm.not_after) - julianday('now') as days_left,
    shown.certificate_arn glob 'arn:*:acm:*:certificate/*' as is_of_acm,
    shown.certificate_arn
      glob 'arn:*:acm:*:' || shown.account_id || ':certificate/*' as is_of_the_account
  from shown
  left join acm_certificates as acm on acm.certificate_arn = shown.certificate_arn
)

select
  resource,
  case
    when certificate_arn is null or not is_of_acm then 'error'
    when found is null then iif(is_of_the_account, 'alarm', 'error')
    when acm_status = 'REVOKED' then 'alarm'
    when not is_time(expires) then 'error'
    -- Whole days, so that 30.4 days are 30.
    when round(days_left) <= :days then 'alarm'
    when acm_status is 'ISSUED' then 'ok'
    else 'error'
  end as status,
  case
    when certificate_arn is null
      then 'AWS does not say which certificate ' || domain_names || ' shows.'
    when not is_of_acm then 'Is not a certificate of ACM, and ' || domain_names || ' shows it.'
    when found is null and not is_of_the_account
      then 'Is of another account, which is not read, and ' || domain_names || ' shows it.'
    when found is null then 'No longer exists, but ' || domain_names || ' shows it.'
    when acm_status = 'REVOKED' then 'Was revoked, but ' || domain_names || ' shows it.'
    when not is_time(expires) then 'AWS does not say when it expires. It is that of ' || domain_names || '.'
    when days_left <= 0
      then 'Expired on ' || date(expires) || '. It is that of ' || domain_names || '.'
    when round(days_left) <= :days or acm_status is 'ISSUED'
      then 'Expires on ' || date(expires) || ', in ' || cast(round(days_left) as integer)
        || ' days. It is that of ' || domain_names || '.'
    when acm_status is null then 'ACM does not say whether it is issued. It is that of ' || domain_names || '.'
    else 'ACM does not call it issued, but ' || acm_status
      || '. It is that of ' || domain_names || '.'
  end as reason,
  account_id,
  region,
  domain_names,
  certificate_arn,
  expires as expiration_date
from judged;
