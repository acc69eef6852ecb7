"""WebSocket APIs and their stages, as GetApis and GetStages of version 2 list them."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from moto.core.common_types import TYPE_RESPONSE

# A WebSocket API with its stages, by AWS's member names.
WebSocketApis = Sequence[dict[str, Any]]
NONE_HERE = ("domainnames", "portalproducts", "portals", "vpclinks")
NONE_IN_AN_API = ("authorizers", "deployments", "integrations", "models", "routes")


def is_version_2(path: str) -> bool:
    """Whether a path is one of API Gateway's version 2."""
    return path.startswith("/v2/")


def answer(apis: WebSocketApis, path: str) -> TYPE_RESPONSE:
    """Return the answer to GET /v2/apis or /v2/apis/ID/stages; all on one page.

    Of everything else that version 2 lists, the sandbox has none.
    """
    words = path.strip("/").split("/")[1:]
    if len(words) == 1 and words[0] in NONE_HERE:
        return _found([])
    if words == ["apis"]:
        return _found([{k: v for k, v in api.items() if k != "stages"} for api in apis])
    if len(words) == 3 and words[0] == "apis":
        for api in apis:
            if api["apiId"] == words[1] and words[2] in ("stages", *NONE_IN_AN_API):
                return _found(api["stages"] if words[2] == "stages" else [])
    headers = {"x-amzn-errortype": "NotFoundException"}
    return 404, headers, json.dumps({"message": "Invalid API identifier specified"})


def _found(items: WebSocketApis) -> TYPE_RESPONSE:
    return 200, {}, json.dumps({"items": items})
