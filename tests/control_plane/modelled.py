"""Every read operation of both versions of API Gateway, answered from botocore's model.

Items are generated: each member that the model has, the same each time, some of them absent. A
parent that is not in its own list is a 404. So a new table can be tested the day it is declared.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import botocore.session
from botocore.model import OperationModel, Shape

from .generated import generated, text
from .lanes import Item
from .refusals import bad_request, denied, no_rest_api
from .settings import Ask
from .wire import AwsError

SESSION = botocore.session.get_session()
# Blobs, or of no use without a resource's ARN.
LEFT_OUT = frozenset(
    ("GetExport", "GetSdk", "GetTags", "GetUsage", "ExportApi", "GetModelTemplate")
)
# What identifies an item of version 1 that has no id; version 2's have a member of their own.
KEYS = {
    "/restapis/{}/models": "name",
    "/restapis/{}/gatewayresponses": "responseType",
    "/restapis/{}/documentation/versions": "version",
    "/domainnames": "domainName",
    "/domainnames/{}/basepathmappings": "basePath",
    "/domainnameaccessassociations": "domainNameAccessAssociationArn",
    "/v2/portals": "portalId",
    "/v2/portalproducts": "portalProductId",
}
PRIVATE, SHARED, EDGE = "private.internal", "shared.internal", "edge.example.com"
OTHERS = "OTHER_ACCOUNTS"
VERBS = (("GET", "POST"), ("ANY",), ())
Handler = Callable[[Ask], dict[str, Any]]


@dataclass(frozen=True, eq=False)
class Collection:
    """A list operation: its path, the shape of its items, and its members on the wire."""

    path: str
    shape: Shape
    items: str
    token: str | None
    key: str

    @property
    def parent(self) -> str:
        """The path of the collection that an item of this one belongs to; empty for none."""
        return self.path.rpartition("/{}")[0]


def modelled_operations() -> list[tuple[str, str, str, Handler]]:
    """Method, path with boto3's names, name and handler of each read operation."""
    found = []
    for service in ("apigateway", "apigatewayv2"):
        for operation in _reads(service):
            found.append(("GET", _named_path(operation), _name(operation), _handler(operation)))
    return found


def _reads(service: str) -> list[OperationModel]:
    model = SESSION.get_service_model(service)
    return [
        model.operation_model(name)
        for name in model.operation_names
        if name.startswith(("Get", "List")) and name not in LEFT_OUT
    ]


def _name(operation: OperationModel) -> str:
    """The operation's name; that of version 2 has a mark where version 1 has one, too."""
    v1 = SESSION.get_service_model("apigateway").operation_names
    is_v2 = operation.service_model.service_name == "apigatewayv2"
    return f"{operation.name}V2" if is_v2 and operation.name in v1 else str(operation.name)


def _labels(operation: OperationModel) -> dict[str, str]:
    """The names in the path, each with boto3's."""
    shape = operation.input_shape
    members = shape.members.items() if shape else ()
    return {
        member.serialization["name"]: name
        for name, member in members
        if member.serialization.get("location") == "uri"
    }


def _named_path(operation: OperationModel) -> str:
    labels = _labels(operation)
    path = operation.http["requestUri"]
    return re.sub(r"{([\w-]+)}", lambda match: f"{{{labels[match[1]]}}}", path)


def _bare(path: str) -> str:
    return re.sub(r"{[\w-]+}", "{}", path)


def _wire(name: str, shape: Shape) -> str:
    return str(shape.serialization.get("name", name))


@functools.cache
def collections() -> Mapping[str, Collection]:
    """The list operations by path."""
    found = {}
    for service in ("apigateway", "apigatewayv2"):
        for operation in _reads(service):
            members = operation.output_shape.members if operation.output_shape else {}
            lists = [
                (name, member)
                for name, member in members.items()
                if member.type_name == "list" and member.member.type_name == "structure"
            ]
            tokens = [name for name in members if name in ("position", "NextToken")]
            path = _bare(operation.http["requestUri"])
            if len(lists) == 1 and not path.endswith("{}"):
                (name, member) = lists[0]
                token = _wire(tokens[0], members[tokens[0]]) if tokens else None
                key = KEYS.get(path) or _key(service, path)
                found[path] = Collection(path, member.member, _wire(name, member), token, key)
    return found


def _key(service: str, path: str) -> str:
    if service == "apigateway":
        return "id"
    last = [
        operation.http["requestUri"]
        for operation in _reads(service)
        if _bare(operation.http["requestUri"]) == f"{path}/{{}}"
    ]
    return last[0].rpartition("{")[2][:-1] if last else ""


