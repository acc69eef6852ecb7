"""Rows about who is named, and about actions and resources."""

from __future__ import annotations

from tests.analysis.policy_terms import (
    API,
    FROM_OFFICE,
    IAM,
    NOT_OUR_VPCE,
    ORG,
    OWN,
    PARTNER,
    PolicyRow,
    allow,
    deny,
)

PRINCIPALS = [
    PolicyRow("everybody of AWS", [allow(Principal={"AWS": "*"})], "yes", "yes", "the same as *"),
    PolicyRow(
        "everybody in a list",
        [allow(Principal={"AWS": [f"{IAM}:root", "*"]})],
        "yes",
        "yes",
        "one is enough",
        (PARTNER,),
    ),
    PolicyRow(
        "an account by its number",
        [allow(Principal={"AWS": PARTNER})],
        "no",
        "yes",
        "it is named",
        (PARTNER,),
    ),
    PolicyRow(
        "an account in an organisation",
        [allow({"StringEquals": ORG}, Principal={"AWS": PARTNER})],
        "no",
        "undecided",
        "if that is ours, the account is, too",
        (PARTNER,),
    ),
    PolicyRow(
        "a partner from a range",
        [allow(FROM_OFFICE, Principal={"AWS": PARTNER})],
        "no",
        "yes",
        "the range may be the partner's",
        (PARTNER,),
    ),
    PolicyRow(
        "a partner that is denied again",
        [allow(Principal={"AWS": PARTNER}), deny(Principal={"AWS": PARTNER})],
        "nobody",
        "nobody",
        "a Deny wins",
    ),
    PolicyRow(
        "a partner of whom one role is denied",
        [allow(Principal={"AWS": PARTNER}), deny(Principal={"AWS": f"{IAM}:role/x"})],
        "no",
        "yes",
        "the partner's other roles are not",
        (PARTNER,),
    ),
    PolicyRow(
        "a session of a role",
        [allow(Principal={"AWS": f"arn:aws:sts::{PARTNER}:assumed-role/app/session"})],
        "no",
        "yes",
        "it is the partner's",
        (PARTNER,),
    ),
    PolicyRow(
        "China",
        [
            allow(
                Principal={"AWS": f"arn:aws-cn:iam::{PARTNER}:role/x"},
                Resource=f"arn:aws-cn:execute-api:cn-north-1:{OWN}:abc123/*",
            )
        ],
        "no",
        "yes",
        "accounts are accounts there, too",
        (PARTNER,),
    ),
    PolicyRow(
        "all but a partner",
        [allow(NotPrincipal={"AWS": f"{IAM}:root"})],
        "yes",
        "yes",
        "strangers are all but the partner",
    ),
    PolicyRow("all but everybody", [allow(NotPrincipal="*")], "nobody", "nobody", "who is left?"),
    PolicyRow(
        "a principal that is gone",
        [allow(Principal={"AWS": "AROAEXAMPLEIDEXAMPLE1"})],
        "no",
        "undecided",
        "of which account it was is not told",
    ),
    PolicyRow(
        "a canonical user",
        [
            allow(
                Principal={
                    "CanonicalUser": "79a59df900b949e55d96a1e698fbacedfd6e09d98eacf8f8d521"
                    "8e7cd47ef2be"
                }
            )
        ],
        "no",
        "undecided",
        "of which account it is is not told",
    ),
    PolicyRow(
        "an AWS service",
        [allow(Principal={"Service": "sns.amazonaws.com"})],
        "no",
        "undecided",
        "it acts for whoever asks it to",
    ),
    PolicyRow(
        "an AWS service for our account",
        [
            allow(
                {"StringEquals": {"aws:SourceAccount": OWN}},
                Principal={"Service": "sns.amazonaws.com"},
            )
        ],
        "no",
        "no",
        "it acts for us",
    ),
    PolicyRow(
        "an AWS service for a partner's topic",
        [
            allow(
                {"ArnLike": {"aws:SourceArn": f"arn:aws:sns:*:{PARTNER}:*"}},
                Principal={"Service": "sns.amazonaws.com"},
            )
        ],
        "no",
        "yes",
        "it acts for the partner",
        (PARTNER,),
    ),
    PolicyRow(
        "a SAML provider of ours",
        [allow(Principal={"Federated": f"arn:aws:iam::{OWN}:saml-provider/office"})],
        "no",
        "no",
        "it is ours",
    ),
    PolicyRow(
        "a SAML provider of a partner",
        [allow(Principal={"Federated": f"{IAM}:saml-provider/office"})],
        "no",
        "yes",
        "it is the partner's",
        (PARTNER,),
    ),
    PolicyRow(
        "web identities",
        [allow(Principal={"Federated": "accounts.google.com"})],
        "undecided",
        "undecided",
        "everybody can have an account there, but not with us",
    ),
    PolicyRow(
        "a wildcard in an ARN",
        [allow(Principal={"AWS": "arn:aws:iam::*:role/app"})],
        "unknown",
        "unknown",
        "AWS takes none, so what it means is not known",
    ),
    PolicyRow(
        "no principal that is known",
        [allow(Principal={"AWS": "somebody"})],
        "unknown",
        "unknown",
        "what AWS makes of it is not known",
    ),
]

