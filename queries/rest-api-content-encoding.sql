-- title: Every REST API compresses its responses
-- description: A minimum size is set from which responses are compressed if the caller asks for
--   it.
-- rationale: Compressed responses arrive sooner and cost less to send.
-- severity: low
-- tags: performance
-- remediation: Set the minimum size from which to compress, and deploy the API again.
-- remedy:
--   update rest_apis
--   set minimum_compression_size = :minimum_compression_size
-- remedy-params: minimum_compression_size=1024 [0..10485760]

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
      then 'AWS gives a size that is not valid: ' || minimum_compression_size || '.'
    else 'Responses of ' || minimum_compression_size || ' bytes or more are compressed.'
  end as reason,
  account_id,
  region,
  name as rest_api,
  rest_api_id,
  minimum_compression_size
from rest_apis;
