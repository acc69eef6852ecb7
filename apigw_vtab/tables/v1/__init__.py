"""The tables of `aws apigateway`: REST APIs and what belongs to them."""
