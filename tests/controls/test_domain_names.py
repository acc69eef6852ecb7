"""What the controls over custom domain names ask AWS, call by call."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

import pytest

import apigw_vtab
from apigw_vtab.controls.library import all_queries, find_queries
from apigw_vtab.controls.run import run_controls
from apigw_vtab.sqlite.connection import Connection
from tests.controls.test_odd_members import IDENTITY
from tests.promises.hostile_endpoint import Route, endpoint, routing

NAMES = [f"{letter}.example.com" for letter in "abcd"]
# Two have a base path mapping, the third a mapping of version 2 to an HTTP API, the last none.
MAPPED, ONLY_IN_V2 = NAMES[:2], NAMES[2]
MAPPING = {"basePath": "(none)", "restApiId": "shop", "stage": "live"}
V2_MAPPING = {"apiMappingId": "m1", "apiId": "orders", "stage": "live"}


@pytest.fixture(autouse=True)
def profile(monkeypatch: pytest.MonkeyPatch, aws_configuration: object) -> None:
    monkeypatch.setenv("AWS_PROFILE", "first")


PLAIN = {"securityPolicy": "TLS_1_2", "endpointConfiguration": {"types": ["REGIONAL"]}}
# What a test gives one of them instead.
MORE: dict[str, dict[str, object]] = {}


def answers() -> dict[str, Route]:
    """An AWS with these domain names, each with TLS 1.2, and its mappings."""
    found: dict[str, object] = {
        "/domainnames": {"item": [{"domainName": n, **PLAIN, **MORE.get(n, {})} for n in NAMES]},
        "/v2/domainnames": {
            "items": [
                {"domainName": n, "domainNameConfigurations": [{"endpointType": "REGIONAL"}]}
                for n in NAMES
            ]
        },
        "/v2/apis": {"items": [{"apiId": "orders", "protocolType": "HTTP"}]},
    }
    for name in NAMES:
        first = [MAPPING] if name in MAPPED else []
        second = [V2_MAPPING] if name == ONLY_IN_V2 else []
        found[f"/domainnames/{name}/basepathmappings"] = {"item": first}
        found[f"/v2/domainnames/{name}/apimappings"] = {"items": second}
    routes = {path: (200, json.dumps(answer).encode()) for path, answer in found.items()}
    return {"/": (200, IDENTITY.encode()), **routes}


@contextmanager
def connected() -> Iterator[Connection]:
    with endpoint(routing(answers())) as url:
        connection = apigw_vtab.connect(
            regions="us-east-1", endpoint_url=url, on_error="warn", max_rps=1000
        )
        yield connection
        connection.close()


def commanded(**parameters: str) -> tuple[dict[str, str], Mapping[str, int]]:
    """For each domain name, the command of domain-name-tls, or why there is none; and the calls."""
    with connected() as connection:
        controls = find_queries(["domain-name-tls"], all_queries())
        (result,) = run_controls(connection, controls, parameters, proven=True)
        found = {
            str(one.more["domain_name"]): one.remediation or one.reason
            for one in result.findings(1)
        }
        calls = dict(connection.execute("select operation, count(*) from api_calls group by 1"))
    calls.pop("GetCallerIdentity")
    return found, calls


def judged(name: str, **parameters: str) -> tuple[dict[str, str], Mapping[str, int]]:
    """The status and reason of each domain name, and the calls to API Gateway."""
    with connected() as connection:
        (result,) = run_controls(connection, find_queries([name], all_queries()), parameters)
        found = {
            str(one.more["domain_name"]): f"{one.status}: {one.reason}"
            for one in result.findings(1)
        }
        calls = dict(connection.execute("select operation, count(*) from api_calls group by 1"))
    calls.pop("GetCallerIdentity")
    return found, calls


def test_tls_1_2_is_seen_in_the_list_alone() -> None:
    found, calls = judged("domain-name-tls")
    assert found == dict.fromkeys(NAMES, "ok: Has the security policy TLS_1_2.")
    assert calls == {"GetDomainNames": 1}


def test_what_aws_refuses_is_looked_up_where_an_enhanced_policy_is_missing() -> None:
    found, calls = judged(
        "domain-name-tls", allowedSecurityPolicies="SecurityPolicy_TLS13_1_3_2025_09"
    )
    assert [name for name, said in found.items() if "HTTP API" in said] == [ONLY_IN_V2]
    assert {said.partition(":")[0] for said in found.values()} == {"alarm"}
    # Each version of the list, and the mappings of each domain name.
    assert calls == {"GetDomainNames": 2, "GetApiMappings": len(NAMES), "GetApis": 1}


ENHANCED = "SecurityPolicy_TLS13_1_3_2025_09"


def test_a_domain_name_that_leads_to_an_http_api_gets_no_enhanced_policy() -> None:
    found, calls = commanded(allowedSecurityPolicies=ENHANCED, security_policy=ENHANCED)
    assert "where a mapping leads to an HTTP API" in found.pop(ONLY_IN_V2)
    assert all(f'"value":"{ENHANCED}"' in text for text in found.values())
    # What the verdict has read is not read again.
    assert calls == {"GetDomainNames": 2, "GetApiMappings": len(NAMES), "GetApis": 1}


@pytest.mark.parametrize(
    ("more", "policy", "said"),
    [
        ({"mutualTlsAuthentication": {"truststoreUri": "s3://a/b"}}, ENHANCED, "mutual TLS"),
        ({"endpointConfiguration": {"types": ["EDGE"]}}, ENHANCED, "that end with _EDGE"),
        (
            {"endpointConfiguration": {"types": ["REGIONAL"]}},
            "SecurityPolicy_TLS13_2025_EDGE",
            "only an edge-optimized endpoint",
        ),
        (
            {"endpointConfiguration": {"types": ["EDGE", "REGIONAL"]}},
            "TLS_1_2",
            "several types of endpoint",
        ),
    ],
)
def test_a_policy_that_aws_would_refuse_is_not_promised(
    monkeypatch: pytest.MonkeyPatch, more: dict[str, object], policy: str, said: str
) -> None:
    monkeypatch.setitem(MORE, NAMES[0], {"securityPolicy": "TLS_1_0", **more})
    found, calls = commanded(security_policy=policy)
    assert said in found[NAMES[0]]
    assert "aws apigateway" not in found[NAMES[0]]
    # Why, AWS was not asked.
    assert calls == {"GetDomainNames": 1}


def test_mappings_of_version_2_are_asked_for_where_there_is_no_other() -> None:
    found, calls = judged("domain-name-unused")
    assert {name: said.partition(":")[0] for name, said in found.items()} == {
        **dict.fromkeys(NAMES[:3], "ok"),
        NAMES[3]: "alarm",
    }
    assert calls["GetBasePathMappings"] == len(NAMES)
    assert calls["GetApiMappings"] == len(NAMES) - len(MAPPED)
    assert "ListRoutingRules" not in calls
