"""The HTTP answers about documents: lists with pages, single items, changes, and tags."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from moto.apigateway.exceptions import BadRequestException

from apigw_vtab.sandbox.documents import tags
from apigw_vtab.sandbox.documents.checks import check_account
from apigw_vtab.sandbox.documents.documents import OWNER, SECRET, SELF, Place, RegionBackend
from apigw_vtab.sandbox.documents.kinds import KINDS
from apigw_vtab.sandbox.documents.patches import patched
from apigw_vtab.sandbox.documents.sdk_types import SDK_TYPES
from apigw_vtab.sandbox.documents.store import Item
from apigw_vtab.sandbox.errors import DocumentNotFound
from apigw_vtab.sandbox.pages import page_of
from apigw_vtab.sandbox.routes import Asked

Query = Mapping[str, Sequence[str]]
Body = Mapping[str, Any]
# What an operation answers: None is an answer without a body.
Result = dict[str, Any] | None
Handler = Callable[[RegionBackend, Asked, Query, Body], Result]
# Documentation parts can be asked for by what they document.
LOCATION = ("type", "path", "name")


def is_document(asked: Asked) -> bool:
    """Return whether a request is about what the sandbox keeps as documents."""
    return _handler(asked) is not None


def answer(
    backend: RegionBackend, asked: Asked, query: Query, body: Body
) -> tuple[int, dict[str, str], str]:
    """Answer a request about documents: status, headers, body. Raises ApiGatewayException."""
    handler = _handler(asked)
    assert handler
    result = handler(backend, asked, query, body)
    status = int(asked.operation.http.get("responseCode") or 200)
    return status, {"status": str(status)}, "" if result is None else json.dumps(result)


def _handler(asked: Asked) -> Handler | None:
    method, template = asked.operation.http["method"], asked.template
    if special := SPECIAL.get((method, template)):
        return special
    if template in KINDS:
        return {"GET": _list, "POST": _create}.get(method)
    if template.removesuffix("/{}") in KINDS:
        return {"GET": _get, "PATCH": _update, "PUT": _put, "DELETE": _delete}.get(method)
    return None


def _collection(asked: Asked, query: Query, template: str = "") -> tuple[Place, tuple[str, ...]]:
    """Return the collection that a request is about, and the labels that are left."""
    template = template or asked.template.removesuffix("/{}")
    labels = list(asked.labels)
    # The id of a private domain name comes beside the path.
    private_id = query.get("domainNameId")
    if private_id and "/domainnames/" in asked.template:
        labels[0] = f"{labels[0]}+{private_id[0]}"
    count = template.count("{}")
    return Place(template, tuple(labels[:count])), tuple(labels[count:])


def _shown(item: Item, place: Place, query: Query) -> Item:
    secret = place.template in SECRET
    is_asked = any(query.get(name) == ["true"] for name in SECRET.get(place.template, ()))
    return {
        name: value
        for name, value in item.items()
        if not name.startswith("_") and (is_asked or not secret or name != "value")
    }


def _is_asked(item: Item, query: Query) -> bool:
    """Return whether an item passes the filters of its list."""
    owner = (query.get("resourceOwner") or [SELF])[0]
    if item.get(OWNER, SELF) != owner:
        return False
    location = item.get("location", {})
    if any(name in query and location.get(name) != query[name][0] for name in LOCATION if location):
        return False
    if "customerId" in query and item.get("customerId") != query["customerId"][0]:
        return False
    return "location" in item or str(item.get("name", "")).startswith(
        (query.get("name") or [""])[0]
    )


def _list(backend: RegionBackend, asked: Asked, query: Query, body: Body) -> Result:
    place, _ = _collection(asked, query, asked.template)
    items = [one for one in backend.documents.items(place) if _is_asked(one, query)]
    if place.template == "/usageplans" and "keyId" in query:
        items = [
            plan
            for plan in items
            if query["keyId"][0]
            in [key["id"] for key in backend.documents.at(f"/usageplans/{plan['id']}/keys")]
        ]
    page = page_of(asked, [_shown(one, place, query) for one in items], query)
    return page


def _get(backend: RegionBackend, asked: Asked, query: Query, body: Body) -> Result:
    place, (key,) = _collection(asked, query)
    return _shown(backend.documents.item(place, key), place, query)


def _create(backend: RegionBackend, asked: Asked, query: Query, body: Body) -> Result:
    place, _ = _collection(asked, query, asked.template)
    made = backend.documents.create(place, asked, body)
    # The one answer that tells a key's value without being asked.
    return _shown(made, place, {"includeValue": ["true"]})


def _put(backend: RegionBackend, asked: Asked, query: Query, body: Body) -> Result:
    place, (key,) = _collection(asked, query)
    return _shown(backend.documents.put(place, key, body), place, query)


def _update(backend: RegionBackend, asked: Asked, query: Query, body: Body) -> Result:
    place, (key,) = _collection(asked, query)
    return _shown(backend.documents.update(place, key, asked, body), place, query)


def _delete(backend: RegionBackend, asked: Asked, query: Query, body: Body) -> Result:
    place, (key,) = _collection(asked, query)
    backend.documents.delete(place, key)
    return None


def _sdk_types(backend: RegionBackend, asked: Asked, query: Query, body: Body) -> Result:
    return page_of(asked, SDK_TYPES, query)


def _sdk_type(backend: RegionBackend, asked: Asked, query: Query, body: Body) -> Result:
    for one in SDK_TYPES:
        if one["id"] == asked.labels[0]:
            return one
    raise DocumentNotFound(asked.template)


def _get_account(backend: RegionBackend, asked: Asked, query: Query, body: Body) -> Result:
    return backend.documents.account


def _update_account(backend: RegionBackend, asked: Asked, query: Query, body: Body) -> Result:
    documents, shape = backend.documents, asked.operation.output_shape
    fixed = ("throttleSettings", "apiKeyVersion")
    changed = patched(documents.account, body.get("patchOperations") or (), shape, fixed)
    check_account(changed.get("cloudwatchRoleArn"))
    documents.account = changed
    return changed


def _get_tags(backend: RegionBackend, asked: Asked, query: Query, body: Body) -> Result:
    return {"tags": tags.tags_of(backend, asked.labels[0])}


def _tag(backend: RegionBackend, asked: Asked, query: Query, body: Body) -> Result:
    tags.tag(backend, asked.labels[0], body.get("tags") or {})
    return {} if asked.version == 2 else None


def _untag(backend: RegionBackend, asked: Asked, query: Query, body: Body) -> Result:
    tags.untag(backend, asked.labels[0], query.get("tagKeys") or ())
    return None


def _stage(backend: RegionBackend, asked: Asked) -> Item:
    place = Place("/v2/apis/{}/stages", asked.labels[:1])
    return backend.documents.item(place, asked.labels[1])


def _drop_access_log(backend: RegionBackend, asked: Asked, query: Query, body: Body) -> Result:
    _stage(backend, asked).pop("accessLogSettings", None)
    return None


def _drop_route_settings(backend: RegionBackend, asked: Asked, query: Query, body: Body) -> Result:
    if _stage(backend, asked).get("routeSettings", {}).pop(asked.labels[2], None) is None:
        raise DocumentNotFound("/v2/apis/{}/routes")
    return None


def _drop_cors(backend: RegionBackend, asked: Asked, query: Query, body: Body) -> Result:
    backend.documents.item(Place("/v2/apis"), asked.labels[0]).pop("corsConfiguration", None)
    return None


def _drop_parameter(backend: RegionBackend, asked: Asked, query: Query, body: Body) -> Result:
    api, route, parameter = asked.labels
    found = backend.documents.item(Place("/v2/apis/{}/routes", (api,)), route)
    if found.get("requestParameters", {}).pop(parameter, None) is None:
        raise BadRequestException(f"Invalid request parameter specified: {parameter}")
    return None


SPECIAL: Mapping[tuple[str, str], Handler] = {
    ("GET", "/account"): _get_account,
    ("PATCH", "/account"): _update_account,
    ("GET", "/sdktypes"): _sdk_types,
    ("GET", "/sdktypes/{}"): _sdk_type,
    ("GET", "/tags/{}"): _get_tags,
    ("PUT", "/tags/{}"): _tag,
    ("DELETE", "/tags/{}"): _untag,
    ("GET", "/v2/tags/{}"): _get_tags,
    ("POST", "/v2/tags/{}"): _tag,
    ("DELETE", "/v2/tags/{}"): _untag,
    ("DELETE", "/v2/apis/{}/cors"): _drop_cors,
    ("DELETE", "/v2/apis/{}/stages/{}/accesslogsettings"): _drop_access_log,
    ("DELETE", "/v2/apis/{}/stages/{}/routesettings/{}"): _drop_route_settings,
    ("DELETE", "/v2/apis/{}/routes/{}/requestparameters/{}"): _drop_parameter,
}
