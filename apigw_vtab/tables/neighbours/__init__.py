"""Tables of other services, whose rows the ARNs in API Gateway's tables name."""
