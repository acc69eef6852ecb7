"""What must hold for every policy, tried on random ones against IAM's rules done plainly.

The law that must never break: who gets in by the plain rules is never answered with "no".
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from apigw_vtab.analysis.policy import Judgement, anyone_gets_in, other_accounts_get_in
from tests.analysis.policy_model import (
    API,
    BAD_VPCE,
    FRIEND,
    INSIDER,
    ORG,
    OWN,
    PARTNER,
    STRANGER,
    VPC,
    VPCE,
    Request,
    Side,
    allowed,
    is_direct,
    requests,
)

Statements = list[dict[str, Any]]
EXAMPLES = 100
STRING_OPERATORS = [
    "StringEquals",
    "StringNotEquals",
    "StringLike",
    "StringNotLike",
    "StringEqualsIgnoreCase",
    "StringNotEqualsIgnoreCase",
]
QUANTIFIED = ["{}", "{}", "{}", "{}IfExists", "ForAllValues:{}", "ForAnyValue:{}"]
TEXTS = {
    "aws:SourceVpce": [VPCE, "vpce-*", BAD_VPCE],
    "aws:SourceVpc": [VPC, "*"],
    "aws:PrincipalAccount": [OWN, PARTNER, "*"],
    "aws:PrincipalOrgID": [ORG, "o-*"],
    "aws:PrincipalArn": [
        f"arn:aws:iam::{OWN}:role/app",
        f"arn:aws:iam::{PARTNER}:role/*",
        "arn:aws:iam::*:role/app",
    ],
    "aws:SourceAccount": [OWN, PARTNER, "*"],
    "aws:UserAgent": ["our-app", "our-*", "*"],
    "aws:PrincipalTag/team": ["blue", "*"],
}
RANGES = ["203.0.113.0/24", "198.51.100.0/24", "0.0.0.0/0", "::/0"]


def some(values: list[str]) -> st.SearchStrategy[Any]:
    return st.sampled_from(values) | st.lists(
        st.sampled_from(values), min_size=1, max_size=2, unique=True
    )


@st.composite
def conditions(draw: st.DrawFn) -> tuple[str, str, Any]:
    """An operator, a key and values."""
    quantified = draw(st.sampled_from(QUANTIFIED))
    kind = draw(st.sampled_from(["text"] * 4 + ["address"] * 3 + ["switch", "null", "time"]))
    if kind == "address":
        operator = quantified.format(draw(st.sampled_from(["IpAddress", "NotIpAddress"])))
        private = draw(st.integers(0, 3)) == 0
        values = draw(some(["10.1.0.0/16", "0.0.0.0/0"] if private else RANGES))
        return operator, "aws:VpcSourceIp" if private else "aws:SourceIp", values
    if kind == "switch":
        key = draw(st.sampled_from(["aws:SecureTransport", "aws:PrincipalIsAWSService"]))
        return quantified.format("Bool"), key, draw(st.sampled_from(["true", "false"]))
    if kind == "time":
        return quantified.format("DateLessThan"), "aws:CurrentTime", "2030-01-01T00:00:00Z"
    key = draw(st.sampled_from(sorted(TEXTS)))
    if kind == "null":
        return "Null", key, draw(st.sampled_from(["true", "false"]))
    operators = STRING_OPERATORS + ["ArnLike", "ArnNotLike"] * (key == "aws:PrincipalArn")
    return quantified.format(draw(st.sampled_from(operators))), key, draw(some(TEXTS[key]))


PRINCIPALS = st.sampled_from(
    [
        "*",
        "*",
        "*",
        {"AWS": "*"},
        {"AWS": OWN},
        {"AWS": [PARTNER, f"arn:aws:iam::{OWN}:root"]},
        {"AWS": f"arn:aws:iam::{PARTNER}:role/app"},
        {"Service": "sns.amazonaws.com"},
    ]
)
ACTIONS = ["execute-api:Invoke", "execute-api:*", "*", "execute-api:inv*"]
IDLE_ACTIONS = ["InvalidateCache", "ManageConnections"]
RESOURCES = [
    "execute-api:/*",
    "execute-api:/*",
    "execute-api:/prod/*",
    "execute-api:/*/GET/*",
    "execute-api:/*/*/pets",
    "execute-api:/????/DELETE/*",
]


@st.composite
def a_statement(draw: st.DrawFn) -> dict[str, Any]:
    """A statement in which one element of five is negated."""
    one: dict[str, Any] = {"Effect": draw(st.sampled_from(["Allow", "Deny"]))}
    for element, values in (
        ("Principal", PRINCIPALS),
        ("Action", st.sampled_from(ACTIONS)),
        ("Resource", some(RESOURCES)),
    ):
        negated = draw(st.integers(0, 9)) == 0
        one[f"Not{element}" if negated else element] = draw(values)
    found: dict[str, dict[str, Any]] = {}
    for operator, key, values in draw(st.lists(conditions(), max_size=2)):
        found.setdefault(operator, {})[key] = values
    return one | ({"Condition": found} if found else {})


@st.composite
def policies(draw: st.DrawFn) -> Statements:
    """Statements of which one is an Allow, for of the others there is nothing to say."""
    statements = draw(st.lists(a_statement(), min_size=1, max_size=4))
    return [{**statements[0], "Effect": "Allow"}, *statements[1:]]


def text_of(statements: Any) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": statements})


def anyone(statements: Statements) -> str:
    return anyone_gets_in(text_of(statements), api=API).answer


def others(statements: Statements, *organizations: str) -> Judgement:
    return other_accounts_get_in(text_of(statements), OWN, organizations, api=API)


@pytest.fixture
def law(many: int, proof: Callable[..., None]) -> Callable[..., None]:
    """Try a law on random policies, and count them."""

    def run(check: Callable[..., None], strategy: Any = None, examples: int = EXAMPLES) -> None:
        made = 0

        @settings(
            max_examples=examples * many,
            deadline=None,
            database=None,
            derandomize=many == 1,
            suppress_health_check=list(HealthCheck),
        )
        @given(policies() if strategy is None else strategy)
        def every(policy: Any) -> None:
            nonlocal made
            made += 1
            check(policy)

        every()
        proof(cases=made)

    return run


def a_way(policy: Statements, side: Side, action: str = "execute-api:Invoke") -> Request | None:
    """Give a request of a side that gets in, one that no AWS service makes if there is one."""
    through = None
    for request in requests(policy, side, action):
        if allowed(policy, request):
            through = request
            if is_direct(request.who):
                break
    return through


def test_a_stranger_gets_in_just_when_the_answer_is_yes(law: Callable[..., None]) -> None:
    answers: Counter[str] = Counter()

    def check(policy: Statements) -> None:
        way, answer = a_way(policy, STRANGER), anyone(policy)
        answers[answer] += 1
        if way is None:
            idle = any(a_way(policy, STRANGER, f"execute-api:{one}") for one in IDLE_ACTIONS)
            assert answer in (("no", "undecided") if idle else ("no", "nobody"))
        elif is_direct(way.who):
            assert answer == others(policy).answer == "yes", way
        else:
            # AWS services that the policy names are not just anyone's.
            assert answer in ("no", "undecided"), way
            assert others(policy).answer in ("yes", "undecided"), way

    law(check)
    assert min(answers[answer] for answer in ("yes", "no", "nobody")) > EXAMPLES // 20, answers


def names_the_partner(policy: Statements) -> bool:
    """Tell whether something of a policy lets the partner in by name, or does not keep it out."""
    named = [
        str(values)
        for one in policy
        for operator, keys in one.get("Condition", {}).items()
        for values in keys.values()
        if (one["Effect"] == "Allow") != ("Not" in operator)
    ]
    named += [
        str(one["Principal" if one["Effect"] == "Allow" else "NotPrincipal"])
        for one in policy
        if ("Principal" in one) == (one["Effect"] == "Allow")
    ]
    return PARTNER in "".join(named)


def test_a_partner_gets_in_just_when_the_answer_says_so(law: Callable[..., None]) -> None:
    def check(policy: Statements) -> None:
        way, judgement = a_way(policy, FRIEND), others(policy)
        if way is not None and names_the_partner(policy):
            assert judgement.answer in ("yes", "undecided"), way
            assert judgement.answer == "yes" or not is_direct(way.who), way
        if judgement.answer == "yes" and judgement.accounts:
            assert judgement.accounts == (PARTNER,)
            assert way is not None

    law(check)


def test_where_somebody_gets_in_the_answer_is_not_nobody(law: Callable[..., None]) -> None:
    def check(policy: Statements) -> None:
        if "nobody" in (anyone(policy), others(policy).answer):
            for side in (STRANGER, FRIEND, INSIDER):
                assert a_way(policy, side) is None

    law(check)


ORDER = ("nobody", "no", "undecided", "unknown", "yes")


def test_one_more_deny_lets_nobody_in_and_one_more_allow_keeps_nobody_out(
    law: Callable[..., None],
) -> None:
    def check(pair: tuple[Statements, dict[str, Any]]) -> None:
        policy, more = pair
        before, after = (ORDER.index(anyone(one)) for one in (policy, [*policy, more]))
        assert before <= after if more["Effect"] == "Allow" else before >= after

    law(check, st.tuples(policies(), a_statement()))


def test_who_lets_anyone_in_lets_other_accounts_in(law: Callable[..., None]) -> None:
    def check(policy: Statements) -> None:
        strict, loose = others(policy, ORG).answer, others(policy).answer
        assert ORDER.index(strict) <= ORDER.index(loose)
        if anyone(policy) == "yes":
            assert strict == loose == "yes"

    law(check)


def test_the_order_of_statements_and_the_escaping_change_nothing(law: Callable[..., None]) -> None:
    def check(policy: Statements) -> None:
        text = text_of(policy)
        answers = {anyone_gets_in(text, api=API).answer, anyone(policy[::-1])}
        for _ in range(2):
            text = json.dumps(text)[1:-1].replace("/", "\\/")
            answers |= {anyone_gets_in(one, api=API).answer for one in (text, f'"{text}"')}
        assert len(answers) == 1

    law(check, examples=40)


WORDS = st.sampled_from(
    [
        "*",
        "Allow",
        "Deny",
        "AWS",
        "execute-api:/*",
        "execute-api:Invoke",
        "aws:SourceIp",
        "aws:sourceVPCE",
        "aws:principalarn",
        "IpAddress",
        "StringLike",
        "Null",
        "0.0.0.0/0",
        "${aws:username}",
        "arn:aws:iam::*",
        "true",
    ]
) | st.text(max_size=8)
ANY_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | WORDS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(WORDS, inner, max_size=3),
    max_leaves=6,
)


def test_any_document_has_an_answer_that_fits_into_a_line(law: Callable[..., None]) -> None:
    elements = ["Principal", "Action", "Resource", "Condition", "Sid", "NotPrincipal", "Other"]
    mapped = st.dictionaries(WORDS, st.dictionaries(WORDS, ANY_JSON, max_size=2), max_size=2)
    odd = st.fixed_dictionaries(
        {"Effect": st.sampled_from(["Allow", "Deny"])},
        optional={element: ANY_JSON | mapped for element in elements},
    )
    kept = st.tuples(a_statement(), odd).map(lambda pair: pair[0] | pair[1])

    def check(statements: Any) -> None:
        for text in (text_of(statements), json.dumps(statements)):
            for judgement in (anyone_gets_in(text), other_accounts_get_in(text, OWN)):
                assert judgement.why.isprintable()
                assert 0 < len(judgement.why) <= 200

    law(check, ANY_JSON | st.lists(odd | kept, max_size=3))


@example("[" * 100_000)
@example("{" * 100_000)
@example('"' * 9)
@example("\\" * 9)
@example("")
@example("null")
@example("NaN")
@example('{"Statement": ' + "1" * 5000 + "}")
@settings(max_examples=100, deadline=None, database=None, derandomize=True)
@given(st.text(max_size=40))
def test_any_text_that_is_no_policy_is_not_known(text: str) -> None:
    assert anyone_gets_in(text).answer == other_accounts_get_in(text, OWN).answer == "unknown"
