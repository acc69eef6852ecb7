"""API Gateway's reads, in its rest-json wire format: a list is called `item` there.

Dates are epoch seconds; a list ends when its answer has no `position`.
"""

from __future__ import annotations

from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable

from .lanes import Item
from .modelled import as_written, collections, listed
from .refusals import bad_request, no_certificate, no_deployment, no_rest_api, no_stage
from .settings import Ask
from .wire import AwsError

PAGE_LIMIT = 25
PAGE_LIMIT_MAX = 500


def get_rest_apis(ask: Ask) -> Item:
    """GetRestApis."""
    return page(ask, ask.lane.rest_api_count, ask.lane.rest_api)


def get_rest_api(ask: Ask) -> Item:
    """GetRestApi."""
    return ask.lane.rest_api(place_of(ask))


def get_stages(ask: Ask) -> Item:
    """GetStages, which has no paging."""
    stages = ask.lane.stages(place_of(ask))
    deployment_id = ask.params.get("deploymentId")
    if deployment_id is not None:
        stages = [item for item in stages if item.get("deploymentId") == deployment_id]
    return {"item": stages}


def get_apis(ask: Ask) -> Item:
    """GetApis of version 2: the lane's WebSocket APIs, or generated ones."""
    if ask.settings.estate.modelled and not ask.lane.web_socket_apis:
        return listed(collections()["/v2/apis"], (), ask)
    apis = ask.lane.web_socket_apis
    return {"items": [{k: v for k, v in api.items() if k != "stages"} for api in apis]}


def get_v2_stages(ask: Ask) -> Item:
    """GetStages of version 2."""
    if ask.settings.estate.modelled and not ask.lane.web_socket_apis:
        return listed(collections()["/v2/apis/{}/stages"], ("apiId",), ask)
    for api in ask.lane.web_socket_apis:
        if api["apiId"] == ask.params["apiId"]:
            path = f"/v2/apis/{api['apiId']}/stages"
            stages = (as_written(ask, f"{path}/{one['stageName']}", one) for one in api["stages"])
            return {"items": list(stages)}
    raise AwsError(404, "NotFoundException", "Invalid API identifier specified")


def get_stage(ask: Ask) -> Item:
    """GetStage."""
    return stage_of(ask)


def get_deployments(ask: Ask) -> Item:
    """GetDeployments."""
    deployments = [
        {name: value for name, value in item.items() if name != "apiSummary"}
        for item in ask.lane.deployments(place_of(ask))
    ]
    return page(ask, len(deployments), deployments.__getitem__)


def deployment_of(ask: Ask) -> Item:
    """The deployment that was asked for."""
    for deployment in ask.lane.deployments(place_of(ask)):
        if deployment.get("id") == ask.params["deploymentId"]:
            return deployment
    raise no_deployment()


def get_client_certificates(ask: Ask) -> Item:
    """GetClientCertificates."""
    certificates = list(ask.lane.certificates().values())
    return page(ask, len(certificates), certificates.__getitem__)


def get_client_certificate(ask: Ask) -> Item:
    """GetClientCertificate."""
    return certificate_of(ask)


def place_of(ask: Ask) -> int:
    """The place of the REST API that was asked for."""
    rest_api_id = ask.params["restApiId"]
    place = ask.lane.place_of(rest_api_id)
    if place is None:
        raise no_rest_api(ask.call.account, rest_api_id)
    return place


def stage_of(ask: Ask) -> Item:
    """The stage that was asked for."""
    for stage in ask.lane.stages(place_of(ask)):
        if stage.get("stageName") == ask.params["stageName"]:
            return stage
    raise no_stage()


def certificate_of(ask: Ask) -> Item:
    """The client certificate that was asked for."""
    certificate = ask.lane.certificates().get(ask.params["clientCertificateId"])
    if certificate is None:
        raise no_certificate()
    return certificate


def page(ask: Ask, count: int, item_at: Callable[[int], Item]) -> Item:
    """One page of a list of `count` items."""
    position = ask.params.get("position")
    start, announced = (0, False) if position is None else _place(ask, position)
    if "empty-page" in ask.page_faults and not announced:
        return {"item": [], "position": _position(ask, start, announced=True)}
    stop = min(start + _limit(ask), count)
    first = start - 1 if start and "duplicates" in ask.page_faults else start
    answer: Item = {"item": [item_at(place) for place in range(first, stop)]}
    if "repeated-token" in ask.page_faults:
        answer["position"] = position or _position(ask, stop if stop < count else 0)
    elif stop < count:
        answer["position"] = _position(ask, stop)
    return answer


def _limit(ask: Ask) -> int:
    try:
        limit = int(ask.params.get("limit", PAGE_LIMIT))
    except ValueError:
        raise bad_request("Invalid limit specified") from None
    return min(max(limit, 1), PAGE_LIMIT_MAX)


def _position(ask: Ask, start: int, *, announced: bool = False) -> str:
    # The padding of base64 must survive the client's way into a query string.
    text = f"{ask.call.account}/{ask.call.region}/{start}/{'after-empty' if announced else ''}"
    return urlsafe_b64encode(text.encode()).decode()


def _place(ask: Ask, position: str) -> tuple[int, bool]:
    # A position of another lane is refused, so that a client that mixes lanes finds out.
    try:
        account, region, start, mark = urlsafe_b64decode(position).decode().split("/")
        if (account, region) == (ask.call.account, ask.call.region):
            return int(start), bool(mark)
    except ValueError:
        pass
    raise bad_request("Invalid position parameter specified")
