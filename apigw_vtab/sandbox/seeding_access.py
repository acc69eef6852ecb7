"""Puts into a backend how callers reach the declared APIs: domain names, plans, keys, links."""

from __future__ import annotations

import json
from typing import Any

from apigw_vtab.sandbox.documents.domain_names import ROOT
from apigw_vtab.sandbox.estate import AcmCertificate
from apigw_vtab.sandbox.estate_access import (
    AccessAssociation,
    ApiKey,
    DomainName,
    Mapped,
    PlanStage,
    RoutingRule,
    UsagePlan,
    VpcLink,
)
from apigw_vtab.sandbox.ground import Ground
from apigw_vtab.sandbox.seeding_neighbours import acm_arn, add_acm_certificate

API_KEY_LENGTH = 40
API_KEY_ID_LENGTH = 10
OTHERS = "OTHER_ACCOUNTS"


def domain_name_arn(ground: Ground, name: str, owner: str | None = None) -> str:
    """Return the ARN of a private domain name, which has its id in it."""
    account_id, region = owner or ground.where[0], ground.where[1]
    where = f"arn:aws:apigateway:{region}:{account_id}"
    return f"{where}:/domainnames/{name}+{ground.id('domainnames', name)}"


def add_domain_name(ground: Ground, declared: DomainName) -> None:
    """Add a custom domain name, with what its paths lead to."""
    path = ("domainnames", declared.name)
    is_private = declared.endpoint == "PRIVATE"
    endpoint = {"types": [declared.endpoint], "ipAddressType": declared.address_type}
    trust = {"truststoreUri": f"s3://shop-truststores/{declared.name}.pem"}
    certificate = {"certificateArn": acm_arn(ground, declared.name)}
    if not declared.owner:
        # ACM's own are valid for 395 days.
        left = 395 - declared.uploaded % 395
        add_acm_certificate(
            ground, AcmCertificate(declared.name, declared.name, left, age=declared.uploaded)
        )
    item = {
        "domainName": declared.name,
        "domainNameId": ground.id(*path) if is_private else None,
        "domainNameArn": domain_name_arn(ground, declared.name, declared.owner)
        if is_private
        else f"arn:aws:apigateway:{ground.where[1]}::/domainnames/{declared.name}",
        "endpointConfiguration": endpoint,
        "domainNameStatus": declared.status,
        "domainNameStatusMessage": None
        if declared.status == "AVAILABLE"
        else "The certificate has to be imported again.",
        "securityPolicy": declared.security_policy,
        "endpointAccessMode": declared.access_mode,
        "mutualTlsAuthentication": trust if declared.mutual_tls else None,
        "ownershipVerificationCertificateArn": certificate["certificateArn"]
        if declared.mutual_tls
        else None,
        "routingMode": declared.routing,
        "certificateUploadDate": ground.at(declared.uploaded, *path),
        "tags": dict(declared.tags),
        "_owner": declared.owner and OTHERS,
        **_target(ground, declared, certificate),
    }
    ground.add("/domainnames", (), item)
    key = f"{declared.name}+{item['domainNameId']}" if is_private else declared.name
    for mapped in declared.mappings:
        add_mapping(ground, mapped, key)
    for rule in declared.rules:
        add_rule(ground, rule, key)


def _target(ground: Ground, declared: DomainName, certificate: dict[str, str]) -> dict[str, Any]:
    """Return where a domain name's traffic goes, and the certificate that it shows."""
    prefix = f"d-{ground.id('domainnames', declared.name, 'target', length=10)}"
    if declared.endpoint == "EDGE":
        return {
            **certificate,
            "certificateName": declared.name,
            "distributionDomainName": f"{prefix}.cloudfront.net",
            "distributionHostedZoneId": "Z2FDTNDATAQYW2",
        }
    if declared.endpoint == "PRIVATE":
        statement = {"Effect": "Allow", "Principal": "*", "Action": "execute-api:Invoke"}
        text = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
        # It comes escaped once more, as those of REST APIs do.
        policy = json.dumps(text)[1:-1]
        return {**certificate, "policy": policy, "managementPolicy": policy}
    return {
        "regionalDomainName": f"{prefix}.execute-api.{ground.where[1]}.amazonaws.com",
        "regionalHostedZoneId": "Z1UJRXOUMOOFQ8",
        "regionalCertificateArn": certificate["certificateArn"],
        "regionalCertificateName": declared.name,
    }


def add_mapping(ground: Ground, declared: Mapped, domain: str) -> None:
    """Add what a path of a domain name leads to."""
    api = ground.web_api(declared.api) if declared.is_web else ground.rest_api(declared.api)
    item = {
        "apiMappingId": ground.id("domainnames", domain, declared.path),
        "apiMappingKey": None if declared.path == ROOT else declared.path,
        "apiId": api,
        "stage": declared.stage,
    }
    ground.add("/v2/domainnames/{}/apimappings", (domain,), item)


