-- title: Every REST API compresses its responses
-- description: A minimum size is set from which responses are compressed if the caller asks for
--   it.
-- rationale: Compressed responses arrive sooner and cost less to send.
-- severity: low
-- tags: performance
-- remediation: Set the minimum size from which to compress, and deploy the API again.

select
  arn as resource,
  iif(minimum_compression_size is null, 'alarm', 'ok') as status,
  iif(
    minimum_compression_size is null,
    'Responses are never compressed.',
    'Responses of ' || minimum_compression_size || ' bytes or more are compressed.'
  ) as reason,
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
