"""AWS's services as quotas and IAM know them: boto3 has two where AWS has one.

A service that is not declared here is called at a careful pace of its own, and its IAM actions
begin with the name that its calls are signed for, from botocore's model.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from apigw_vtab.tables.model import service_model


@dataclass(frozen=True)
class RateQuota:
    """How many calls a second AWS lets through in an account and region.

    AWS's bucket holds `burst` of them; where it does not say so, no second may have more.
    """

    rate: float
    burst: float | None = None


@dataclass(frozen=True, eq=False)
class Service:
    """A service: the prefix of its IAM actions, and its quotas.

    `shared` is one quota for all its operations together, `each` one for every operation, and
    `other` the operations with another one. Without any, its quotas are ample. `methods` are the
    HTTP methods that IAM's actions are called after, by the verb that an operation begins with, and
    `other_methods` those of an operation of one of boto3's services; `own_actions` finds the
    operations whose actions have their own names nevertheless. `is_regional` says that what is
    missing in one region is missing from nothing elsewhere.
    """

    name: str
    shared: RateQuota | None = None
    each: RateQuota | None = None
    other: Mapping[str, RateQuota] = field(default_factory=dict)
    methods: Mapping[str, str] = field(default_factory=dict)
    other_methods: Mapping[tuple[str, str], str] = field(default_factory=dict)
    own_actions: str = ""
    is_regional: bool = False

    def quota_of(self, operation: str) -> RateQuota | None:
        """Return an operation's own quota; None where it has none."""
        return self.other.get(operation) or self.each


# Both versions have one quota, in
# https://docs.aws.amazon.com/apigateway/latest/developerguide/limits.html, and one prefix:
# https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonapigatewaymanagement.html
# https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonapigatewaymanagementv2.html
API_GATEWAY = Service(
    "apigateway",
    shared=RateQuota(10, burst=40),
    methods={
        "Get": "GET",
        "Generate": "POST",
        "Create": "POST",
        "Update": "PATCH",
        "Delete": "DELETE",
        "Untag": "DELETE",
    },
    # https://docs.aws.amazon.com/apigateway/latest/api/API_TagResource.html, and of version 2:
    # https://docs.aws.amazon.com/apigatewayv2/latest/api-reference/tags-resource-arn.html
    other_methods={("apigateway", "TagResource"): "PUT", ("apigatewayv2", "TagResource"): "POST"},
    own_actions="RoutingRule|Portal|Product",
    is_regional=True,
)

# "API rate quotas" in https://docs.aws.amazon.com/acm/latest/userguide/acm-limits.html
ACM = Service("acm", each=RateQuota(10), other={"ListCertificates": RateQuota(1)})

# "Maximum number of calls to any individual Get or List action" in
# https://docs.aws.amazon.com/waf/latest/developerguide/limits.html
WAF = Service("wafv2", each=RateQuota(5))

# Each of its pages has 20 accounts, and is asked for after the one before. What it refuses for its
# rate is asked again; "Throttling limits" in
# https://docs.aws.amazon.com/organizations/latest/userguide/orgs_reference_limits.html
ORGANIZATIONS = Service("organizations", each=RateQuota(10))

# An account is asked who it is and which regions it has, once.
AMPLE = (Service("sts"), Service("ec2"))

DECLARED = {one.name: one for one in (API_GATEWAY, ACM, WAF, ORGANIZATIONS, *AMPLE)}

CAREFUL = RateQuota(5)


def iam_action(name: str, operation: str) -> str:
    """Return the IAM action behind an operation of a service of boto3, as a policy writes it."""
    service = service_of(name)
    if not service.methods or re.search(service.own_actions, operation):
        return f"{service.name}:{operation}"
    other = service.other_methods.get((name, operation))
    methods = (method for verb, method in service.methods.items() if operation.startswith(verb))
    return f"{service.name}:{other or next(methods, '*')}"


@functools.cache
def service_of(name: str) -> Service:
    """Return the service that boto3 knows by this name."""
    if name in DECLARED:
        return DECLARED[name]
    signed_for = signing_name(name)
    return DECLARED.get(signed_for) or Service(signed_for, each=CAREFUL)


def signing_name(name: str) -> str:
    """Return the name that a service's calls are signed for, which is also its prefix in IAM."""
    metadata = service_model(name).metadata
    return str(metadata.get("signingName") or metadata["endpointPrefix"])