def _handler(operation: OperationModel) -> Handler:
    path = _bare(operation.http["requestUri"])
    names = _labels(operation)
    labels = [names[name] for name in re.findall(r"{([\w-]+)}", operation.http["requestUri"])]
    if path in collections():
        return functools.partial(listed, collections()[path], labels)
    if path.rpartition("/")[0] in collections():
        return functools.partial(_get, collections()[path.rpartition("/")[0]], labels)
    if "/resources/{}/methods" in path:
        return functools.partial(_inside_resource, path, labels)
    return functools.partial(_single, operation, labels)


def listed(collection: Collection, labels: Sequence[str], ask: Ask) -> dict[str, Any]:
    """A page of a list; `labels` are the names of the parents' keys."""
    items = items_of(ask, collection, [ask.params[name] for name in labels])
    if collection.token is None:
        return {collection.items: items}
    size = int(ask.params.get("limit") or ask.params.get("maxResults") or 25)
    start = int(ask.params.get(collection.token) or 0)
    answer: dict[str, Any] = {collection.items: items[start : start + size]}
    if start + size < len(items):
        answer[collection.token] = str(start + size)
    return answer


def _get(collection: Collection, labels: Sequence[str], ask: Ask) -> dict[str, Any]:
    *parents, key = (ask.params[name] for name in labels)
    for item in items_of(ask, collection, parents):
        if item[collection.key] == key:
            return item
    raise _missing(key)


def _single(operation: OperationModel, labels: Sequence[str], ask: Ask) -> dict[str, Any]:
    seed = (ask.call.account, ask.call.region, operation.name, *(ask.params[n] for n in labels))
    made: dict[str, Any] = generated(operation.output_shape, seed)
    return ask.lane.changed.get(operation.http["requestUri"], made)


def items_of(ask: Ask, collection: Collection, parents: Sequence[str]) -> list[Item]:
    """The items of a collection. Raises AwsError where the parent does not exist."""
    _check_parent(ask, collection, parents)
    count = ask.settings.estate.modelled
    if collection.path in ("/domainnames", "/v2/domainnames"):
        return _domain_names(ask, collection)
    owner = ask.params.get("resourceOwner") or "SELF"
    seed = (ask.call.account, ask.call.region, collection.path, *parents)
    if "domainNameId" in ask.params:
        seed += (ask.params["domainNameId"],)
    if owner == OTHERS:
        seed += (owner,)
    if collection.path.endswith("gatewayresponses"):
        count = 21 if count else 0
    made = [
        _finished(ask, collection, number, generated(collection.shape, (*seed, number)), seed)
        for number in range(count)
    ]
    return [as_written(ask, path_of(collection, parents, item), item) for item in made]


def path_of(collection: Collection, parents: Sequence[str], item: Item) -> str:
    """The path of one resource, as its ARN ends in."""
    path = f"{collection.path.replace('{}', '%s') % tuple(parents)}/{item[collection.key]}"
    private_id = item.get("domainNameId")
    return f"{path}+{private_id}" if private_id and collection.path == "/domainnames" else path


def as_written(ask: Ask, path: str, item: Item) -> Item:
    """A resource as it was written last, with its methods, if it has any."""
    item = ask.lane.changed.get(path, item)
    methods = item.get("resourceMethods")
    if not methods or not all(methods.values()):
        return item
    written = {
        verb: ask.lane.changed.get(f"{path}/methods/{verb}", method)
        for verb, method in methods.items()
    }
    return {**item, "resourceMethods": written}


def _finished(
    ask: Ask, collection: Collection, number: int, item: Item, seed: tuple[object, ...]
) -> Item:
    """An item with a key of its own, and what the generator cannot know."""
    item[collection.key] = _key_of(collection, number, seed)
    wants = ask.params.get("includeValues", ask.params.get("includeValue"))
    if collection.path == "/apikeys" and wants != "true":
        item.pop("value", None)
    elif collection.path in ("/apikeys", "/usageplans/{}/keys"):
        item["value"] = text("secret", (*seed, number))
    elif collection.path == "/restapis/{}/resources":
        verbs = VERBS[number % len(VERBS)]
        item.pop("resourceMethods", None)
        if verbs and "methods" in str(ask.params.get("embed", "")):
            item["resourceMethods"] = {verb: _method(verb, (*seed, number)) for verb in verbs}
        elif verbs:
            item["resourceMethods"] = {verb: {} for verb in verbs}
    elif collection.path == "/usageplans":
        item["apiStages"] = [
            {"apiId": f"api{place}", "stage": "prod", "throttle": {"/a/GET": {"burstLimit": place}}}
            for place in range(number)
        ]
    return item


