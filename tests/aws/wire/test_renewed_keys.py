"""Keys that botocore renews in mid-scan sign the next call, and no message shows them."""

from __future__ import annotations

import re

import pytest
from botocore.credentials import ReadOnlyCredentials

from apigw_vtab.aws.reach.profiles import open_accounts
from apigw_vtab.aws.secrets_in_use import HIDDEN, without_secrets
from tests.aws.wire.recording_endpoint import RecordingEndpoint

OLD = ReadOnlyCredentials("ASIAOLD", "wJalrXUtnFEMIbPxRf", "IQoJb3JpZ2luX2VjEAA")
NEW = ReadOnlyCredentials("ASIANEW", "K7MDENGbPxRfiCYEXA", "FwoGZXIvYXdzEJrmaRK")


class RenewedKeys:
    """Keys that are others from the second call on."""

    token = OLD.token

    def __init__(self) -> None:
        self._left = [OLD, NEW]

    def get_frozen_credentials(self) -> ReadOnlyCredentials:
        """Return the keys of this moment."""
        return self._left.pop(0) if len(self._left) > 1 else self._left[0]


def test_each_call_is_signed_by_the_keys_of_its_moment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("apigw_vtab.aws.accounts.sign_in", lambda _: RenewedKeys())
    recorded = RecordingEndpoint()
    with recorded.running() as url:
        (account,) = open_accounts(("first",), url)
        for _ in range(3):
            account.ask("apigateway", "GetStages", "eu-west-1", {"restApiId": "a1"})
    signers = [re.findall(rb"Credential=(\w+)", request)[0] for request in recorded.requests]
    assert signers == [b"ASIAOLD", b"ASIANEW", b"ASIANEW"]
    tokens = [re.findall(rb"Security-Token: (\S+)", request)[0] for request in recorded.requests]
    assert tokens == [OLD.token.encode(), NEW.token.encode(), NEW.token.encode()]
    for secret in (*OLD[1:3], *NEW[1:3]):
        assert without_secrets(f"It was {secret} alone") == f"It was {HIDDEN} alone"
