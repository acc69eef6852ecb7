"""An AWS on loopback that refuses by rules: whose call, to which service, where, which operation.

What no rule concerns is answered: every account has one REST API with one stage in each region.
"""

from __future__ import annotations

import contextlib
import json
import re
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, NamedTuple
from urllib.parse import parse_qsl

STS = "https://sts.amazonaws.com/doc/2011-06-15/"
EC2 = "http://ec2.amazonaws.com/doc/2016-11-15/"


# An access key spells its account in letters: as digits they would be masked wherever AWS quotes
# the account, since a key in use is never shown.
_DIGITS, _LETTERS = "0123456789", "QWERTYUIOP"


def access_key(account_id: str, prefix: str = "AKIA") -> str:
    """Return the access key of an account."""
    return prefix + account_id.translate(str.maketrans(_DIGITS, _LETTERS))


def account_of(key: str) -> str:
    """Return the account of an access key."""
    return key[4:16].translate(str.maketrans(_LETTERS, _DIGITS))


class Refusal(NamedTuple):
    """A refusal of the calls whose line `KEY SERVICE REGION OPERATION` matches a pattern.

    With the status 0 the connection is closed without an answer.
    """

    pattern: str
    status: int
    body: str
    headers: Mapping[str, str] = {}


def refusing(pattern: str, status: int, code: str, message: str) -> list[Refusal]:
    """Refuse as AWS does, each service in its own form."""
    sts = f"<ErrorResponse><Error><Code>{code}</Code><Message>{message}</Message></Error>"
    ec2 = f"<Response><Errors><Error><Code>{code}</Code><Message>{message}</Message></Error>"
    return [
        Refusal(f"(?=.* sts ){pattern}", status, f"{sts}</ErrorResponse>"),
        Refusal(f"(?=.* ec2 ){pattern}", status, f"{ec2}</Errors></Response>"),
        Refusal(pattern, status, json.dumps({"message": message}), {"x-amzn-ErrorType": code}),
    ]


@dataclass
class Refusing:
    """What an endpoint does, and the lines of the calls that it saw."""

    rules: Sequence[Refusal]
    regions: Sequence[str]
    seconds_off: float = 0.0
    url: str = ""
    calls: list[str] = field(default_factory=list)


@contextlib.contextmanager
def refusing_endpoint(
    rules: Sequence[Refusal], regions: Sequence[str], seconds_off: float = 0.0
) -> Iterator[Refusing]:
    """Serve until the block ends; the clock of the answers is `seconds_off`."""
    refusals = Refusing(rules, regions, seconds_off)

    class Handler(_Handler):
        told = refusals

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    refusals.url = f"http://127.0.0.1:{server.server_port}"
    threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    try:
        yield refusals
    finally:
        server.shutdown()
        server.server_close()


class _Handler(BaseHTTPRequestHandler):
    told: Refusing

    def do_GET(self) -> None:
        body = self.rfile.read(int(self.headers.get("content-length") or 0)).decode()
        signed = re.search(r"Credential=([^/]+)/\d+/([^/]+)/([^/]+)/", str(self.headers))
        key, region, service = signed.groups() if signed else ("nobody", "nowhere", "sso")
        form = dict(parse_qsl(body)) if service in ("sts", "ec2") else {}
        path = self.path.partition("?")[0]
        line = f"{key} {service} {region} {form.get('Action', path)}"
        self.told.calls.append(line)
        for rule in self.told.rules:
            if re.fullmatch(rule.pattern, line):
                self._send(rule.status, rule.body, rule.headers)
                return
        answer = self._of_account(key, form) if form else json.dumps(_of_path(path))
        self._send(200, answer, {})

    def do_POST(self) -> None:
        self.do_GET()

    def _of_account(self, key: str, form: Mapping[str, str]) -> str:
        action = form["Action"]
        if action == "DescribeRegions":
            items = "".join(
                f"<item><regionName>{region}</regionName><optInStatus>opted-in</optInStatus></item>"
                for region in self.told.regions
            )
            return (
                f'<DescribeRegionsResponse xmlns="{EC2}"><regionInfo>{items}</regionInfo>'
                "</DescribeRegionsResponse>"
            )
        account = account_of(key)
        result = f"<Arn>arn:aws:iam::{account}:user/u</Arn><Account>{account}</Account>"
        if action == "AssumeRole":
            role = form["RoleArn"].split(":")
            result = (
                f"<Credentials><AccessKeyId>{access_key(role[4], 'ASIA')}</AccessKeyId>"
                "<SecretAccessKey>s</SecretAccessKey><SessionToken>t</SessionToken>"
                "<Expiration>2099-01-01T00:00:00Z</Expiration></Credentials>"
                f"<AssumedRoleUser><Arn>{form['RoleArn']}</Arn></AssumedRoleUser>"
            )
        return (
            f'<{action}Response xmlns="{STS}"><{action}Result>{result}</{action}Result>'
            f"</{action}Response>"
        )

    def _send(self, status: int, body: str, headers: Mapping[str, str]) -> None:
        if not status:
            self.close_connection = True
            return
        self.send_response_only(status)
        date = self.date_time_string(int(time.time() + self.told.seconds_off))
        for name, value in {**headers, "Date": date, "Content-Length": len(body.encode())}.items():
            self.send_header(name, str(value))
        self.end_headers()
        self.wfile.write(body.encode())

    def log_message(self, *_: object) -> None:
        """Say nothing."""


def _of_path(path: str) -> dict[str, Any]:
    if path.endswith("/stages"):
        return {"item": [{"stageName": "prod", "deploymentId": "d1"}]}
    if path == "/restapis":
        return {"item": [{"id": "abcde12345", "name": "orders"}]}
    if path == "/account":
        return {"throttleSettings": {"burstLimit": 5000, "rateLimit": 10000.0}}
    return {"items": []} if path.startswith("/v2/") else {"item": []}
