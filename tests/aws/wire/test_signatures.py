"""What signs a request, against botocore's own."""

from __future__ import annotations

import pytest
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from apigw_vtab.aws.wire.signatures import _key

MOMENT = "20260102T030405Z"


@pytest.mark.parametrize("length", [0, 1, 32, 63, 64, 65, 200])
def test_a_secret_of_any_length_signs_as_botocore_does(length: int) -> None:
    secret = "".join(chr(33 + number % 94) for number in range(length))
    botocores = SigV4Auth(Credentials("id", secret), "apigateway", "eu-west-1")
    request = AWSRequest()
    request.context["timestamp"] = MOMENT
    for text in ("", "text", "x" * 1000):
        ours = _key(secret, MOMENT[:8], "eu-west-1", "apigateway").copy()
        ours.update(text.encode())
        assert ours.hexdigest() == botocores.signature(text, request)
