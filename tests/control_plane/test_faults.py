"""Each fault of the control plane, as a boto3 client that does not retry meets it."""

from __future__ import annotations

import contextlib
import http.client
import time
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

import pytest
from botocore.exceptions import (
    ClientError,
    ConnectionClosedError,
    PaginationError,
    ReadTimeoutError,
)
from botocore.parsers import ResponseParserError

from tests.control_plane import KINDS, Fault, Plane, ServedEstate, serve
from tests.control_plane.clients import ACCOUNT, OTHER_REGION, REGION, client, first_api, refused
from tests.control_plane.faults import FaultBook
from tests.control_plane.log import ServedCall


@pytest.fixture(scope="module")
def shared() -> Iterator[Plane]:
    with serve(ServedEstate.numbered(regions=2, rest_apis=60, stages=3, certificates=5)) as plane:
        yield plane


def struck(book: FaultBook, target: str) -> bool:
    """Whether a call of this target meets a fault."""
    call = ServedCall(0.0, ACCOUNT, REGION, "apigateway", "GetStages", "AKIA", {})
    return bool(book.striking(call, target))


def pages(plane: Plane, limit: int = 25) -> list[dict[str, Any]]:
    """All pages of GetRestApis, read by hand and ten at most."""
    read: list[dict[str, Any]] = [client(plane).get_rest_apis(limit=limit)]
    while "position" in read[-1] and len(read) < 10:
        read.append(client(plane).get_rest_apis(limit=limit, position=read[-1]["position"]))
    return read


# --- refusals ---


@pytest.mark.parametrize(
    ("kind", "code", "status"),
    [
        ("internal-error", "InternalFailure", 500),
        ("unavailable", "ServiceUnavailableException", 503),
        ("throttle", "TooManyRequestsException", 429),
        ("denied", "AccessDeniedException", 403),
        ("denied-by-scp", "AccessDeniedException", 403),
        ("conflict", "ConflictException", 409),
        ("disabled", "UnrecognizedClientException", 403),
        ("expired", "ExpiredTokenException", 403),
    ],
)
def test_api_gateway_refuses(plane: Plane, kind: str, code: str, status: int) -> None:
    plane.faults = [Fault(kind)]
    with refused(code, status):
        client(plane).get_rest_apis()
    assert plane.counts.statuses == {status: 1}


@pytest.mark.parametrize(
    ("kind", "code", "status"),
    [
        ("internal-error", "InternalFailure", 500),
        ("throttle", "Throttling", 400),
        ("denied", "AccessDenied", 403),
        ("denied-by-scp", "AccessDenied", 403),
        ("expired", "ExpiredToken", 403),
    ],
)
def test_sts_refuses_in_its_own_words(plane: Plane, kind: str, code: str, status: int) -> None:
    plane.faults = [Fault(kind)]
    with refused(code, status):
        client(plane, "sts").get_caller_identity()


@pytest.mark.parametrize(
    ("kind", "code", "status"),
    [
        ("internal-error", "InternalError", 500),
        ("throttle", "RequestLimitExceeded", 503),
        ("denied", "UnauthorizedOperation", 403),
        ("expired", "RequestExpired", 400),
    ],
)
def test_ec2_refuses_in_its_own_words(plane: Plane, kind: str, code: str, status: int) -> None:
    plane.faults = [Fault(kind)]
    with refused(code, status):
        client(plane, "ec2").describe_regions()


def test_a_denied_call_is_told_who_may_not_do_what(plane: Plane) -> None:
    plane.faults = [Fault("denied")]
    with refused("AccessDeniedException", 403) as error:
        client(plane).get_rest_apis()
    assert error["Message"] == (
        f"User: arn:aws:iam::{ACCOUNT}:user/auditor is not authorized to perform: apigateway:GET "
        "on resource: arn:aws:apigateway:eu-west-1::/restapis because no identity-based policy "
        "allows the apigateway:GET action"
    )


def test_a_disabled_region_says_that_the_token_is_invalid(plane: Plane) -> None:
    plane.faults = [Fault("disabled", region=OTHER_REGION)]
    with refused("UnrecognizedClientException", 403) as error:
        client(plane, region=OTHER_REGION).get_rest_apis()
    assert error["Message"] == "The security token included in the request is invalid."


def test_a_vanished_rest_api_is_listed_and_not_found(plane: Plane) -> None:
    api = first_api(plane)
    plane.faults = [Fault("vanished", path=f"/restapis/{api}*")]
    assert first_api(plane) == api
    with refused("NotFoundException", 404) as error:
        client(plane).get_stages(restApiId=api)
    assert error["Message"] == f"Invalid API identifier specified {ACCOUNT}:{api}"


