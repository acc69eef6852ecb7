"""Connections: shared by all accounts, few, replaced where they were closed, and as configured."""

from __future__ import annotations

import base64
import datetime
import ipaddress
import ssl
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import (
    ConnectionClosedError,
    EndpointConnectionError,
    ReadTimeoutError,
    SSLError,
)
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from apigw_vtab.aws.accounts import Account
from apigw_vtab.aws.reach.profiles import open_accounts
from apigw_vtab.aws.response import ForeignAnswer
from apigw_vtab.aws.wire import connections
from tests.aws.wire.recording_endpoint import CHUNKED, RecordingEndpoint
from tests.promises.hostile_endpoint import endpoint, silent

REGION = "eu-west-1"


def stages(account: Account, region: str = REGION) -> Any:
    return account.ask("apigateway", "GetStages", region, {"restApiId": "a1"})


def opened(url: str, *profiles: str, timeout: float = 30) -> list[Account]:
    return open_accounts(profiles or ("first",), url, timeout)


# Shared, and few


def test_one_connection_serves_every_account_and_region() -> None:
    recorded = RecordingEndpoint()
    with recorded.running() as url:
        for account in opened(url, "first", "second"):
            for region in (REGION, "us-east-1", "eu-central-1"):
                assert stages(account, region) == {"item": []}
            # No client of boto3's stands in between.
            assert account._clients == {}
    assert (len(recorded.requests), recorded.connections) == (6, 1)


def test_there_are_no_more_than_may_be_open(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connections, "MOST_CONNECTIONS", 3)
    recorded = RecordingEndpoint()
    with recorded.running() as url, ThreadPoolExecutor(12) as threads:
        accounts = opened(url, "first", "second")
        asked = [threads.submit(stages, accounts[number % 2]) for number in range(60)]
        assert [one.result() for one in asked] == [{"item": []}] * 60
    assert len(recorded.requests) == 60
    assert recorded.most_open <= 3


def test_one_that_was_made_otherwise_makes_room(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connections, "MOST_CONNECTIONS", 1)
    recorded = RecordingEndpoint()
    with recorded.running() as url:
        (account,) = opened(url)
        (patient,) = opened(url, timeout=20)
        patient._wires = account._wires
        for one in (account, patient, account):
            assert stages(one) == {"item": []}
    assert recorded.connections == 3


def test_closing_an_account_closes_what_no_call_uses() -> None:
    recorded = RecordingEndpoint()
    with recorded.running() as url:
        (account,) = opened(url)
        stages(account)
        account.close()
        assert recorded.closed.wait(30)
        # Who asks again opens another.
        assert stages(account) == {"item": []}
    assert recorded.connections == 2


def test_an_answer_in_chunks_is_read_whole_and_its_connection_used_again() -> None:
    recorded = RecordingEndpoint(CHUNKED)
    with recorded.running() as url:
        (account,) = opened(url)
        assert [stages(account), stages(account)] == [{"item": []}] * 2
    assert recorded.connections == 1


def test_a_connection_that_the_server_wants_closed_is_not_used_again() -> None:
    answer = b'HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 11\r\n\r\n{"item":[]}'
    recorded = RecordingEndpoint(answer)
    with recorded.running() as url:
        (account,) = opened(url)
        assert [stages(account), stages(account)] == [{"item": []}] * 2
    assert recorded.connections == 2


# Closed meanwhile


def test_an_idle_connection_that_was_closed_is_replaced_before_a_call_is_sent() -> None:
    recorded = RecordingEndpoint(closes=True)
    with recorded.running() as url:
        (account,) = opened(url)
        stages(account)
        assert recorded.closed.wait(30)
        assert stages(account) == {"item": []}
    assert (len(recorded.requests), recorded.connections) == (2, 2)


def test_a_call_whose_connection_is_closed_is_not_sent_again_unseen() -> None:
    recorded = RecordingEndpoint(silent=frozenset((1,)))
    with recorded.running() as url:
        (account,) = opened(url)
        stages(account)
        # The server had the request: another one is another attempt, which is counted and logged.
        with pytest.raises(ConnectionClosedError):
            stages(account)
        assert stages(account) == {"item": []}
    assert (len(recorded.requests), recorded.connections) == (3, 2)


def test_a_new_connection_that_is_closed_is_a_failure() -> None:
    recorded = RecordingEndpoint(silent=frozenset((0,)))
    with recorded.running() as url:
        (account,) = opened(url)
        with pytest.raises(ConnectionClosedError):
            stages(account)
    assert len(recorded.requests) == 1


# What fails has botocore's name


def test_where_nobody_listens() -> None:
    with RecordingEndpoint().running() as url:
        pass
    (account,) = opened(url)
    with pytest.raises(EndpointConnectionError, match=url):
        stages(account)


def test_where_nobody_answers() -> None:
    with endpoint(silent) as url:
        (account,) = opened(url, timeout=0.2)
        with pytest.raises(ReadTimeoutError, match=url):
            stages(account)


def test_a_redirect_is_not_followed() -> None:
    with RecordingEndpoint().running() as elsewhere:
        answer = f"HTTP/1.1 302 Found\r\nLocation: {elsewhere}/\r\nContent-Length: 0\r\n\r\n"
        recorded = RecordingEndpoint(answer.encode())
        with recorded.running() as url:
            (account,) = opened(url)
            with pytest.raises(ForeignAnswer, match="302"):
                stages(account)
    assert len(recorded.requests) == 1


