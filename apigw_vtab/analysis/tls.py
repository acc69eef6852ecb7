"""The security policies of REST APIs and custom domain names: which TLS versions they accept.

https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-security-policies-list.html
"""

from __future__ import annotations

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
