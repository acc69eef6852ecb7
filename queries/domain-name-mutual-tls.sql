-- title: Every custom domain name asks its callers for a certificate
-- description: Looks for mutual TLS. AWS has none for private domain names, so they are skipped. A
--   domain name that the public is meant to call is in alarm here too: accept it in a baseline, with
--   the reason. Domain names that another account shares are that account's to judge.
-- rationale: A caller that proves who it is before it has said a word cannot guess its way in.
-- severity: low
-- tags: access, domains
-- remediation: Put the certificate authorities of your callers into a truststore in S3, and name it
--   in the domain name's mutual TLS. Callers without a certificate are refused from then on. Disable
--   the default endpoint of the APIs behind it too, because it asks for no certificate. An
--   edge-optimized domain name has to become regional first, and one with an enhanced security policy
--   has to take TLS_1_2 first, because AWS refuses mutual TLS there.

with read as (
  select
    *,
    mutual_tls_authentication ->> 'truststoreUri' as truststore,
    json_array_length(mutual_tls_authentication, '$.truststoreWarnings') as warnings,
    endpoint_type(endpoint_configuration) as endpoint_type
  from domain_names
  where resource_owner = 'SELF'
)

select
  arn as resource,
  case
    when json_type(mutual_tls_authentication) <> 'object' then 'error'
    when truststore glob 's3://*' then 'ok'
    when nullif(truststore, '') is not null then 'error'
    when endpoint_type = 'PRIVATE' then 'skip'
    else 'alarm'
  end as status,
  case
    when json_type(mutual_tls_authentication) <> 'object'
      then 'Its mutual TLS is not an object: ' || mutual_tls_authentication || '.'
    when truststore glob 's3://*' and warnings > 0
      then 'Asks for a certificate of ' || truststore || ', about which AWS warns.'
    when truststore glob 's3://*' then 'Asks for a certificate of ' || truststore || '.'
    when nullif(truststore, '') is not null
      then 'Its truststore is not an address in S3: ' || truststore || '.'
    when endpoint_type = 'PRIVATE' then 'Private domain names have no mutual TLS.'
    when endpoint_type = 'EDGE'
      then 'Asks for no certificate, and cannot as long as it is edge-optimized.'
    else 'Asks for no certificate.'
  end as reason,
  account_id,
  region,
  domain_name,
  domain_name_id,
  truststore
from read;
