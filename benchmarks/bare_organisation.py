"""The least that reading an organisation costs: one urllib3 pool, and signatures by hand.

python -m benchmarks.bare_organisation URL ACCOUNTS REGION,REGION,...

assumes a role in each account, lists the REST APIs of each of its regions and the stages of each,
and prints the number of stages by account. No retries, no pace, no deadlines, no model, no log.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import re
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import NamedTuple
from urllib.parse import urlencode, urlsplit

import urllib3

from tests.control_plane import ServedEstate, access_key

THREADS = 16
_KEYS = re.compile(
    r"<AccessKeyId>(.*)</AccessKeyId><SecretAccessKey>(.*)</SecretAccessKey>"
    r"<SessionToken>(.*)</SessionToken>"
)
Keys = tuple[str, str, str]


class BarePlace(NamedTuple):
    """One account in one region, and the keys for it."""

    account: str
    region: str
    keys: Keys


def _hmac(key: bytes, text: str) -> bytes:
    return hmac.digest(key, text.encode(), "sha256")


def signed(
    host: str, method: str, path: str, query: str, body: str, service: str, region: str, keys: Keys
) -> dict[str, str]:
    """Return the headers of a signed request.

    https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html
    """
    key, secret, token = keys
    moment = time.strftime("%Y%m%dT%H%M%SZ", time.gmtime())
    headers = {"host": host, "x-amz-date": moment}
    if token:
        headers["x-amz-security-token"] = token
    listed = ";".join(headers)
    lines = "".join(f"{name}:{value}\n" for name, value in headers.items())
    digest = hashlib.sha256(body.encode()).hexdigest()
    asked = f"{method}\n{path}\n{query}\n{lines}\n{listed}\n{digest}"
    scope = f"{moment[:8]}/{region}/{service}/aws4_request"
    hashed = hashlib.sha256(asked.encode()).hexdigest()
    derived = f"AWS4{secret}".encode()
    for part in (moment[:8], region, service, "aws4_request"):
        derived = _hmac(derived, part)
    signature = _hmac(derived, f"AWS4-HMAC-SHA256\n{moment}\n{scope}\n{hashed}").hex()
    headers["authorization"] = (
        f"AWS4-HMAC-SHA256 Credential={key}/{scope}, SignedHeaders={listed}, Signature={signature}"
    )
    return headers


def main() -> None:
    """Read the organisation."""
    url, count, regions = sys.argv[1], int(sys.argv[2]), sys.argv[3].split(",")
    accounts = ServedEstate.numbered(accounts=count).accounts
    host = urlsplit(url).netloc
    pool = urllib3.connectionpool.connection_from_url(url, maxsize=THREADS, block=True)

    def assumed(account: str) -> Iterator[BarePlace]:
        arn = f"arn:aws:iam::{account}:role/audit"
        asked = {"Action": "AssumeRole", "Version": "2011-06-15", "RoleArn": arn}
        body = urlencode(asked | {"RoleSessionName": "audit"})
        own = access_key(accounts[0]), "secret", ""
        headers = signed(host, "POST", "/", "", body, "sts", "us-east-1", own)
        headers["content-type"] = "application/x-www-form-urlencoded"
        found = _KEYS.search(pool.request("POST", "/", body=body, headers=headers).data.decode())
        assert found is not None
        keys = found[1], found[2], found[3]
        return (BarePlace(account, region, keys) for region in regions)

    def get(place: BarePlace, path: str, query: str, member: str) -> list[dict[str, object]]:
        headers = signed(host, "GET", path, query, "", "apigateway", place.region, place.keys)
        answer = pool.request("GET", f"{path}?{query}" if query else path, headers=headers)
        found: list[dict[str, object]] = json.loads(answer.data)[member]
        return found

    def apis(place: BarePlace) -> list[tuple[BarePlace, object]]:
        return [(place, api["id"]) for api in get(place, "/restapis", "limit=500", "item")]

    def stages(api: tuple[BarePlace, object]) -> tuple[str, int]:
        return api[0].account, len(get(api[0], f"/restapis/{api[1]}/stages", "", "item"))

    totals: dict[str, int] = {}
    with ThreadPoolExecutor(THREADS) as threads:
        places = [place for some in threads.map(assumed, accounts) for place in some]
        listed = [api for some in threads.map(apis, places) for api in some]
        for account, found in threads.map(stages, listed):
            totals[account] = totals.get(account, 0) + found
    for account, number in totals.items():
        print(f"{account},{number}")


if __name__ == "__main__":
    main()
