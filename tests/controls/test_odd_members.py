"""Each control against answers in which a member is missing, empty, unknown or of a wrong type.

The library is walked: a control over REST APIs, stages and client certificates that is added to
queries/ is tested here without another word. test_odd_rows.py tests every control with examples.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import cache
from typing import Any

import pytest

import apigw_vtab
from apigw_vtab.controls.findings import ERROR, OK, SKIP, Finding
from apigw_vtab.controls.library import all_queries
from apigw_vtab.controls.run import run_controls
from apigw_vtab.tables.registry import TABLES
from tests.controls.odd_members import (
    ACCOUNT,
    API,
    CERTIFICATE_ITEM,
    MISSING,
    ODD,
    REST_API,
    STAGE_ITEM,
    Item,
    Path,
    replaced,
    variants,
)
from tests.promises.hostile_endpoint import Route, endpoint, routing

REGION = "us-east-1"
SERVED = {"rest_apis", "stages", "client_certificates"}


def reads_what_is_served(sql: str) -> bool:
    """Whether a control reads no other table; test_odd_rows.py has the controls that do."""
    tables = {table.name for table in TABLES}
    return tables & set(re.findall(r"\b(?:from|join)\s+(\w+)", sql)) <= SERVED


SQL = {
    query.name: query.sql
    for query in all_queries()
    if query.severity and reads_what_is_served(query.sql)
}
CONTROLS = list(SQL)
IDENTITY = (
    '<GetCallerIdentityResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/">'
    f"<GetCallerIdentityResult><Account>{ACCOUNT}</Account></GetCallerIdentityResult>"
    "</GetCallerIdentityResponse>"
)

# Where a control is rightly ok, or rightly has nothing to say, whatever else stands there.
FINE: Mapping[tuple[str, Path], tuple[object, ...]] = {
    # An id is any word; whether it exists is another control's to say.
    ("stage-client-certificate", ("clientCertificateId",)): (
        "nonsense", "now", "OFF", "TLS_9_9", "PRIVATE",
    ),
    ("stage-client-certificate-valid", ("clientCertificateId",)): (MISSING, None, ""),
    # Sizes that AWS allows.
    ("rest-api-content-encoding", ("minimumCompressionSize",)): (7,),
    # A private API that names no policy has TLS_1_2, and PRIVATE is what the type was.
    ("rest-api-tls-security-policy", ("securityPolicy",)): (MISSING, None, ""),
    ("rest-api-policy-public", ("policy",)): (MISSING, None),
    ("rest-api-policy-cross-account", ("policy",)): (MISSING, None),
    # Matters only where no policy is named, as does whether a method caches what is encrypted:
    # two tests below.
    ("rest-api-tls-security-policy", ("endpointConfiguration",)): ODD,
    ("rest-api-tls-security-policy", ("endpointConfiguration", "types")): ODD,
    ("stage-cache-encrypted", ("methodSettings", "*/*", "cachingEnabled")): ODD,
    # Without a cluster, or where caching is off, nothing is cached.
    ("stage-cache-encrypted", ("cacheClusterEnabled",)): (MISSING, None),
    # Names with texts that are no secrets, or none at all.
    ("stage-variable-secrets", ("variables",)): (MISSING, None, {}),
    ("stage-variable-secrets", ("canarySettings",)): (MISSING, None, {}, {"nonsense": 1}),
    ("stage-variable-secrets", ("canarySettings", "stageVariableOverrides")): (MISSING, None, {}),
}  # fmt: skip
# What a control names in its SQL and does not judge by.
SHOWN_ONLY = {"name", "description", "percentTraffic", "backend", "ipAddressType"}


def served(apis: Sequence[Item], stages: Sequence[Item], certificates: Sequence[Item]) -> Any:
    """Routes of an AWS with these resources; the stages are those of the first REST API."""
    routes: dict[str, Route] = {
        "/": (200, IDENTITY.encode()),
        "/restapis": (200, json.dumps({"item": apis}).encode()),
        "/restapis/": (200, b'{"item": []}'),
        f"/restapis/{API}/stages": (200, json.dumps({"item": stages}).encode()),
        "/clientcertificates": (200, json.dumps({"item": certificates}).encode()),
        "/v2/apis": (200, b'{"items": []}'),
    }
    return routing(routes)


@contextmanager
def checked(
    apis: Sequence[Item],
    stages: Sequence[Item],
    certificates: Sequence[Item],
    controls: Sequence[str] = CONTROLS,
) -> Iterator[dict[tuple[str, str], Finding]]:
    """The finding of each control about each resource."""
    with endpoint(served(apis, stages, certificates)) as url:
        connection = apigw_vtab.connect(
            regions=REGION, endpoint_url=url, on_error="warn", max_rps=1000
        )
        queries = [query for query in all_queries() if query.name in controls]
        found = run_controls(connection, queries, {})
        yield {(f.control.name, f.resource): f for one in found for f in one.findings(1)}
        connection.close()


@pytest.fixture(scope="module")
def verdicts() -> Iterator[Any]:
    """Every control's finding about every variant of every resource, from one reading."""

    @cache
    def read() -> tuple[dict[tuple[str, str], Finding], dict[str, tuple[Path, object]]]:
        of: dict[str, tuple[Path, object]] = {}
        apis, stages, certificates = [REST_API], [STAGE_ITEM], [CERTIFICATE_ITEM]
        # Without the controls over stages, which would list those of each REST API.
        alone = [name for name, sql in SQL.items() if "from stages" not in sql]
        for number, (path, value, item) in enumerate(variants(REST_API)):
            # Policies are judged at length, and on nothing but themselves.
            policy = {} if path == ("policy",) else {"policy": None}
            apis.append(item | policy | {"id": f"odd{number:07d}"})
            of[f"restapis/odd{number:07d}"] = path, value
        for number, (path, value, item) in enumerate(variants(STAGE_ITEM)):
            stages.append(item | {"stageName": f"odd{number}"})
            of[f"stages/odd{number}"] = path, value
        for number, (path, value, item) in enumerate(variants(CERTIFICATE_ITEM)):
            if path != ("clientCertificateId",):
                certificates.append(item | {"clientCertificateId": f"odd{number}"})
                of[f"clientcertificates/odd{number}"] = path, value
        with checked(apis, [], [], alone) as found:
            judged = found
        with checked([REST_API], stages, certificates) as found:
            return judged | found, of

    yield read
    read.cache_clear()