def test_what_has_vanished_stays_away(plane: Plane) -> None:
    apis = [item["id"] for item in client(plane).get_rest_apis(limit=20)["items"]]
    plane.faults = [Fault("vanished", probability=0.5)]

    for api in apis * 2:
        with contextlib.suppress(ClientError):
            client(plane).get_stages(restApiId=api)
    statuses = [call.status for call in plane.calls[-40:]]
    assert set(statuses) == {200, 404}
    assert statuses[:20] == statuses[20:]


# --- the connection ---


def test_a_connection_is_reset(plane: Plane) -> None:
    plane.faults = [Fault("reset")]
    with pytest.raises(ConnectionClosedError) as caught:
        client(plane).get_rest_apis()
    assert "reset by peer" in str(caught.value.kwargs["error"])
    assert plane.counts.statuses == {0: 1}


def test_a_write_took_effect_though_the_connection_was_reset() -> None:
    with serve(ServedEstate.numbered(certificates=0)) as plane:
        plane.faults = [Fault("reset", operation="GenerateClientCertificate")]
        with pytest.raises(ConnectionClosedError):
            client(plane).generate_client_certificate()
        assert len(client(plane).get_client_certificates()["items"]) == 1


def test_a_body_is_cut_off(plane: Plane) -> None:
    """botocore 1.44 does not check Content-Length: it takes such a body for an empty answer."""
    plane.faults = [Fault("cut-off")]
    connection = http.client.HTTPConnection(urlsplit(plane.url).netloc)
    scope = f"AKIA{ACCOUNT}/20261123/{REGION}/apigateway/aws4_request"
    connection.request(
        "GET", "/restapis", headers={"Authorization": f"AWS4-HMAC-SHA256 Credential={scope}"}
    )
    response = connection.getresponse()
    with pytest.raises(http.client.IncompleteRead) as caught:
        response.read()
    connection.close()
    assert caught.value.expected == pytest.approx(len(caught.value.partial), abs=1)
    assert plane.counts.statuses == {200: 1}


def test_a_call_is_accepted_and_never_answered(plane: Plane) -> None:
    plane.faults = [Fault("silence")]
    with pytest.raises(ReadTimeoutError):
        client(plane, timeout=0.2).get_rest_apis()
    assert [(call.status, call.answered) for call in plane.calls] == [(0, None)]


def test_an_answer_is_slow(plane: Plane) -> None:
    plane.faults = [Fault("slow", seconds=0.3)]
    began = time.monotonic()
    client(plane).get_rest_apis()
    assert time.monotonic() - began >= 0.3


# --- pages ---


def test_a_page_token_repeats_for_ever(plane: Plane) -> None:
    plane.faults = [Fault("repeated-token")]
    assert len(pages(plane)) == 10
    with pytest.raises(PaginationError):
        list(client(plane).get_paginator("get_rest_apis").paginate())


def test_a_token_repeats_though_all_fits_on_one_page(plane: Plane) -> None:
    plane.faults = [Fault("repeated-token")]
    assert len(pages(plane, limit=500)) == 10


def test_an_empty_page_has_a_token(plane: Plane) -> None:
    plane.faults = [Fault("empty-page")]
    assert [len(page["items"]) for page in pages(plane)] == [0, 25, 0, 25, 0, 10]


def test_items_come_twice_across_pages(plane: Plane) -> None:
    plane.faults = [Fault("duplicates")]
    read = pages(plane)
    ids = [item["id"] for page in read for item in page["items"]]
    assert (len(ids), len(set(ids))) == (62, 60)
    assert read[0]["items"][-1] == read[1]["items"][0]


# --- bodies ---


def test_a_member_is_unknown(plane: Plane) -> None:
    plane.faults = [Fault("unknown-member")]
    item = client(plane).get_rest_apis()["items"][0]
    assert item["name"] == "prod-orders-0000"
    assert "memberOfTheFuture" not in item


def test_a_value_is_none_that_the_enum_has(plane: Plane) -> None:
    plane.faults = [Fault("unknown-value")]
    assert client(plane).get_rest_apis()["items"][0]["apiStatus"] == "SOMETHING_NEW"
    stage = client(plane).get_stages(restApiId=first_api(plane))["item"][0]
    assert stage["cacheClusterStatus"] == "SOMETHING_NEW"


