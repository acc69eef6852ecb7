"""Security policies: which TLS versions they accept."""

from __future__ import annotations

import botocore.session
import pytest

from apigw_vtab.analysis.tls import OLDEST, refused_for


def test_each_security_policy_of_the_model_is_known() -> None:
    model = botocore.session.get_session().get_service_model("apigateway")
    assert set(OLDEST) == set(model.shape_for("SecurityPolicy").enum)


@pytest.mark.parametrize(
    ("policy", "oldest"),
    [
        ("TLS_1_0", 1.0),
        ("TLS_1_2", 1.2),
        ("SecurityPolicy_TLS13_1_3_2025_09", 1.3),
        ("SecurityPolicy_TLS13_1_2_2021_06", 1.2),
        ("SecurityPolicy_TLS12_2018_EDGE", 1.2),
    ],
)
def test_a_policy_accepts_nothing_older_than_its_name_says(policy: str, oldest: float) -> None:
    assert OLDEST[policy] == oldest


ENHANCED, FOR_EDGE = "SecurityPolicy_TLS13_1_3_2025_09", "SecurityPolicy_TLS13_2025_EDGE"


@pytest.mark.parametrize(
    ("policy", "types", "said"),
    [
        ("TLS_1_2", ["EDGE"], ""),
        ("TLS_1_2", ["PRIVATE"], ""),
        (ENHANCED, ["REGIONAL"], ""),
        (ENHANCED, ["PRIVATE"], ""),
        (ENHANCED, ["EDGE"], "only enhanced policies that end with _EDGE"),
        (FOR_EDGE, ["EDGE"], ""),
        (FOR_EDGE, ["REGIONAL"], "only an edge-optimized endpoint"),
        (FOR_EDGE, ["PRIVATE"], "only an edge-optimized endpoint"),
        # AWS will tell.
        (FOR_EDGE, [], ""),
    ],
)
def test_edge_optimized_endpoints_have_enhanced_policies_of_their_own(
    policy: str, types: list[str], said: str
) -> None:
    found = refused_for(policy, types)
    assert said in found if said else not found
