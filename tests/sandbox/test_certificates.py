"""Client certificates in the sandbox, over real HTTP, as boto3 sees them."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15

from tests.sandbox.clients import patch, refusal


def test_a_generated_certificate_is_a_self_signed_x509_of_365_days(gateway: Any) -> None:
    answer = gateway.generate_client_certificate(description="backend")
    certificate = x509.load_pem_x509_certificate(answer["pemEncodedCertificate"].encode())
    certificate.public_key().verify(  # type: ignore[union-attr,call-arg]
        certificate.signature,
        certificate.tbs_certificate_bytes,
        PKCS1v15(),  # type: ignore[arg-type]
        certificate.signature_hash_algorithm,  # type: ignore[arg-type]
    )
    assert certificate.subject == certificate.issuer
    assert certificate.subject.rfc4514_string() == "CN=ApiGateway,L=Seattle,C=US"
    assert certificate.not_valid_before_utc == answer["createdDate"]
    assert certificate.not_valid_after_utc == answer["expirationDate"]
    assert answer["expirationDate"] - answer["createdDate"] == timedelta(days=365)


def test_a_generated_certificate_has_a_six_character_id_and_what_it_was_given(gateway: Any) -> None:
    answer = gateway.generate_client_certificate(description="backend", tags={"team": "orders"})
    assert re.fullmatch("[a-z0-9]{6}", answer["clientCertificateId"])
    assert (answer["description"], answer["tags"]) == ("backend", {"team": "orders"})


def test_pem_lines_end_in_cr_lf_as_api_gateway_has_them(gateway: Any) -> None:
    pem = gateway.generate_client_certificate()["pemEncodedCertificate"]
    assert pem.count("\n") == pem.count("\r\n") > 10


def test_a_certificate_can_be_read_alone_and_in_the_list(gateway: Any) -> None:
    made = gateway.generate_client_certificate(description="backend")
    alone = gateway.get_client_certificate(clientCertificateId=made["clientCertificateId"])
    (listed,) = gateway.get_client_certificates()["items"]
    for answer in (made, alone):
        del answer["ResponseMetadata"]
    assert made == alone == listed


def test_a_certificate_without_description_has_none(gateway: Any) -> None:
    made = gateway.generate_client_certificate()
    assert "description" not in made and "tags" not in made


def test_the_description_of_a_certificate_can_be_changed(gateway: Any) -> None:
    certificate_id = gateway.generate_client_certificate(description="a")["clientCertificateId"]
    gateway.update_client_certificate(
        clientCertificateId=certificate_id, patchOperations=patch("/description", "b")
    )
    answer = gateway.get_client_certificate(clientCertificateId=certificate_id)
    assert answer["description"] == "b"


def test_nothing_else_of_a_certificate_can_be_changed(gateway: Any) -> None:
    certificate_id = gateway.generate_client_certificate()["clientCertificateId"]
    operations = patch("/expirationDate", "0")
    assert refusal(
        gateway.update_client_certificate,
        clientCertificateId=certificate_id,
        patchOperations=operations,
    ) == (400, "BadRequestException")


def test_a_deleted_certificate_is_gone(gateway: Any) -> None:
    certificate_id = gateway.generate_client_certificate()["clientCertificateId"]
    gateway.delete_client_certificate(clientCertificateId=certificate_id)
    assert gateway.get_client_certificates()["items"] == []


@pytest.mark.parametrize("operation", ["get", "update", "delete"])
def test_an_unknown_certificate_is_not_found(gateway: Any, operation: str) -> None:
    call = getattr(gateway, f"{operation}_client_certificate")
    assert refusal(call, clientCertificateId="nosuch") == (404, "NotFoundException")


def test_a_region_holds_sixty_certificates(gateway: Any) -> None:
    for _ in range(60):
        gateway.generate_client_certificate()
    assert refusal(gateway.generate_client_certificate) == (429, "LimitExceededException")
