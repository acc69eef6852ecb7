-- title: Every stage in front of an HTTP backend presents a client certificate
-- description: Looks at the stages of an API with an integration of type HTTP or HTTP_PROXY, or
--   with none yet, since a client certificate is of use to HTTP backends only. Judges the
--   integrations of the working copy, and the settings of the stage, not what is deployed. With
--   CertificateIDs, only these certificates count.
-- rationale: An HTTP backend that cannot tell its gateway from the internet has lost the gateway's
--   authorizers, quotas and firewall to anyone who finds its address.
-- severity: medium
-- tags: certificates, backend
-- params: CertificateIDs= [*, ...]
-- formerly: stage-client-certificate
-- remediation: Attach a client certificate to the stage, deploy the stage again, and make the
--   backend trust the certificate's public key. One that is attached, and not allowed, is yours to
--   replace: a backend may trust no other.
-- remedy:
--   update stages
--   set client_certificate_id = coalesce(nullif(client_certificate_id, ''), :new_certificate)
-- remedy-leaves:
--   iif(
--     trim(:CertificateIDs) = '',
--     null,
--     'a new certificate is none of those allowed: attach one of ' || :CertificateIDs || ' yourself'
--   )

with called as (
  -- What the methods of each API call.
  select
    account_id,
    region,
    rest_api_id,
    count(*) as integrations,
    count(*) filter (where type in ('HTTP', 'HTTP_PROXY')) as over_http,
    count(*) filter (where type in ('AWS', 'AWS_PROXY', 'MOCK')) as otherwise
  from integrations
  group by account_id, region, rest_api_id
)

select
  stages.arn as resource,
  case
    when otherwise = integrations then 'skip'
    when nullif(client_certificate_id, '') is null then iif(over_http = 0, 'error', 'alarm')
    when not is_id(client_certificate_id)
      and client_certificate_id not glob 'arn:*:acm:*:certificate/*' then 'error'
    when trim(:CertificateIDs) = '' then 'ok'
    when is_one_of(client_certificate_id, :CertificateIDs) then 'ok'
    else 'alarm'
  end as status,
  case
    when otherwise = integrations then 'No integration of its API calls an HTTP backend.'
    when nullif(client_certificate_id, '') is null and over_http = 0
      then 'No client certificate is attached, and the type of an integration is not known here.'
    when nullif(client_certificate_id, '') is null then 'No client certificate is attached.'
    when not is_id(client_certificate_id)
      and client_certificate_id not glob 'arn:*:acm:*:certificate/*'
      then 'What AWS names as its client certificate is not one: ' || client_certificate_id || '.'
    when trim(:CertificateIDs) = ''
      or is_one_of(client_certificate_id, :CertificateIDs)
      then 'Presents client certificate ' || client_certificate_id || '.'
    else 'Presents client certificate ' || client_certificate_id || ', which is none of those allowed.'
  end as reason,
  account_id,
  region,
  rest_apis.name as rest_api,
  rest_api_id,
  stage_name,
  client_certificate_id
from stages
join rest_apis using (account_id, region, rest_api_id)
left join called using (account_id, region, rest_api_id);
