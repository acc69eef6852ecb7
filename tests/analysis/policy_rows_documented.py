"""Rows from the issue and from AWS's documented examples."""

from __future__ import annotations

from tests.analysis.policy_terms import (
    EVERY_IPV4,
    FROM_OFFICE,
    IAM,
    NOT_OFFICE,
    NOT_OUR_VPC,
    NOT_OUR_VPCE,
    OFFICE,
    ORG,
    OWN,
    PARTNER,
    PLAIN_HTTP,
    THIRD,
    VPCE,
    PolicyRow,
    allow,
    deny,
)

FROM_THE_ISSUE = [
    PolicyRow("a: every address", [allow(EVERY_IPV4)], "yes", "yes", "0.0.0.0/0 is everybody"),
    PolicyRow(
        "b: every address beside a real range",
        [allow({"IpAddress": {"aws:SourceIp": [OFFICE, "0.0.0.0/0"]}})],
        "yes",
        "yes",
        "one value that matches is enough",
    ),
    PolicyRow(
        "every IPv6 address",
        [allow({"IpAddress": {"aws:SourceIp": "::/0"}})],
        "yes",
        "yes",
        "whoever has IPv6 gets in",
    ),
    PolicyRow(
        "d: all but a VPC endpoint", [allow(NOT_OUR_VPCE)], "yes", "yes", "the internet is not it"
    ),
    PolicyRow("all but an address", [allow(NOT_OFFICE)], "yes", "yes", "strangers are elsewhere"),
    PolicyRow(
        "an endpoint, if there is one",
        [allow({"StringEqualsIfExists": VPCE})],
        "yes",
        "yes",
        "the internet has none",
    ),
    PolicyRow(
        "an address, if there is one",
        [allow({"IpAddressIfExists": {"aws:SourceIp": OFFICE}})],
        "yes",
        "yes",
        "who comes by a VPC endpoint of one's own has no public address",
    ),
    PolicyRow(
        "f: only over TLS",
        [allow({"Bool": {"aws:SecureTransport": "true"}})],
        "yes",
        "yes",
        "everybody has TLS",
    ),
    PolicyRow(
        "a user agent",
        [allow({"StringEquals": {"aws:UserAgent": "our-app"}})],
        "yes",
        "yes",
        "a caller writes what one likes",
    ),
    PolicyRow(
        "a referer",
        [allow({"StringLike": {"aws:Referer": "https://example.com/*"}})],
        "yes",
        "yes",
        "a caller writes what one likes",
    ),
    PolicyRow("h: an empty condition", [allow({})], "yes", "yes", "it asks for nothing"),
    PolicyRow(
        "an operator without a key",
        [allow({"IpAddress": {}})],
        "yes",
        "yes",
        "it asks for nothing, too",
    ),
    PolicyRow(
        "j: another resource is denied",
        [deny(NOT_OUR_VPCE, Resource="execute-api:/*/DELETE/*"), allow()],
        "yes",
        "yes",
        "GET is open to all",
    ),
    PolicyRow(
        "k: plain HTTP is denied", [allow(), deny(PLAIN_HTTP)], "yes", "yes", "HTTPS is open"
    ),
    PolicyRow("y: one range", [allow(FROM_OFFICE)], "no", "no", "who is there is known"),
    PolicyRow("z: denied to all", [deny(), allow()], "nobody", "nobody", "a Deny wins"),
]

AWS_EXAMPLES = [
    PolicyRow(
        "roles of another account",
        [
            allow(
                Principal={"AWS": [f"{IAM}:role/developer", f"{IAM}:role/Admin"]},
                Resource=["execute-api:/stage/GET/pets"],
            )
        ],
        "no",
        "yes",
        "they are named, and of PARTNER",
        (PARTNER,),
    ),
    PolicyRow(
        "a user and an account",
        [allow(Principal={"AWS": [f"{IAM}:user/Alice", THIRD]})],
        "no",
        "yes",
        "both are named",
        (PARTNER, THIRD),
    ),
    PolicyRow(
        "ranges are blocked",
        [allow(), deny({"IpAddress": {"aws:SourceIp": ["192.0.2.0/24", "198.51.100.0/24"]}})],
        "yes",
        "yes",
        "all the others are not",
    ),
    PolicyRow(
        "private ranges are blocked",
        [allow(), deny({"IpAddress": {"aws:VpcSourceIp": ["192.0.2.0/24", "198.51.100.0/24"]}})],
        "yes",
        "yes",
        "all the others are not",
    ),
    PolicyRow(
        "only our VPC, by a Deny",
        [allow(), deny(NOT_OUR_VPC)],
        "no",
        "no",
        "who is in no VPC is denied as well",
    ),
    PolicyRow(
        "only our VPC endpoint, by a Deny", [allow(), deny(NOT_OUR_VPCE)], "no", "no", "the same"
    ),
    PolicyRow("only our range, by a Deny", [allow(), deny(NOT_OFFICE)], "no", "no", "the same"),
    PolicyRow(
        "two VPC endpoints, by a Deny",
        [
            allow(),
            deny({"StringNotEquals": {"aws:SourceVpce": ["vpce-0a1b2c3d", "vpce-4e5f6a7b"]}}),
        ],
        "no",
        "no",
        "a negated operator holds when no value matches",
    ),
    PolicyRow(
        "only a Deny",
        [deny(NOT_OUR_VPCE)],
        "nobody",
        "nobody",
        "what no statement allows is denied",
    ),
    PolicyRow(
        "the owner's account",
        [allow(Principal={"AWS": f"arn:aws:iam::{OWN}:root"})],
        "no",
        "no",
        "its own users alone",
    ),
    PolicyRow("an organisation", [allow({"StringEquals": ORG})], "no", "undecided", "whose it is?"),
    PolicyRow(
        "a part of an organisation",
        [
            allow(
                {
                    "ForAnyValue:StringLike": {
                        "aws:PrincipalOrgPaths": "o-a1b2c3d4e5/r-ab12/ou-ab12-11111111/*"
                    }
                }
            )
        ],
        "no",
        "undecided",
        "the path begins with one organisation",
    ),
]
