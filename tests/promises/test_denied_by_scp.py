"""Regions that a service control policy denies can be left out, and are named."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence

import pytest

from apigw_vtab import WriteFailed
from tests.conftest import Connect
from tests.promises.refused_profiles import (
    DENIED_BY_SCP,
    REGIONS,
    SCP,
    Run,
    causes,
    findings,
)
from tests.promises.refusing_endpoint import Refusal, refusing, refusing_endpoint


@pytest.fixture(autouse=True)
def of_these(profiles: None) -> None:
    """Use these profiles."""


# Service control policies

SKIP = ("--profile", "good", "--skip-denied-by-scp")
TWO = ("--region", "us-east-1,eu-west-1")


@pytest.mark.parametrize("where", [TWO, ()], ids=["named", "all"])
def test_regions_that_an_scp_denies_can_be_left_out(run: Run, where: Sequence[str]) -> None:
    regions = ("us-east-1", "eu-west-1")
    words = ("client-certificate-unused", "AG-006", *SKIP, *where, "--output", "csv")
    result, endpoint = run(DENIED_BY_SCP, "check", *words, regions=regions)
    assert result.exit_code == 1
    assert {row["region"] for row in findings(result) if row["status"] == "alarm"} == {"us-east-1"}
    assert not any(row["status"] == "error" for row in findings(result))
    assert "1 region was left out" in result.stderr
    assert "in eu-west-1 (profile good, 2 calls): denied by a service" in result.stderr
    assert SCP in result.stderr
    # That all is denied shows only where all is asked, once; lists are asked side by side.
    asked = Counter(call.split()[-1] for call in endpoint.calls if "eu-west-1" in call)
    both = {"/clientcertificates": 1, "/restapis": 1}
    assert asked in (both, both | {"/v2/apis": 1})


def test_a_query_without_them_succeeds_and_names_them(run: Run) -> None:
    sql = "select region from rest_apis; select region, code from scan_errors"
    result, _ = run(DENIED_BY_SCP, "query", sql, *SKIP, *TWO, "--output", "csv")
    assert result.exit_code == 0
    assert "eu-west-1,AccessDeniedException" in result.stdout
    assert "1 region was left out" in result.stderr


def test_a_region_that_an_scp_denies_in_part_is_not_left_out(run: Run) -> None:
    rules = refusing(".* eu-west-1 /clientcertificates", 403, "AccessDeniedException", SCP)
    names = ("AG-006", "client-certificate-expiring")
    result, _ = run(rules, "check", *names, *SKIP, *TWO)
    assert result.exit_code == 3
    assert "GetClientCertificates in eu-west-1" in causes(result)[0]


@pytest.mark.parametrize(
    "sentence",
    [
        "no identity-based policy allows the apigateway:GET action",
        "with an explicit deny in a permissions boundary",
        "with an explicit deny in a resource control policy",
    ],
)
def test_what_another_policy_denies_is_not_left_out(run: Run, sentence: str) -> None:
    rules = refusing(".* apigateway eu-west-1 .*", 403, "AccessDeniedException", sentence)
    result, _ = run(rules, "check", "AG-006", *SKIP, *TWO)
    assert result.exit_code == 3


def test_nothing_is_written_on_what_was_left_out(
    connect: Connect, monkeypatch: pytest.MonkeyPatch
) -> None:
    listed = json.dumps({"item": [{"clientCertificateId": "used00"}]})
    rules = [
        *refusing(".* eu-west-1 /restapis.*", 403, "AccessDeniedException", SCP),
        Refusal(".* /clientcertificates", 200, listed),
    ]
    with refusing_endpoint(rules, REGIONS) as endpoint:
        monkeypatch.setenv("AWS_ENDPOINT_URL", endpoint.url)
        connection = connect(
            profiles="good",
            regions=TWO[1].split(","),
            skip_denied_by_scp=True,
            allow_writes=True,
        )
        connection.execute(
            "begin; create temp table used as select client_certificate_id from stages"
        )
        connection.execute(
            "delete from client_certificates where region = 'eu-west-1' and client_certificate_id "
            "not in (select client_certificate_id from used where client_certificate_id > '')"
        )
        with pytest.raises(WriteFailed, match="service control policy"):
            connection.execute("commit")
        assert not any("/clientcertificates/" in call for call in endpoint.calls)