def _key_of(collection: Collection, number: int, seed: tuple[object, ...]) -> str:
    if collection.path.endswith("gatewayresponses"):
        return str(collection.shape.members["responseType"].enum[number])
    if collection.path.endswith(("/stages", "/basepathmappings")):
        first = "$default" if collection.path.endswith("/stages") else "(none)"
        return first if number == 0 else f"v{number}"
    return text("", (*seed, number, "key"))


def _method(verb: str, seed: tuple[object, ...]) -> Item:
    shape = SESSION.get_service_model("apigateway").shape_for("Method")
    item: Item = generated(shape, (*seed, verb), whole=True)
    item["httpMethod"] = verb
    codes = ("200", "404")
    item["methodResponses"] = {
        code: {**next(iter(item["methodResponses"].values())), "statusCode": code} for code in codes
    }
    inner = item["methodIntegration"]
    inner["integrationResponses"] = {
        code: {**next(iter(inner["integrationResponses"].values())), "statusCode": code}
        for code in codes[:1]
    }
    if verb == "POST":
        # A method that nothing answers yet.
        del item["methodIntegration"]
    return item


def _inside_resource(path: str, labels: Sequence[str], ask: Ask) -> dict[str, Any]:
    """GetMethod, GetIntegration and those of their responses: parts of a resource."""
    api, resource, verb, *code = (ask.params[name] for name in labels)
    collection = collections()["/restapis/{}/resources"]
    call = replace(ask.call, params={**ask.params, "embed": "methods"})
    for item in items_of(replace(ask, call=call), collection, [api]):
        found: Any = item.get("resourceMethods", {}).get(verb) if item["id"] == resource else None
        if found and "/integration" in path:
            found = found.get("methodIntegration")
        if found and code:
            name = "integrationResponses" if "/integration" in path else "methodResponses"
            found = found.get(name, {}).get(code[0])
        if found:
            return dict(found)
    raise _missing(verb)


def _domain_names(ask: Ask, collection: Collection) -> list[Item]:
    """Domain names of every kind: version 2 knows no private ones."""
    declared = ask.lane.v2_domain_names if "/v2" in collection.path else ask.lane.domain_names
    if declared or not ask.settings.estate.modelled:
        return declared if ask.params.get("resourceOwner") != OTHERS else []
    is_v2 = collection.path.startswith("/v2")
    names = [("api.example.com", ""), ("*.wild.example.com", ""), (EDGE, "")]
    if not is_v2:
        names += [(PRIVATE, "first1"), (PRIVATE, "second")]
    if ask.params.get("resourceOwner") == OTHERS:
        names = [(SHARED, "shared")]
    made = []
    for name, private_id in names:
        seed = (ask.call.account, ask.call.region, collection.path, name, private_id)
        item = {**generated(collection.shape, seed), "domainName": name}
        for absent in ("domainNameId", "domainNameArn"):
            item.pop(absent, None)
        if private_id:
            item["domainNameId"] = private_id
            where = f"{ask.call.region}:{ask.call.account}"
            item["domainNameArn"] = f"arn:aws:apigateway:{where}:/domainnames/{name}+{private_id}"
        kind = "EDGE" if name == EDGE else "REGIONAL"
        if is_v2:
            item["domainNameConfigurations"] = [{"endpointType": kind}]
        else:
            kinds = ["PRIVATE"] if private_id else [kind]
            item["endpointConfiguration"] = {"types": kinds, "ipAddressType": "ipv4"}
        made.append(as_written(ask, path_of(collection, (), item), item))
    return made


def _check_parent(ask: Ask, collection: Collection, parents: Sequence[str]) -> None:
    if not parents:
        return
    above = collection.parent
    if above == "/restapis":
        if ask.lane.place_of(parents[0]) is None:
            raise no_rest_api(ask.call.account, parents[0])
        return
    name, private_id = parents[0], ask.params.get("domainNameId")
    if name == SHARED:
        raise denied("apigateway", ask.call.principal, "apigateway:GET", f"/domainnames/{name}")
    if name == PRIVATE and private_id is None:
        raise bad_request("A private custom domain name needs its id")
    if above == "/v2/domainnames" and name == EDGE:
        message = "Only REGIONAL domain names can be managed through the API Gateway V2 API."
        raise bad_request(message)
    # Version 2 lists no private domain names, and knows what belongs to them.
    source = collections()["/domainnames" if private_id else above]
    if all(item[source.key] != parents[-1] for item in items_of(ask, source, parents[:-1])):
        raise _missing(parents[-1])


def _missing(key: str) -> AwsError:
    return AwsError(404, "NotFoundException", f"Invalid identifier specified: {key}")