ACTIONS_AND_RESOURCES = [
    PolicyRow("every action", [allow(Action="*")], "yes", "yes", "Invoke is one"),
    PolicyRow(
        "actions with a wildcard", [allow(Action="execute-api:Inv?k*")], "yes", "yes", "Invoke"
    ),
    PolicyRow(
        "all actions but one",
        [allow(NotAction="execute-api:ManageConnections")],
        "yes",
        "yes",
        "Invoke is left",
    ),
    PolicyRow(
        "all actions but these",
        [allow(NotAction="execute-api:*")],
        "nobody",
        "nobody",
        "there are no others",
    ),
    PolicyRow(
        "only the cache",
        [allow(Action="execute-api:InvalidateCache")],
        "undecided",
        "undecided",
        "of no use without Invoke",
    ),
    PolicyRow(
        "an action that is not known",
        [allow(Action="execute-api:Summon")],
        "unknown",
        "unknown",
        "it may let in",
    ),
    PolicyRow(
        "one method of one path",
        [allow(Resource="execute-api:/prod/GET/pets")],
        "yes",
        "yes",
        "it is open all the same",
    ),
    PolicyRow("every resource", [allow(Resource="*")], "yes", "yes", "this API is one"),
    PolicyRow(
        "all resources but one stage",
        [allow(NotResource="execute-api:/test/*")],
        "yes",
        "yes",
        "the other stages are open",
    ),
    PolicyRow(
        "all resources but all",
        [allow(NotResource="execute-api:/*")],
        "nobody",
        "nobody",
        "none is left",
    ),
    PolicyRow(
        "the full ARN, and a Deny for it",
        [allow(Resource=f"{API}/*"), deny(NOT_OUR_VPCE, Resource=f"{API}/*")],
        "no",
        "no",
        "as AWS gives it back",
    ),
    PolicyRow(
        "the full ARN, and a Deny for every API",
        [
            allow(Resource=f"{API}/prod/*"),
            deny(NOT_OUR_VPCE, Resource="arn:aws:execute-api:*:*:*/prod/*"),
        ],
        "no",
        "no",
        "every API is this one, too",
    ),
    PolicyRow(
        "every resource, and a Deny for one API",
        [allow(Resource="*"), deny(NOT_OUR_VPCE, Resource=f"{API}/*")],
        "unknown",
        "unknown",
        "whether it is this API is not known without the API's ARN",
    ),
    PolicyRow(
        "a resource that is no method's",
        [allow(Resource="execute-api:/prod")],
        "unknown",
        "unknown",
        "what AWS makes of it is not known",
    ),
    PolicyRow(
        "a Deny for three parts, where all is allowed",
        [allow(), deny(NOT_OUR_VPCE, Resource="execute-api:/*/*/*")],
        "no",
        "no",
        "every call has a stage, a method and a path",
    ),
    PolicyRow(
        "a Deny for each method",
        [
            allow(),
            deny(
                NOT_OUR_VPCE,
                Resource=[
                    f"execute-api:/*/{method}/*"
                    for method in ("GET", "POST", "PUT", "DELETE", "PATCH", "HEAD", "OPTIONS")
                ],
            ),
        ],
        "no",
        "no",
        "there are no others",
    ),
    PolicyRow(
        "a Deny for each method but one",
        [
            allow(),
            deny(
                NOT_OUR_VPCE,
                Resource=[
                    f"execute-api:/*/{method}/*"
                    for method in ("GET", "POST", "PUT", "DELETE", "PATCH", "HEAD")
                ],
            ),
        ],
        "yes",
        "yes",
        "OPTIONS is open",
    ),
    PolicyRow(
        "a Deny for one level of paths",
        [allow(), deny(NOT_OUR_VPCE, Resource="execute-api:/*/GET/pets/?")],
        "yes",
        "yes",
        "? is one character",
    ),
    PolicyRow(
        "a Deny for a resource with a variable",
        [allow(), deny(NOT_OUR_VPCE, Resource="execute-api:/${aws:PrincipalTag/stage}/*")],
        "unknown",
        "unknown",
        "what it stands for is not known",
    ),
]
