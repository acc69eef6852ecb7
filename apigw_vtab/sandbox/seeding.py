"""Puts a declared estate into a server's backends, with the same result every time."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from apigw_vtab.sandbox.client_certificates import ClientCertificate
from apigw_vtab.sandbox.estate import Certificate, SandboxRegion
from apigw_vtab.sandbox.gateway import GatewayBackends
from apigw_vtab.sandbox.ground import Ground, moment
from apigw_vtab.sandbox.seeding_access import (
    add_association,
    add_domain_name,
    add_key,
    add_link,
    add_plan,
)
from apigw_vtab.sandbox.seeding_neighbours import add_acm_certificate, add_web_acl
from apigw_vtab.sandbox.seeding_rest import add_api
from apigw_vtab.sandbox.seeding_web import add_portal, add_product, add_web_api, add_web_link


def populate(backends: GatewayBackends, lanes: Iterable[SandboxRegion], today: date) -> None:
    """Add all that is declared of every account and region to its backend."""
    for lane in lanes:
        ground = Ground(backends[lane.account.id, lane.region], today)
        add_apis(ground, lane)
        add_access(ground, lane)
        for product in lane.portal_products:
            add_product(ground, product)
        for portal in lane.portals:
            add_portal(ground, portal)
        if lane.log_role:
            ground.backend.documents.account["cloudwatchRoleArn"] = ground.role(lane.log_role)


def add_apis(ground: Ground, lane: SandboxRegion) -> None:
    """Add the APIs of both versions, and the certificates and links that they use."""
    for certificate in lane.certificates:
        add_certificate(ground, certificate)
    for acm in lane.acm_certificates:
        add_acm_certificate(ground, acm)
    for api in lane.apis:
        add_api(ground, api)
        if any(stage.web_acl for stage in api.stages):
            add_web_acl(ground)
    for web_api in lane.web_apis:
        add_web_api(ground, web_api)
    for link in lane.vpc_links:
        add_link(ground, link)
    for web_link in lane.web_vpc_links:
        add_web_link(ground, web_link)


def add_access(ground: Ground, lane: SandboxRegion) -> None:
    """Add how callers reach the APIs."""
    for name in lane.domain_names:
        add_domain_name(ground, name)
    for association in lane.associations:
        add_association(ground, association)
    for key in lane.api_keys:
        add_key(ground, key)
    for plan in lane.usage_plans:
        add_plan(ground, plan)


def add_certificate(ground: Ground, declared: Certificate) -> None:
    """Add a client certificate that was generated `age` days ago."""
    path = (*ground.where, "clientcertificates", declared.label)
    certificate = ClientCertificate(
        id=ground.certificate(declared.label),
        created=moment(ground.today, declared.age, *path),
        description=declared.description,
        tags=dict(declared.tags),
    )
    ground.backend.client_certificates[certificate.id] = certificate