def test_a_member_is_missing(plane: Plane) -> None:
    plane.faults = [Fault("missing-member"), Fault("missing-member", member="name")]
    item = client(plane).get_rest_apis()["items"][0]
    assert not {"createdDate", "name"} & set(item)
    assert item["id"]


def test_a_number_is_text(plane: Plane) -> None:
    plane.faults = [Fault("wrong-type")]
    items = client(plane).get_rest_apis()["items"]
    assert {item.get("minimumCompressionSize") for item in items} <= {None, 1024, "1024"}


def test_a_date_is_no_date(plane: Plane) -> None:
    plane.faults = [Fault("wrong-type", member="createdDate", value="yesterday")]
    with pytest.raises((ValueError, ResponseParserError)):
        client(plane).get_rest_apis()


def test_body_faults_leave_the_next_answer_alone(plane: Plane) -> None:
    before = client(plane).get_rest_apis()["items"]
    plane.faults = [Fault("missing-member", times=1)]
    assert client(plane).get_rest_apis()["items"] != before
    assert client(plane).get_rest_apis()["items"] == before


# --- where and how often ---


def test_every_kind_of_fault_has_a_test_here() -> None:
    """A kind is named in this file by the test that shows it."""
    with open(__file__, encoding="utf-8") as source:
        text = source.read()
    assert [kind for kind in KINDS if f'"{kind}"' not in text] == []


def test_a_fault_strikes_its_lane_and_operation_alone(plane: Plane) -> None:
    plane.faults = [Fault("denied", region=OTHER_REGION, operation="GetRestApis")]
    client(plane).get_rest_apis()
    client(plane, region=OTHER_REGION).get_client_certificates()
    with refused("AccessDeniedException", 403):
        client(plane, region=OTHER_REGION).get_rest_apis()


def test_a_fault_strikes_its_account_alone() -> None:
    estate = ServedEstate(["1" * 12, "2" * 12], [REGION])
    with serve(estate, faults=[Fault("denied", account="2" * 12)]) as plane:
        client(plane, key="AKIA" + "1" * 12).get_rest_apis()
        with refused("AccessDeniedException", 403):
            client(plane, key="AKIA" + "2" * 12).get_rest_apis()


def test_a_token_expires_in_mid_scan(plane: Plane) -> None:
    plane.faults = [Fault("expired", after=2)]
    client(plane).get_rest_apis()
    client(plane).get_rest_apis()
    with refused("ExpiredTokenException", 403):
        client(plane).get_rest_apis()


def test_new_keys_end_an_expired_token(plane: Plane) -> None:
    plane.faults = [Fault("expired", access_key="AKIA*", operation="GetRestApis")]
    role = f"arn:aws:iam::{ACCOUNT}:role/auditor"
    assumed = client(plane, "sts").assume_role(RoleArn=role, RoleSessionName="audit")
    with refused("ExpiredTokenException", 403):
        client(plane).get_rest_apis()
    client(plane, key=assumed["Credentials"]["AccessKeyId"]).get_rest_apis()


def test_a_storm_passes(plane: Plane) -> None:
    plane.faults = [Fault("throttle", times=2)]
    for _ in range(2):
        with refused("TooManyRequestsException", 429):
            client(plane).get_rest_apis()
    client(plane).get_rest_apis()


def test_a_fifth_of_the_calls_fail() -> None:
    book = FaultBook([Fault("internal-error", probability=0.2)], seed=1)
    outcomes = [struck(book, f"/restapis/{number}/stages") for number in range(2_000)]
    assert sum(outcomes) == pytest.approx(400, abs=80)


def test_the_same_calls_meet_the_same_faults_in_whatever_order() -> None:
    targets = [f"/restapis/{number}/stages" for number in range(200)]
    fault = Fault("internal-error", probability=0.3)

    def failed(order: list[str], seed: int) -> set[str]:
        book = FaultBook([fault], seed)
        return {target for target in order if struck(book, target)}

    assert failed(targets, seed=1) == failed(targets[::-1], seed=1)
    assert failed(targets, seed=1) != failed(targets, seed=2)


def test_a_call_that_failed_by_chance_may_succeed_when_it_is_tried_again() -> None:
    book = FaultBook([Fault("internal-error", probability=0.5)], seed=1)
    outcomes = {struck(book, "/restapis") for _ in range(50)}
    assert outcomes == {True, False}


@pytest.mark.parametrize("wrong", [{"kind": "denial"}, {"kind": "denied", "probability": 2}])
def test_a_fault_that_could_never_strike_is_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"denial|probability"):
        Fault(**wrong)