def add_rule(ground: Ground, declared: RoutingRule, domain: str) -> None:
    """Add a routing rule of a domain name."""
    rule_id = ground.id("domainnames", domain, "rule", str(declared.priority))
    conditions: list[dict[str, Any]] = []
    if declared.header:
        header, value = declared.header
        conditions.append({"matchHeaders": {"anyOf": [{"header": header, "valueGlob": value}]}})
    if declared.base_path:
        conditions.append({"matchBasePaths": {"anyOf": [declared.base_path]}})
    action = {"apiId": ground.rest_api(declared.api), "stage": declared.stage}
    item = {
        "routingRuleId": rule_id,
        "routingRuleArn": ground.arn("apigateway", f"/domainnames/{domain}/routingrules/{rule_id}"),
        "priority": declared.priority,
        "conditions": conditions,
        "actions": [{"invokeApi": {**action, "stripBasePath": bool(declared.base_path)}}],
    }
    ground.add("/v2/domainnames/{}/routingrules", (domain,), item)


def add_association(ground: Ground, declared: AccessAssociation) -> None:
    """Add a VPC endpoint that may reach a private domain name."""
    account_id, region = declared.owner or ground.where[0], ground.where[1]
    path = f"domainname/{declared.domain_name}/vpcesource/{declared.vpc_endpoint}"
    item = {
        "domainNameAccessAssociationArn": f"arn:aws:apigateway:{region}:{account_id}:"
        f"/domainnameaccessassociations/{path}",
        "domainNameArn": domain_name_arn(ground, declared.domain_name, declared.owner),
        "accessAssociationSource": declared.vpc_endpoint,
        "accessAssociationSourceType": "VPCE",
        "tags": dict(declared.tags),
        "_owner": declared.owner and OTHERS,
    }
    ground.add("/domainnameaccessassociations", (), item)


def key_id(ground: Ground, name: str) -> str:
    """Return the id of an API key."""
    return ground.id("apikeys", name, length=API_KEY_ID_LENGTH)


def add_key(ground: Ground, declared: ApiKey) -> None:
    """Add an API key; its value is made up, and good for nothing."""
    item = {
        "id": key_id(ground, declared.name),
        "value": f"NOT-A-REAL-KEY-{ground.id('apikeys', declared.name, 'value', length=25)}",
        "name": declared.name,
        "customerId": declared.customer,
        "description": declared.description,
        "enabled": declared.enabled,
        "stageKeys": [f"{ground.rest_api(one.api)}/{one.stage}" for one in declared.stages],
        "createdDate": ground.at(declared.created, "apikeys", declared.name),
        "lastUpdatedDate": ground.at(declared.updated, "apikeys", declared.name),
        "tags": dict(declared.tags),
    }
    ground.add("/apikeys", (), item)


def add_plan(ground: Ground, declared: UsagePlan) -> None:
    """Add a usage plan with its stages and keys."""
    plan_id = ground.id("usageplans", declared.name)
    limit, period = declared.quota or (None, None)
    throttle = {"rateLimit": declared.rate, "burstLimit": declared.burst}
    item = {
        "id": plan_id,
        "name": declared.name,
        "description": declared.description,
        "apiStages": [plan_stage(ground, one) for one in declared.stages],
        "throttle": throttle if declared.rate else None,
        "quota": {"limit": limit, "offset": 0, "period": period} if limit else None,
        "productCode": declared.product,
        "tags": dict(declared.tags),
    }
    ground.add("/usageplans", (), item)
    values = {one["id"]: one for one in ground.backend.documents.at("/apikeys")}
    for name in declared.keys:
        key = values[key_id(ground, name)]
        member = {"id": key["id"], "type": "API_KEY", "name": name, "value": key["value"]}
        ground.add("/usageplans/{}/keys", (plan_id,), member)


def plan_stage(ground: Ground, declared: PlanStage) -> dict[str, Any]:
    """Return a stage of a usage plan as AWS lists it."""
    throttle = {
        method: {"rateLimit": float(rate), "burstLimit": 2 * rate}
        for method, rate in declared.methods.items()
    }
    stage = {"apiId": ground.rest_api(declared.api), "stage": declared.stage}
    return {**stage, "throttle": throttle} if throttle else stage


def add_link(ground: Ground, declared: VpcLink) -> None:
    """Add a link of REST APIs to a network load balancer."""
    balancer = f"loadbalancer/net/{declared.balancer}/{ground.id(declared.balancer, length=16)}"
    item = {
        "id": ground.id("vpclinks", declared.name),
        "name": declared.name,
        "description": declared.description,
        "targetArns": [ground.arn("elasticloadbalancing", balancer)],
        "status": declared.status,
        "statusMessage": declared.message,
        "tags": dict(declared.tags),
    }
    ground.add("/vpclinks", (), item)
