"""What we send is what boto3's client sends, and botocore's own algorithm signs it alike."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from botocore import xform_name
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest

from apigw_vtab.aws.accounts import Account
from apigw_vtab.aws.reach.profiles import open_accounts
from apigw_vtab.aws.wire.requests import WireRequest
from apigw_vtab.aws.wire.sending import WireAnswer, WireRoute, Wires
from tests.aws.wire.configurations import CASES, SendingCase, SentOperation
from tests.aws.wire.key_sources import handing_out_keys, sign_in
from tests.promises.hostile_endpoint import endpoint

# botocore draws it anew for each call, and the signature has the time in it.
DRAWN = frozenset(("amz-sdk-invocation-id", "authorization", "x-amz-date", "date"))
SIGNED = re.compile(
    r"AWS4-HMAC-SHA256 Credential=(?P<key>[^/]+)/\d{8}/(?P<region>[^/]+)/(?P<service>[^/]+)"
    r"/aws4_request, SignedHeaders=(?P<headers>[^,]+), Signature=(?P<signature>[0-9a-f]{64})"
)


class NotSentError(Exception):
    """Stops a request before it reaches a socket."""


class Capture(Wires):
    """Keeps what would be sent, and the place that it would go to."""

    request: WireRequest
    route_taken: WireRoute

    def send(self, request: WireRequest, route: WireRoute, seconds: float) -> WireAnswer:
        self.request, self.route_taken = request, route
        raise NotSentError


def own(case: SendingCase, asked: SentOperation, account: Account) -> tuple[WireRequest, WireRoute]:
    """Return what we would send."""
    capture = account._wires
    assert isinstance(capture, Capture)
    with pytest.raises(NotSentError):
        account.ask(asked.service, asked.operation, case.region, asked.parameters)
    return capture.request, capture.route_taken


def boto3s(case: SendingCase, asked: SentOperation, account: Account) -> Any:
    """Return what a client of the same session, and with our settings, would send."""
    client = account.client(asked.service, case.region)
    caught: list[Any] = []

    def before_send(request: Any, **_: Any) -> None:
        caught.append(request)
        raise NotSentError

    client.meta.events.register_first("before-send", before_send)
    with pytest.raises(NotSentError):
        getattr(client, xform_name(asked.operation))(**asked.parameters)
    client.meta.events.unregister("before-send", before_send)
    return caught[0]


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    with endpoint(handing_out_keys()) as served:
        yield served


@pytest.fixture
def account(
    case: SendingCase, url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Account]:
    """The account of a configuration."""
    monkeypatch.delenv("AWS_PROFILE")
    for name, value in case.written_to(tmp_path, url).items():
        monkeypatch.setenv(name, value)
    for provider in ("botocore.credentials.SSOProvider", "botocore.tokens.SSOTokenProvider"):
        monkeypatch.setattr(f"{provider}._SSO_TOKEN_CACHE_DIR", str(tmp_path))
    sign_in(tmp_path)
    (account,) = open_accounts([], case.endpoint_url and case.endpoint_url.replace("{url}", url))
    account._wires = Capture()
    yield account
    account.close()


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_the_request_is_boto3s(case: SendingCase, account: Account) -> None:
    for asked in case.calls:
        ours, route = own(case, asked, account)
        theirs = boto3s(case, asked, account)
        assert ours.method == theirs.method
        assert ours.url == theirs.url
        assert ours.body == as_bytes(theirs.body)
        assert told(ours.headers) == told(theirs.headers)
        assert scope(ours.headers) == scope(theirs.headers)
        assert case.signer in ("", scope(ours.headers)["key"])
        assert route.endpoint.host == urlsplit(theirs.url).hostname
        assert accepted(ours, account)


def test_there_are_at_least_forty_configurations() -> None:
    assert len({case.name for case in CASES}) >= 40


def told(headers: Mapping[str, Any]) -> dict[str, str]:
    """Return the headers that say the same in every request, in lower case."""
    every = {name.lower(): as_bytes(value).decode() for name, value in headers.items()}
    return {name: value for name, value in every.items() if name not in DRAWN}


def scope(headers: Mapping[str, Any]) -> dict[str, str]:
    """Return what a signature says, without the day and the signature itself."""
    found = SIGNED.fullmatch(as_bytes(headers["Authorization"]).decode())
    assert found
    return {name: found[name] for name in ("key", "region", "service", "headers")}


def as_bytes(value: str | bytes | None) -> bytes:
    return value.encode() if isinstance(value, str) else value or b""


def accepted(request: WireRequest, account: Account) -> bool:
    """Return whether botocore's own algorithm gives a request the signature that it has."""
    found = SIGNED.fullmatch(request.headers["Authorization"])
    assert found
    names = found["headers"].split(";")
    signed = {name: value for name, value in request.headers.items() if name.lower() in names}
    again = AWSRequest(request.method, request.url, headers=signed, data=request.body)
    again.context["timestamp"] = request.headers["X-Amz-Date"]
    keys = account._core.get_credentials()
    signer = SigV4Auth(keys.get_frozen_credentials(), found["service"], found["region"])
    text = signer.string_to_sign(again, signer.canonical_request(again))
    return str(signer.signature(text, again)) == found["signature"]