@pytest.fixture(autouse=True)
def profile(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_PROFILE", "first")


def column(member: str) -> str:
    return re.sub(r"(?<=[a-z])([A-Z])", r"_\1", member).lower()


def judges_by(control: str, path: Path) -> bool:
    """Whether a control reads a member, by its SQL."""
    # Without comments, and without texts other than the paths of members.
    sql = re.sub(r"--.*", "", SQL[control])
    sql = re.sub(r"'[^']*'", lambda found: found[0] if "$" in found[0] else "", sql)
    leaf = path[-1]
    return (
        leaf not in SHOWN_ONLY
        and re.search(rf"\b{column(path[0])}\b", sql) is not None
        and (len(path) == 1 or leaf in sql)
    )


@pytest.mark.parametrize("control", CONTROLS)
def test_no_odd_member_makes_a_control_say_ok(verdicts: Any, control: str) -> None:
    found, of = verdicts()
    for (name, resource), finding in found.items():
        key = resource.partition("::/")[2].replace(f"restapis/{API}/", "")
        if name != control or key not in of:
            continue
        path, value = of[key]
        fine = FINE.get((control, path), ())
        if judges_by(control, path) and not any(value is one or value == one for one in fine):
            assert finding.status not in (OK, SKIP), (path, value, finding.reason)


@pytest.mark.parametrize("control", CONTROLS)
def test_a_control_always_gives_a_reason(verdicts: Any, control: str) -> None:
    found, _ = verdicts()
    findings = [one for (name, _), one in found.items() if name == control]
    assert len(findings) > 20
    assert all(one.reason.strip() for one in findings)
    assert not any("NULL" in one.reason for one in findings)


@pytest.mark.parametrize("control", CONTROLS)
def test_an_odd_member_of_one_resource_takes_nothing_from_another(
    verdicts: Any, control: str
) -> None:
    found, _ = verdicts()
    with checked([REST_API], [STAGE_ITEM], [CERTIFICATE_ITEM]) as alone:
        ((resource, usual),) = [(k[1], f) for k, f in alone.items() if k[0] == control]
    assert found[control, resource].status == usual.status
    assert usual.status != ERROR


def test_without_a_policy_only_what_is_known_to_be_private_has_tls_1_2() -> None:
    unnamed = replaced(REST_API, ("securityPolicy",), MISSING)
    apis = [
        replaced(unnamed, path, value) | {"id": f"odd{number}{len(path)}"}
        for path in (("endpointConfiguration",), ("endpointConfiguration", "types"))
        for number, value in enumerate(ODD)
    ]
    with checked(apis, [], []) as found:
        statuses = {
            one.status for (name, _), one in found.items() if name == "rest-api-tls-security-policy"
        }
    assert statuses == {"alarm"}


def test_what_is_not_said_to_be_off_is_cached() -> None:
    encrypted = ("methodSettings", "*/*", "cacheDataEncrypted")
    plain = replaced(STAGE_ITEM, encrypted, False)
    stages = [
        replaced(plain, ("methodSettings", "*/*", "cachingEnabled"), value)
        | {"stageName": f"odd{number}"}
        for number, value in enumerate(ODD)
    ]
    with checked([REST_API], stages, []) as found:
        statuses = {
            one.status for (name, _), one in found.items() if name == "stage-cache-encrypted"
        }
    assert statuses == {"alarm"}
