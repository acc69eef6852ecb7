"""Tags of API Gateway's resources, which both versions read and write by ARN.

https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-tagging-supported-resources.html
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from moto.apigateway.exceptions import BadRequestException

from apigw_vtab.sandbox.documents.documents import Place, RegionBackend, key_of
from apigw_vtab.sandbox.documents.kinds import KINDS
from apigw_vtab.sandbox.errors import DocumentNotFound

ARN = re.compile(
    r"arn:[a-z-]+:apigateway:(?P<region>[a-z0-9-]+):(?P<account>\d{12})?:/(?P<path>.+)"
)
# "Tag restrictions" of the Developer Guide.
MOST_TAGS, LONGEST_KEY, LONGEST_VALUE = 50, 128, 256
RESERVED = "aws:"


def tags_of(backend: RegionBackend, arn: str) -> dict[str, str]:
    """Return the tags of a resource; changing them changes the resource's.

    Raises BadRequestException for what is no ARN of this account and region, and the
    NotFoundException of what does not exist.
    """
    match = ARN.fullmatch(arn)
    is_here = match and match["region"] == backend.region_name
    if not match or not is_here or match["account"] not in (None, backend.account_id):
        raise BadRequestException("Invalid ARN specified in the request")
    words = match["path"].split("/")
    if words[0] == "restapis" and len(words) == 2:
        return _held(backend.get_rest_api(words[1]))
    if words[0] == "restapis" and len(words) == 4 and words[2] == "stages":
        return _held(backend.get_stage(words[1], words[3]))
    if words[0] == "clientcertificates" and len(words) == 2:
        return _held(backend.get_client_certificate(words[1]))
    return _of_document(backend, words)


def _held(resource: Any) -> dict[str, str]:
    tags: dict[str, str] = resource.tags or {}
    resource.tags = tags
    return tags


def _of_document(backend: RegionBackend, words: Sequence[str]) -> dict[str, str]:
    *parents, key = words[1::2]
    template = "/" + "/{}/".join(words[::2])
    for candidate in (template, f"/v2{template}"):
        if len(words) % 2 or candidate not in KINDS:
            continue
        place = Place(candidate, tuple(parents))
        for item in backend.documents.at(place.path):
            if key_of(place.kind, item) == key:
                tags: dict[str, str] = item.setdefault("tags", {})
                return tags
    raise DocumentNotFound(template)


def tag(backend: RegionBackend, arn: str, new: Mapping[str, Any]) -> None:
    """Add tags to a resource, or change them. Raises BadRequestException for what AWS refuses."""
    tags = tags_of(backend, arn)
    for name, value in new.items():
        if name.lower().startswith(RESERVED):
            raise BadRequestException(f"aws: prefixed tag key names are not allowed: {name}")
        if not 1 <= len(name) <= LONGEST_KEY or len(str(value)) > LONGEST_VALUE:
            raise BadRequestException(f"Invalid tag specified: {name}")
    if len({**tags, **new}) > MOST_TAGS:
        raise BadRequestException(f"A resource can have {MOST_TAGS} tags at most")
    tags.update(new)


def untag(backend: RegionBackend, arn: str, names: Sequence[str]) -> None:
    """Take tags from a resource; one that it does not have is no error."""
    tags = tags_of(backend, arn)
    if any(name.lower().startswith(RESERVED) for name in names):
        raise BadRequestException("aws: prefixed tag key names are not allowed")
    for name in names:
        tags.pop(name, None)
