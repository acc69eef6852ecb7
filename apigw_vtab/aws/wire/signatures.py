"""The signature of a request: AWS's Signature Version 4.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html
"""

from __future__ import annotations

import functools
import hmac
import re
from collections.abc import Mapping
from hashlib import sha256
from typing import Protocol
from urllib.parse import quote

from apigw_vtab.aws.wire.endpoints import Endpoint

ALGORITHM = "AWS4-HMAC-SHA256"
# Derived keys of that many accounts and regions are kept; another one takes some microseconds.
MOST_KEYS = 4096
# A path that stays as it is: nothing to encode, no dots for folders, no double slashes.
_USUAL = re.compile(r"(?:/[A-Za-z0-9_~-][A-Za-z0-9_~.-]*)+")
_NOTHING = sha256(b"").hexdigest()


class SigningKeys(Protocol):
    """An access key, its secret, and the session token where there is one."""

    @property
    def access_key(self) -> str:
        """The id of the access key."""

    @property
    def secret_key(self) -> str:
        """What only its owner and AWS know."""

    @property
    def token(self) -> str | None:
        """The token of the session that the key is good for."""


def signed(
    method: str,
    path: str,
    query: str,
    headers: Mapping[str, str],
    body: bytes,
    endpoint: Endpoint,
    keys: SigningKeys,
    moment: str,
) -> dict[str, str]:
    """Return the headers that sign a request at a moment, such as 20260102T030405Z.

    `headers` are those to be signed besides the host's and the signature's own.
    """
    own = {"X-Amz-Date": moment}
    if keys.token:
        own["X-Amz-Security-Token"] = keys.token
    named = {name.lower(): " ".join(value.split()) for name, value in {**headers, **own}.items()}
    named["host"] = endpoint.header
    names = sorted(named)
    listed = ";".join(names)
    lines = "\n".join(f"{name}:{named[name]}" for name in names)
    digest = sha256(body).hexdigest() if body else _NOTHING
    asked = f"{method}\n{_path(path)}\n{_query(query)}\n{lines}\n\n{listed}\n{digest}"
    scope = f"{moment[:8]}/{endpoint.signing_region}/{endpoint.signing_name}/aws4_request"
    text = f"{ALGORITHM}\n{moment}\n{scope}\n{sha256(asked.encode()).hexdigest()}"
    key = _key(keys.secret_key, moment[:8], endpoint.signing_region, endpoint.signing_name)
    signature = key.copy()
    signature.update(text.encode())
    own["Authorization"] = (
        f"{ALGORITHM} Credential={keys.access_key}/{scope}, "
        f"SignedHeaders={listed}, Signature={signature.hexdigest()}"
    )
    return own


@functools.lru_cache(MOST_KEYS)
def _key(secret: str, day: str, region: str, service: str) -> hmac.HMAC:
    """Return the key of a day, to be copied.

    Unlike `hmac.digest`, a copy signs a short text without letting other threads run: a hundred of
    them that make calls would wait for one another.
    """
    key = f"AWS4{secret}".encode()
    for part in (day, region, service, "aws4_request"):
        key = hmac.digest(key, part.encode(), "sha256")
    return hmac.new(key, digestmod="sha256")


def _path(path: str) -> str:
    """Return a path without dots and double slashes, encoded once more than it is sent."""
    if _USUAL.fullmatch(path):
        return path
    from botocore.utils import normalize_url_path

    return quote(normalize_url_path(path), safe="/~")


def _query(query: str) -> str:
    if "&" not in query:
        return query if not query or "=" in query else f"{query}="
    pairs = (pair.partition("=") for pair in query.split("&"))
    return "&".join(f"{key}={value}" for key, value in sorted((key, one) for key, _, one in pairs))
