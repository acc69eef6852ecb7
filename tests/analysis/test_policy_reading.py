"""How a policy is read: its escaping, what is refused, what the parameters change, the reasons."""

from __future__ import annotations

import json
import time
from typing import Any

import pytest

from apigw_vtab.analysis.policy import anyone_gets_in, other_accounts_get_in
from tests.analysis.policy_terms import (
    API,
    FROM_OFFICE,
    IAM,
    NOT_OUR_VPCE,
    ORG,
    OWN,
    PARTNER,
    allow,
    deny,
)
from tests.analysis.test_policy_table import text_of

OPEN = text_of([allow()])
OTHER_API = f"arn:aws:execute-api:us-east-1:{OWN}:zyx987"


def escaped(text: str) -> str:
    """The text as API Gateway gives it."""
    return json.dumps(text)[1:-1].replace("/", "\\/")


@pytest.mark.parametrize(
    "text",
    [
        OPEN,
        escaped(OPEN),
        escaped(escaped(OPEN)),
        json.dumps(OPEN),
        json.dumps(escaped(OPEN)),
        json.dumps(json.loads(OPEN), indent=2),
        escaped(OPEN).replace("Allow", "\\\\u0041llow"),
    ],
)
def test_a_policy_may_be_escaped_more_than_once(text: str) -> None:
    assert anyone_gets_in(text).answer == "yes"


def test_one_statement_needs_no_list() -> None:
    assert anyone_gets_in(json.dumps({"Statement": allow()})).answer == "yes"


def test_no_statement_lets_nobody_in() -> None:
    assert anyone_gets_in(text_of([])).answer == "nobody"


def changed(**elements: Any) -> str:
    return text_of([allow() | elements])


def without(element: str) -> str:
    statement = allow()
    del statement[element]
    return text_of([statement])


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "no JSON"),
        ("{", "no JSON"),
        ("[]", "no JSON object"),
        ("null", "no JSON object"),
        ("{}", "no Statement"),
        ('{"Statement": [], "Statement": []}', "twice"),
        ('{"Statement": NaN}', "NaN"),
        ('{"Statement": [[]]}', "statement 1 is not an object"),
        ('{"Version": "2030-01-01", "Statement": []}', "Version"),
        ('{"Statement": [], "statement": []}', "not known: statement"),
        ("[" * 100_000, "deep"),
        (changed(Effect="allow"), "Effect"),
        (changed(effect="Deny"), "not known: effect"),
        (changed(Sid="Ours", Effect=1), "statement Ours"),
        (changed(NotAction="*"), "one of Action and NotAction"),
        (without("Principal"), "Principal"),
        (changed(Principal=[]), "Principal"),
        (changed(Principal={}), "Principal"),
        (changed(Principal={"AWS": []}), "AWS principal"),
        (changed(Principal={"aws": "*"}), "not known: aws"),
        (changed(Action=[]), "Action"),
        (changed(Action=[1]), "Action"),
        (changed(Condition=None), "Condition"),
        (changed(Condition=[]), "Condition"),
        (changed(Condition={"Bool": []}), "Condition"),
        (changed(Condition={"Bool": {"aws:SecureTransport": []}}), "without a value"),
        (changed(Condition={"Bool": {"aws:SecureTransport": [None]}}), "no text"),
        (changed(Condition={"Bool": {"aws:a": "1", "AWS:a": "1"}}), "twice"),
        (text_of([allow(), deny({"IpAddress": {}})]), "operator without a key"),
    ],
)
def test_what_cannot_be_read_is_not_known(text: str, said: str) -> None:
    for judgement in (anyone_gets_in(text), other_accounts_get_in(text, OWN)):
        assert judgement.answer == "unknown"
        assert said in judgement.why


def test_what_is_unreadable_beside_an_open_statement_is_not_known_either() -> None:
    assert anyone_gets_in(text_of([allow(), {"Effect": "Deny"}])).answer == "unknown"


@pytest.mark.parametrize(
    ("statements", "answer"),
    [
        ([allow(Resource="*"), deny(NOT_OUR_VPCE, Resource=f"{API}/*")], "no"),
        ([allow(), deny(NOT_OUR_VPCE, Resource=f"{API}/*")], "no"),
        ([allow(Resource=f"{API}/*"), deny(NOT_OUR_VPCE)], "no"),
        ([allow(Resource="*"), deny(NOT_OUR_VPCE, Resource=f"{OTHER_API}/*")], "yes"),
        ([allow(FROM_OFFICE), allow(Resource=f"{OTHER_API}/*")], "unknown"),
        ([allow(Resource=f"arn:aws:execute-api:*:{OWN}:abc*/prod/*")], "yes"),
    ],
)
def test_with_the_apis_arn_other_apis_are_told_apart(
    statements: list[dict[str, Any]], answer: str
) -> None:
    assert anyone_gets_in(text_of(statements), api=API).answer == answer


