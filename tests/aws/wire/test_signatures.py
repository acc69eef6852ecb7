"""HMAC-SHA256, against the standard library's."""

from __future__ import annotations

import hmac

import pytest

from apigw_vtab.aws.wire.signatures import HmacKey


@pytest.mark.parametrize("length", [0, 1, 32, 63, 64, 65, 200])
def test_a_key_of_any_length_signs_as_hmac_does(length: int) -> None:
    key = bytes(number % 256 for number in range(length))
    signer = HmacKey(key)
    for text in (b"", b"text", b"x" * 1000):
        assert signer.sign(text) == hmac.digest(key, text, "sha256")
