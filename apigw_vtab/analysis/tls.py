"""The security policies of REST APIs and custom domain names: which TLS versions they accept.

https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-security-policies-list.html
"""

from __future__ import annotations

from collections.abc import Collection

# The oldest version that each one accepts.
OLDEST = {
    "TLS_1_0": 1.0,
    "TLS_1_2": 1.2,
    "SecurityPolicy_TLS13_1_3_2025_09": 1.3,
    "SecurityPolicy_TLS13_1_3_FIPS_2025_09": 1.3,
    "SecurityPolicy_TLS13_1_2_PFS_PQ_2025_09": 1.2,
    "SecurityPolicy_TLS13_1_2_FIPS_PQ_2025_09": 1.2,
    "SecurityPolicy_TLS13_1_2_FIPS_PFS_PQ_2025_09": 1.2,
    "SecurityPolicy_TLS13_1_2_Ext2_PQ_2025_09": 1.2,
    "SecurityPolicy_TLS13_1_2_Ext2_FIPS_PQ_2025_09": 1.2,
    "SecurityPolicy_TLS13_1_2_PQ_2025_09": 1.2,
    "SecurityPolicy_TLS13_1_2_2021_06": 1.2,
    "SecurityPolicy_TLS13_2025_EDGE": 1.3,
    "SecurityPolicy_TLS12_PFS_2025_EDGE": 1.2,
    "SecurityPolicy_TLS12_2018_EDGE": 1.2,
}

# Begins the name of an enhanced policy; those of edge-optimized endpoints end with the other.
ENHANCED, FOR_EDGE = "SecurityPolicy_", "_EDGE"


def refused_for(security_policy: str, endpoint_types: Collection[str]) -> str:
    """Return why AWS refuses a security policy for such endpoints; empty where it does not.

    The page above lists those for edge-optimized endpoints, and those for all others.
    """
    if not endpoint_types or not security_policy.startswith(ENHANCED):
        return ""
    is_edge = "EDGE" in endpoint_types
    if is_edge == security_policy.endswith(FOR_EDGE):
        return ""
    if is_edge:
        return f"an edge-optimized endpoint takes only enhanced policies that end with {FOR_EDGE}"
    return f"only an edge-optimized endpoint takes a policy that ends with {FOR_EDGE}"
