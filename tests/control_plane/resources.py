"""The working copy of a REST API, and what its deployments published of it.

A list of resources is a page like any other. Without `embed=methods` a method is an empty object,
and without `embed=apisummary` a deployment does not tell what it published.
"""

from __future__ import annotations

from collections.abc import Iterable

from .lanes import Item
from .modelled import as_written, collections, listed
from .reads import deployment_of, page, place_of
from .settings import Ask


def get_resources(ask: Ask) -> Item:
    """GetResources."""
    if ask.settings.estate.modelled:
        return listed(collections()["/restapis/{}/resources"], ("restApiId",), ask)
    path = f"/restapis/{ask.params['restApiId']}/resources"
    resources = [
        as_written(ask, f"{path}/{one['id']}", one) for one in ask.lane.resources(place_of(ask))
    ]
    if ask.params.get("embed") != "methods":
        resources = [
            {**item, "resourceMethods": {verb: {} for verb in item["resourceMethods"]}}
            if "resourceMethods" in item
            else item
            for item in resources
        ]
    return page(ask, len(resources), resources.__getitem__)


def get_deployment(ask: Ask) -> Item:
    """GetDeployment: what is not declared was published as the working copy is."""
    deployment = dict(deployment_of(ask))
    published = deployment.pop("apiSummary", summary_of(ask.lane.resources(place_of(ask))))
    if ask.params.get("embed") == "apisummary" and published is not None:
        deployment["apiSummary"] = published
    return deployment


def summary_of(resources: Iterable[Item]) -> Item:
    """What a deployment of these resources tells of them."""
    told = ("authorizationType", "apiKeyRequired")
    return {
        resource["path"]: {
            verb: {name: method[name] for name in told if name in method}
            for verb, method in resource["resourceMethods"].items()
        }
        for resource in resources
        if resource.get("resourceMethods")
    }
