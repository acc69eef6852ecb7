"""API Gateway's TagResource and UntagResource, of both versions: a resource is named by its ARN."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from functools import partial
from typing import NamedTuple

from . import reads
from .lanes import Item, ServedLane
from .modelled import Collection, collections, items_of, path_of
from .refusals import bad_request
from .settings import Ask
from .wire import AwsError


class Tagged(NamedTuple):
    """A resource that has tags, and how it is written."""

    item: Item
    write: Callable[[Item], None]


def tag_resource(ask: Ask) -> Item:
    """TagResource: tags that have another value are replaced."""
    tagged = _tagged(ask)
    given = ask.params.get("tags", {})
    _check(given)
    tagged.write({**tagged.item, "tags": {**tagged.item.get("tags", {}), **given}})
    return {}


def untag_resource(ask: Ask) -> Item:
    """UntagResource: keys that are not there are no error."""
    tagged = _tagged(ask)
    keys = ask.params.get("tagKeys", [])
    gone = {keys} if isinstance(keys, str) else set(keys)
    _check(gone)
    left = {key: value for key, value in tagged.item.get("tags", {}).items() if key not in gone}
    tagged.write({**tagged.item, "tags": left})
    return {}


def _check(keys: Iterable[str]) -> None:
    if any(key.lower().startswith("aws:") for key in keys):
        raise bad_request("aws: prefixed tag key names are not allowed for external use.")


def _tagged(ask: Ask) -> Tagged:
    """The resource with the ARN. Raises AwsError where there is none."""
    arn, lane = ask.params["resourceArn"], ask.lane
    for found in (_of_lane(arn.split(":", 5)[-1].split("/")[1:], lane), _modelled(arn, ask)):
        if found is not None:
            return found
    raise AwsError(404, "NotFoundException", f"Invalid resource ARN: {arn}")


def _of_lane(words: list[str], lane: ServedLane) -> Tagged | None:
    """A REST API, a stage of one or a client certificate."""
    if words[:1] == ["clientcertificates"]:
        certificate = lane.certificates().get(words[1])
        return Tagged(certificate, lane.write_certificate) if certificate else None
    place = lane.place_of(words[1]) if words[:1] == ["restapis"] else None
    if place is None:
        return None
    if len(words) == 2:
        return Tagged(lane.rest_api(place), lambda item: lane.write_rest_api(place, item))
    for stage in lane.stages(place):
        if words[2:] == ["stages", stage["stageName"]]:
            return Tagged(stage, lambda item: lane.write_stage(place, item))
    return None


def _modelled(arn: str, ask: Ask) -> Tagged | None:
    """A resource of any other kind: it has the ARN as a member, or at the end of the path."""
    path = arn.split(":", 5)[-1]
    for place, item in _candidates(ask, path):
        if place.removeprefix("/v2") == path or arn in item.values():
            return Tagged(item, partial(ask.lane.changed.__setitem__, place))
    return None


def _candidates(ask: Ask, path: str) -> Iterator[tuple[str, Item]]:
    """The path and the item of all that can have tags, of the version that was asked."""
    is_v2 = ask.call.operation.endswith("V2")
    for collection in collections().values():
        if collection.path.startswith("/v2") is is_v2 and "tags" in _members(collection):
            for parents in _parents(collection, path):
                if collection.path == "/v2/apis/{}/stages":
                    api = _with(ask, apiId=parents[0])
                    items = reads.get_v2_stages(api)["items"]
                else:
                    items = items_of(ask, collection, parents)
                yield from ((path_of(collection, parents, item), item) for item in items)


def _members(collection: Collection) -> set[str]:
    return {name.lower() for name in collection.shape.members}


def _parents(collection: Collection, path: str) -> list[list[str]]:
    """The parents' keys in a path, where the path is one of the collection; else none."""
    words, template = path.split("/"), collection.path.removeprefix("/v2").split("/")
    if "{}" not in template:
        return [[]]
    if len(words) != len(template) + 1:
        return []
    pairs = list(zip(template, words, strict=False))
    if any(step not in ("{}", word) for step, word in pairs):
        return []
    return [[word for step, word in pairs if step == "{}"]]


def _with(ask: Ask, **params: str) -> Ask:
    return replace(ask, call=replace(ask.call, params={**ask.params, **params}))
