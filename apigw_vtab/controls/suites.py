"""The suites: who publishes rules, and the form of their ids."""

from __future__ import annotations

import re
from typing import NamedTuple


class Suite(NamedTuple):
    """A set of rules: who publishes it, and the form of its ids, a regular expression."""

    title: str
    form: str


SUITES = {
    "conformity": Suite("Trend Micro Cloud One Conformity", r"AG-\d+"),
    "securityhub": Suite("AWS Security Hub", r"APIGateway\.\d+"),
    "aws-config": Suite("AWS Config, managed rules", r"(api-gw|apigateway)(v2)?-.+"),
    "aws-config-samples": Suite("AWS Config, sample rules", r"(REST_)?API_GW_.+"),
    "prowler": Suite("Prowler", r"apigateway(v2)?_(restapi|domain_name|api)_.+"),
    "powerpipe": Suite("Powerpipe", r"(api_?)?gateway(v2)?_.+"),
    "cloudsploit": Suite("CloudSploit", r"api(gateway|Stage)[A-Z].+"),
    "checkov": Suite("Checkov", r"CKV2?_AWS_\d+"),
    "trivy": Suite("Trivy", r"(AVD-)?AWS-\d{4}|aws-apigateway-.+"),
    "kics": Suite("KICS", r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}"),
    "cfn-guard": Suite("CloudFormation Guard", r"API_GWV?2?_.+"),
    "cfn-nag": Suite("cfn_nag", r"W\d+"),
}


def suites_of(reference: str) -> frozenset[str]:
    """Return the suites whose ids have the form of an id."""
    return frozenset(name for name, suite in SUITES.items() if re.fullmatch(suite.form, reference))
