-- title: Every REST API compresses its responses
-- description: A minimum size is set from which responses are compressed if the caller asks for
--   it.
-- rationale: Compressed responses arrive sooner and cost less to send.
-- severity: low
-- tags: performance
-- remediation: Set the minimum size from which to compress, and deploy the API again.

select
  arn as resource,
  case
    when minimum_compression_size is null then 'alarm'
    when typeof(minimum_compression_size) <> 'integer' then 'error'
    -- AWS compresses from 0 bytes to 10 MiB.
    when minimum_compression_size between 0 and 10485760 then 'ok'
    else 'error'
  end as status,
  case
    when minimum_compression_size is null then 'Responses are never compressed.'
    when typeof(minimum_compression_size) <> 'integer'
      or minimum_compression_size not between 0 and 10485760
      then 'AWS gives a size that is none: ' || minimum_compression_size || '.'
    else 'Responses of ' || minimum_compression_size || ' bytes or more are compressed.'
  end as reason,
  account_id,
  region,
  name as rest_api,
  minimum_compression_size,
  iif(
    minimum_compression_size is null,
    'aws apigateway update-rest-api --region ' || region
      || ' --rest-api-id ' || rest_api_id
      || ' --patch-operations op=replace,path=/minimumCompressionSize,value=1024',
    null
  ) as remediation
from rest_apis;
