-- Each stage with the certificate that it presents to its backend, of API Gateway or of ACM:
-- certificate is how to call it, found is NULL if it could not be found, and expires is its end.

select
  stages.*,
  iif(stages.client_certificate_id glob 'arn:*', 'Certificate ', 'Client certificate ')
    || stages.client_certificate_id as certificate,
  stages.client_certificate_id glob 'arn:*:acm:*:certificate/*' as is_of_acm,
  stages.client_certificate_id
    glob 'arn:*:acm:*:' || stages.account_id || ':certificate/*' as is_of_the_account,
  coalesce(own.client_certificate_id, acm.certificate_arn) as found,
  coalesce(acm.not_after, own.expiration_date) as expires,
  acm.status as acm_status,
  acm.not_before,
  acm.revoked_at
from stages
left join client_certificates as own using (account_id, region, client_certificate_id)
left join acm_certificates as acm on acm.certificate_arn = stages.client_certificate_id
