"""What hands out keys, on loopback: STS, IAM Identity Center, a container, a machine."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

from tests.promises.hostile_endpoint import Behaviour, routing

LATER = "2099-01-01T00:00:00Z"
SIGN_IN = "corp"


def _keys(name: str, secret: str = "SecretAccessKey", **more: str) -> dict[str, str]:
    return {"AccessKeyId": name, secret: "s", "Expiration": LATER, **more}


def _of_sts(operation: str, name: str) -> str:
    parts = _keys(name, SessionToken="of STS").items()
    keys = "".join(f"<{tag}>{text}</{tag}>" for tag, text in parts)
    return f"<{operation}Result><Credentials>{keys}</Credentials></{operation}Result>"


def handing_out_keys() -> Behaviour:
    """Answer each source of keys with keys of its own."""
    roles = {"AssumeRole": "AKIDROLE", "AssumeRoleWithWebIdentity": "AKIDWEB"}
    sts = "".join(_of_sts(operation, name) for operation, name in roles.items())
    sso = {
        "accessKeyId": "AKIDSSO",
        "secretAccessKey": "s",
        "sessionToken": "t",
        "expiration": 4_070_908_800_000,
    }
    machine = "/latest/meta-data/iam/security-credentials/"
    return routing(
        {
            "/": (200, f"<Response>{sts}</Response>".encode()),
            "/federation/credentials": (200, json.dumps({"roleCredentials": sso}).encode()),
            "/container": (200, json.dumps(_keys("AKIDCONTAINER", Token="t")).encode()),
            "/latest/api/token": (200, b"token"),
            machine: (200, b"a-role"),
            f"{machine}a-role": (
                200,
                json.dumps({**_keys("AKIDMACHINE", Token="t"), "Code": "Success"}).encode(),
            ),
        }
    )


def sign_in(folder: Path) -> None:
    """Write the sign-in of the session `corp` into a cache of botocore's."""
    name = hashlib.sha1(SIGN_IN.encode()).hexdigest()
    start = "https://corp.awsapps.com/start"
    token = {"startUrl": start, "accessToken": "signed-in", "expiresAt": LATER}
    (folder / f"{name}.json").write_text(json.dumps(token))
