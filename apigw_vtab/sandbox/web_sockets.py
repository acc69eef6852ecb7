"""WebSocket APIs and their stages, as GetApis and GetStages of version 2 list them."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from moto.core.common_types import TYPE_RESPONSE

# A WebSocket API with its stages, by AWS's member names.
WebSocketApis = Sequence[dict[str, Any]]


def is_version_2(path: str) -> bool:
    """Whether a path is one of API Gateway's version 2."""
    return path.startswith("/v2/")


def answer(apis: WebSocketApis, path: str) -> TYPE_RESPONSE:
    """Return the answer to GET /v2/apis or /v2/apis/ID/stages; all on one page."""
    words = path.strip("/").split("/")[1:]
    if words == ["apis"]:
        return _found([{k: v for k, v in api.items() if k != "stages"} for api in apis])
    if len(words) == 3 and (words[0], words[2]) == ("apis", "stages"):
        for api in apis:
            if api["apiId"] == words[1]:
                return _found(api["stages"])
    headers = {"x-amzn-errortype": "NotFoundException"}
    return 404, headers, json.dumps({"message": "Invalid API identifier specified"})


def _found(items: WebSocketApis) -> TYPE_RESPONSE:
    return 200, {}, json.dumps({"items": items})
