"""The table acm_certificates.

A stage may present one to its backend since 2026-09, and a custom domain name shows one to its
callers; that of an edge-optimized domain name is in us-east-1, wherever the domain name is:
https://docs.aws.amazon.com/apigateway/latest/developerguide/how-to-custom-domains-prerequisites.html
"""

from __future__ import annotations

from apigw_vtab.tables.declaration import NoneHere, Page, Table
from apigw_vtab.tables.model import service_model
from apigw_vtab.tables.reads import read_list, read_one
from apigw_vtab.tables.v1.domain_names import DOMAIN_NAMES
from apigw_vtab.tables.v1.stages import STAGES
from apigw_vtab.tables.v2.domain_names import V2_DOMAIN_NAMES
from apigw_vtab.tables.v2.stages import V2_STAGES
from apigw_vtab.tables.values import HashableDict


def _every_kind_of_key() -> HashableDict:
    """Return the filter that lets all through: without one, ACM lists certain RSA keys alone.

    https://docs.aws.amazon.com/acm/latest/APIReference/API_ListCertificates.html
    """
    return HashableDict(keyTypes=tuple(service_model("acm").shape_for("KeyAlgorithm").enum))


ACM_CERTIFICATES = Table(
    "acm_certificates",
    "The certificates of ACM, which stages and custom domain names present.",
    shape="CertificateDetail",
    key=("certificate_arn",),
    arn="{certificate_arn}",
    key_arn="arn:{partition}:acm:{region}:{account_id}:certificate/{id}",
    named_by={
        STAGES: ("client_certificate_id",),
        DOMAIN_NAMES: (
            "certificate_arn",
            "regional_certificate_arn",
            "ownership_verification_certificate_arn",
        ),
        V2_STAGES: ("client_certificate_id",),
        V2_DOMAIN_NAMES: (
            "domain_name_configurations.*.CertificateArn",
            "domain_name_configurations.*.OwnershipVerificationCertificateArn",
        ),
    },
    reads=(
        read_one(
            "acm",
            "DescribeCertificate",
            renamed={"CertificateArn": "certificate_arn"},
            item="Certificate",
            none_here=(NoneHere("ResourceNotFoundException"),),
        ),
        read_list(
            "acm",
            "ListCertificates",
            items="CertificateSummaryList",
            constants={"Includes": _every_kind_of_key},
            page=Page("MaxItems", "NextToken", 1000),
            most=2500,
        ),
    ),
    examples={
        "Stages whose certificate of ACM ends within 60 days": """
            select s.region, s.rest_api_id, s.stage_name, c.status, c.not_after
            from stages as s
            join acm_certificates as c on c.certificate_arn = s.client_certificate_id
            where c.not_after < datetime('now', '60 days') or c.status <> 'ISSUED'
        """,
        "Certificates that custom domain names show, wherever they are": """
            select d.region, d.domain_name, c.region as certificate_region, c.status, c.not_after
            from domain_names as d
            join acm_certificates as c
              on c.certificate_arn = coalesce(d.certificate_arn, d.regional_certificate_arn)
        """,
    },
)
