"""The tables of `aws apigatewayv2`: HTTP and WebSocket APIs."""
