"""The resources that the sandbox keeps as plain documents: members as they travel, by collection.

One reading of botocore's model serves them all: a collection is listed page by page, and an item
is created, read, patched and deleted, in version 1's manner or in version 2's.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from moto.apigateway.exceptions import BadRequestException

from apigw_vtab.sandbox.documents import domain_names
from apigw_vtab.sandbox.documents.checks import CHECKS
from apigw_vtab.sandbox.documents.defaults import (
    auto_deployed,
    completed,
    gateway_responses,
    redeployed,
)
from apigw_vtab.sandbox.documents.kinds import KINDS, DocumentKind
from apigw_vtab.sandbox.documents.patches import check_values, patched
from apigw_vtab.sandbox.documents.store import Item, Store, date
from apigw_vtab.sandbox.errors import AlreadyExists, DocumentNotFound
from apigw_vtab.sandbox.routes import Asked, wire_members
from apigw_vtab.sandbox.wire import new_id

SELF = "SELF"
# A member that says whose an item is, for what other accounts share; it is never sent.
OWNER = "_owner"
SECRET = {"/apikeys": ("includeValues", "includeValue")}


class RegionBackend(Protocol):
    """API Gateway in one account and region: its documents, and the resources that are none."""

    account_id: str
    region_name: str
    documents: Documents

    def get_rest_api(self, function_id: str) -> Any:
        """Return a REST API, or raise what AWS answers."""

    def get_stage(self, function_id: str, stage_name: str) -> Any:
        """Return a stage of a REST API, or raise what AWS answers."""

    def get_client_certificate(self, certificate_id: str) -> Any:
        """Return a client certificate, or raise what AWS answers."""


@dataclass(frozen=True)
class Place:
    """A collection by its template and the keys of what it belongs to."""

    template: str
    parents: tuple[str, ...] = ()

    @property
    def path(self) -> str:
        """The path of the collection itself."""
        return self.template.replace("{}", "%s") % self.parents

    @property
    def kind(self) -> DocumentKind:
        """What is declared about the collection."""
        return KINDS[self.template]

    @property
    def above(self) -> tuple[Place, str] | None:
        """The collection that has this one's parent, and the parent's key there."""
        if not self.parents:
            return None
        *_, key = self.parents
        return Place(self.template.rpartition("/{}")[0], self.parents[:-1]), key


def key_of(kind: DocumentKind, item: Mapping[str, Any]) -> str:
    """Return what tells an item apart in its collection."""
    second = item.get(kind.second)
    return f"{item[kind.key]}+{second}" if second else str(item[kind.key])


class Documents(Store):
    """All documents of one account and region."""

    def items(self, place: Place) -> list[Item]:
        """Return the items of a collection, whoever owns them. Raises what AWS answers instead."""
        self.check_parent(place)
        if place.template == "/restapis/{}/gatewayresponses":
            return gateway_responses(self.stored.get(place.path, ()))
        view = domain_names.VIEWS.get(place.template)
        if view:
            return [view.outward(one) for one in self._behind(place) if view.shows(one)]
        return list(self.stored.get(place.path, ()))

    def item(self, place: Place, key: str) -> Item:
        """Return one item. Raises DocumentNotFound."""
        for item in self.items(place):
            if key_of(place.kind, item) == key:
                return item
        raise DocumentNotFound(place.template)

    def check_parent(self, place: Place) -> None:
        """Raise what AWS answers where the parent of a collection does not exist."""
        above = place.above
        if above is None:
            return
        parents, key = above
        if parents.template == "/restapis":
            self.find_api(key)
            return
        parent = self.item(parents, key)
        if parents.template.endswith("/domainnames"):
            domain_names.check_reach(parents.template, parent, self.principal)

    def create(self, place: Place, asked: Asked, body: Mapping[str, Any]) -> Item:
        """Create an item from a request's body, with what AWS adds to it."""
        self.check_parent(place)
        kind, output = place.kind, wire_members(asked.operation.output_shape)
        check_values(asked.operation.input_shape, body, "")
        item = {
            kind.renames.get(name, name): value
            for name, value in body.items()
            if kind.renames.get(name, name) in output
        }
        if kind.id_length:
            taken = [str(one[kind.key]) for one in self.items(place)]
            item[kind.key] = new_id(kind.id_length, taken)
        item = completed(self, place.template, place.parents, item)
        if any(key_of(kind, one) == key_of(kind, item) for one in self.items(place)):
            raise AlreadyExists(place.template)
        self._check(place, item, body)
        view = domain_names.VIEWS.get(place.template)
        self._behind(place).append(view.inward(item, {}) if view else item)
        redeployed(self, place.template, place.parents)
        return item

    def put(self, place: Place, key: str, body: Mapping[str, Any]) -> Item:
        """Create or replace the item of this key, as PutGatewayResponse does."""
        self.check_parent(place)
        item = {**body, place.kind.key: key}
        self._behind(place)[:] = [o for o in self._behind(place) if o[place.kind.key] != key]
        self._behind(place).append(item)
        return self.item(place, key)

    def update(self, place: Place, key: str, asked: Asked, body: Mapping[str, Any]) -> Item:
        """Update an item by patch operations or, in version 2, by the members of the body."""
        before, kind = self.item(place, key), place.kind
        if asked.version == 1:
            fixed = (kind.key, kind.second, "id", "tags", *kind.dates)
            shape = asked.operation.output_shape
            after = patched(before, body.get("patchOperations") or (), shape, fixed)
            changes: Mapping[str, Any] = {n: v for n, v in after.items() if before.get(n) != v}
        else:
            check_values(asked.operation.input_shape, body, "")
            output = wire_members(asked.operation.output_shape)
            changes = {name: value for name, value in body.items() if name in output}
            after = {n: v for n, v in {**before, **changes}.items() if v not in (None, "")}
        self._check(place, after, changes)
        if "lastUpdatedDate" in kind.dates:
            after["lastUpdatedDate"] = date(asked.version)
        self._replace(place, key, auto_deployed(self, place.template, place.parents, before, after))
        redeployed(self, place.template, place.parents)
        return self.item(place, key)

    def delete(self, place: Place, key: str) -> None:
        """Delete an item, with all that belongs to it."""
        self.item(place, key)
        self._replace(place, key, None)
        self.forget(f"{place.path}/{key}")
        redeployed(self, place.template, place.parents)

    def forget(self, path: str) -> None:
        """Drop what belongs to the resource at a path."""
        for inner in [one for one in self.stored if one.startswith(f"{path}/")]:
            del self.stored[inner]

    def _check(self, place: Place, item: Item, changes: Mapping[str, Any]) -> None:
        check = CHECKS.get(place.template)
        if check:
            check(self, place.parents, item, changes)

    def _behind(self, place: Place) -> list[Item]:
        """Return the list that a collection's items are stored in."""
        view = domain_names.VIEWS.get(place.template)
        path = Place(view.stored_in, place.parents).path if view else place.path
        return self.stored.setdefault(path, [])

    def _replace(self, place: Place, key: str, item: Item | None) -> None:
        behind, view = self._behind(place), domain_names.VIEWS.get(place.template)
        for number, one in enumerate(behind):
            shown = view.outward(one) if view else one
            if key_of(place.kind, shown) == key:
                # The same dictionary stays: what belongs to a parent may be in others' hands.
                new = view.inward(item, one) if view and item is not None else item
                behind[number : number + 1] = [] if new is None else [new]
                return
        if item is not None:
            raise BadRequestException("Invalid identifier specified")