# Proxies


@pytest.mark.parametrize("login", ["", "me:p%40ss@"])
def test_a_proxy_gets_the_same_request(monkeypatch: pytest.MonkeyPatch, login: str) -> None:
    recorded = RecordingEndpoint()
    with recorded.running() as url:
        monkeypatch.setenv("HTTP_PROXY", url.replace("http://", f"http://{login}"))
        (account,) = opened("http://localstack.test:4566/base")
        assert [stages(account), stages(account)] == [{"item": []}] * 2
        account.client("apigateway", REGION).get_stages(restApiId="a1")
    # What follows the first two comes from boto3's client.
    ours, _, theirs = (head_of(request) for request in recorded.requests)
    assert ours == theirs
    assert ours[""] == "GET http://localstack.test:4566/base/restapis/a1/stages HTTP/1.1"
    assert ours["host"] == "localstack.test:4566"
    wanted = f"Basic {base64.b64encode(b'me:p@ss').decode()}" if login else None
    assert ours.get("proxy-authorization") == wanted


def test_no_proxy_is_asked_for_a_host_that_goes_without(monkeypatch: pytest.MonkeyPatch) -> None:
    recorded = RecordingEndpoint()
    with recorded.running() as url:
        monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
        monkeypatch.setenv("NO_PROXY", "elsewhere.test,127.0.0.1")
        (account,) = opened(url)
        assert stages(account) == {"item": []}


@pytest.mark.parametrize("base", ["", "/base", "/base/", "/a%20b/ü", "?a=1"])
def test_the_bytes_on_the_wire_say_what_boto3s_say(base: str) -> None:
    recorded = RecordingEndpoint()
    with recorded.running() as url:
        (account,) = opened(f"{url}{base}")
        stages(account)
        account.client("apigateway", REGION).get_stages(restApiId="a1")
    ours, theirs = (head_of(request) for request in recorded.requests)
    assert ours == theirs


def head_of(request: bytes) -> dict[str, str]:
    """Return the headers of a request that are the same every time; the first line is ''."""
    first, *lines = request.partition(b"\r\n\r\n")[0].decode().split("\r\n")
    headers = dict(line.split(": ", 1) for line in lines)
    drawn = ("authorization", "x-amz-date", "amz-sdk-invocation-id")
    told = {name.lower(): value for name, value in headers.items()}
    return {"": first, **{name: one for name, one in told.items() if name not in drawn}}


# TLS


@pytest.fixture(scope="module")
def certified(tmp_path_factory: pytest.TempPathFactory) -> tuple[ssl.SSLContext, Path]:
    """A server's side of TLS for 127.0.0.1, and the file of who vouches for it."""
    folder = tmp_path_factory.mktemp("tls")
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "a test")])
    now = datetime.datetime.now(datetime.timezone.utc)
    address = x509.IPAddress(ipaddress.ip_address("127.0.0.1"))
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([address]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    encoding, text = serialization.Encoding.PEM, serialization.NoEncryption()
    (folder / "certificate").write_bytes(made.public_bytes(encoding))
    form = serialization.PrivateFormat.PKCS8
    (folder / "key").write_bytes(key.private_bytes(encoding, form, text))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "certificate", folder / "key")
    return context, folder / "certificate"


@pytest.fixture
def served(certified: tuple[ssl.SSLContext, Path]) -> Iterator[str]:
    with RecordingEndpoint(context=certified[0]).running() as url:
        yield url.replace("http:", "https:")


@pytest.mark.parametrize("variable", ["AWS_CA_BUNDLE", "REQUESTS_CA_BUNDLE"])
def test_who_vouches_for_a_server_is_named_by_the_environment(
    served: str,
    certified: tuple[ssl.SSLContext, Path],
    monkeypatch: pytest.MonkeyPatch,
    variable: str,
) -> None:
    monkeypatch.setenv(variable, str(certified[1]))
    (account,) = opened(served)
    assert [stages(account), stages(account)] == [{"item": []}] * 2


def test_who_vouches_for_a_server_is_named_by_the_profile(
    served: str, certified: tuple[ssl.SSLContext, Path], aws_configuration: Path
) -> None:
    text = aws_configuration.read_text()
    bundle = f"[profile first]\nca_bundle = {certified[1]}\n"
    aws_configuration.write_text(text.replace("[profile first]\n", bundle))
    (account,) = opened(served)
    assert stages(account) == {"item": []}


def test_a_server_that_nobody_vouches_for_gets_no_call(served: str) -> None:
    (account,) = opened(served)
    with pytest.raises(SSLError, match="certificate verify failed"):
        stages(account)


def test_a_server_of_another_name_gets_no_call(
    served: str, certified: tuple[ssl.SSLContext, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_CA_BUNDLE", str(certified[1]))
    (account,) = opened(served.replace("127.0.0.1", "localhost"))
    with pytest.raises(SSLError, match="localhost"):
        stages(account)


def test_a_bundle_that_is_not_there_is_told(served: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_CA_BUNDLE", "/does/not/exist")
    (account,) = opened(served)
    with pytest.raises(SSLError, match="No such file"):
        stages(account)
