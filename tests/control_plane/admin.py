"""The control plane's own endpoint, for a client that is another process.

- GET /_control: the counts
- GET /_control/calls: every call
- GET /_control/settings: the settings in force
- PATCH /_control: change settings, as in {"latency": 0.06, "faults": [...]}
- DELETE /_control: forget the calls, fill the buckets, begin the faults again
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

from .plane import ControlPlane
from .settings import setting_from_json
from .wire import JSON, HttpAnswer, HttpRequest, json_bytes

ADMIN_PATH = "/_control"


def administer(plane: ControlPlane, request: HttpRequest) -> HttpAnswer:
    """Answer a request to the control plane's own endpoint."""
    handler = HANDLERS.get((request.method, request.target))
    if handler is None:
        known = ", ".join(" ".join(route) for route in HANDLERS)
        return HttpAnswer(404, JSON, json_bytes({"message": f"there are only {known}"}))
    try:
        return HttpAnswer(200, JSON, json_bytes(handler(plane, request)))
    except (TypeError, ValueError, KeyError) as wrong:
        return HttpAnswer(400, JSON, json_bytes({"message": str(wrong)}))


def _counts(plane: ControlPlane, _request: HttpRequest) -> Any:
    return plane.log.counts().to_json()


def _calls(plane: ControlPlane, _request: HttpRequest) -> Any:
    return [call.to_row() for call in plane.log.calls]


def _settings(plane: ControlPlane, _request: HttpRequest) -> Any:
    return plane.settings.to_json()


def _change(plane: ControlPlane, request: HttpRequest) -> Any:
    changes = json.loads(request.body)
    plane.change(**{name: setting_from_json(name, data) for name, data in changes.items()})
    return {}


def _reset(plane: ControlPlane, _request: HttpRequest) -> Any:
    plane.reset()
    return {}


HANDLERS: Mapping[tuple[str, str], Callable[[ControlPlane, HttpRequest], Any]] = {
    ("GET", ADMIN_PATH): _counts,
    ("GET", f"{ADMIN_PATH}/calls"): _calls,
    ("GET", f"{ADMIN_PATH}/settings"): _settings,
    ("PATCH", ADMIN_PATH): _change,
    ("DELETE", ADMIN_PATH): _reset,
}