MANY_RESOURCES = [f"execute-api:/*/GET/*{chr(97 + place)}*" for place in range(20)]


@pytest.mark.parametrize(
    ("statements", "answer"),
    [
        ([allow(Resource=MANY_RESOURCES)], "yes"),
        ([allow(Resource=MANY_RESOURCES), deny(NOT_OUR_VPCE)], "no"),
        ([allow(Resource=MANY_RESOURCES), deny()], "nobody"),
        ([allow(), deny(NOT_OUR_VPCE, Resource=MANY_RESOURCES)], "unknown"),
    ],
)
def test_resources_that_overlap_in_too_many_ways_are_judged_where_it_does_not_matter(
    statements: list[dict[str, Any]], answer: str
) -> None:
    for api in (API, ""):
        assert anyone_gets_in(text_of(statements), api=api).answer == answer


@pytest.mark.parametrize(
    ("organizations", "answer"),
    [((), "undecided"), (["o-a1b2c3d4e5"], "no"), (["o-9z8y7x6w5v"], "yes")],
)
def test_whose_an_organisation_is_can_be_told(organizations: list[str], answer: str) -> None:
    for statements in ([allow({"StringEquals": ORG})], [allow(), deny({"StringNotEquals": ORG})]):
        judgement = other_accounts_get_in(text_of(statements), OWN, organizations)
        assert judgement.answer == answer


def test_an_account_of_our_organisation_is_no_other_where_the_policy_says_that_it_is() -> None:
    statements = [allow({"StringEquals": ORG}, Principal={"AWS": PARTNER})]
    assert other_accounts_get_in(text_of(statements), OWN, ["o-a1b2c3d4e5"]).answer == "no"


@pytest.mark.parametrize(
    ("statements", "said"),
    [
        ([allow(FROM_OFFICE)], "IpAddress aws:SourceIp 203.0.113.0/24"),
        ([allow(), deny(NOT_OUR_VPCE)], "statement 2 denies every request of which StringNotEq"),
        ([allow(Principal={"AWS": f"{IAM}:role/x"})], f"allows only {IAM}:role/x"),
        ([allow(Sid="Partners", Principal={"AWS": PARTNER})], "statement Partners"),
        ([allow({"StringEquals": {"foo:Bar": "x"}})], "StringEquals foo:Bar x"),
        ([allow({"Bool": {"aws:SecureTransport": True}})], "Bool aws:SecureTransport true"),
        ([allow(NotPrincipal={"AWS": PARTNER})], f"all but {PARTNER}"),
    ],
)
def test_a_reason_names_what_decides(statements: list[dict[str, Any]], said: str) -> None:
    assert said in anyone_gets_in(text_of(statements)).why


def test_a_reason_has_one_line_whatever_the_policy_says() -> None:
    odd = "\x1b[2J\r\n\u202e" + "x" * 500
    for statements in (
        [allow({odd: {odd: odd}}, Sid=odd)],
        [allow({"StringEquals": {"aws:UserAgent": odd}}, Sid=odd)],
        [allow(Principal={"AWS": odd})],
        [allow() | {odd: odd}],
    ):
        why = anyone_gets_in(text_of(statements)).why
        assert why.isprintable()
        assert len(why) <= 200


def test_the_longest_policies_are_judged_in_a_second_or_two() -> None:
    """AWS takes 8192 characters at most."""
    ranges = [f"{10 + place % 200}.{place}.0.0/24" for place in range(250)]
    endpoints = [f"vpce-{place:017x}" for place in range(250)]
    partners = [f"arn:aws:iam::{10**11 + place}:role/x" for place in range(150)]
    tags = [{f"aws:PrincipalTag/{place + more}": "x" for more in range(3)} for place in range(60)]
    began = time.thread_time()
    for statements in (
        [allow({"IpAddress": {"aws:SourceIp": ranges}})],
        [allow(), deny({"StringNotEquals": {"aws:SourceVpce": endpoints}})],
        [allow(Principal={"AWS": partners})],
        [allow(), *(deny({"StringEquals": one}) for one in tags)],
        [allow({"StringLike": {"aws:UserAgent": [f"*{'a*' * place}b" for place in range(60)]}})],
    ):
        other_accounts_get_in(text_of(statements), OWN)
    assert time.thread_time() - began < 20


@pytest.mark.parametrize("element", ["Action", "Resource"])
def test_an_allow_without_an_action_or_a_resource_is_of_all(element: str) -> None:
    statement = {name: value for name, value in allow().items() if name != element}
    assert anyone_gets_in(text_of([statement])).answer == "yes"


@pytest.mark.parametrize("element", ["Action", "Resource"])
def test_a_deny_without_an_action_or_a_resource_is_not_known(element: str) -> None:
    statement = {name: value for name, value in deny().items() if name != element}
    assert anyone_gets_in(text_of([allow(), statement])).answer == "unknown"
