"""The table client_certificates."""

from __future__ import annotations

from apigw_vtab.tables.declaration import Patch, Table, Write
from apigw_vtab.tables.v1.reads import every, get

CLIENT_CERTIFICATES = Table(
    "client_certificates",
    "The client certificates that stages present to their backends.",
    shape="ClientCertificate",
    key=("client_certificate_id",),
    arn="arn:{partition}:apigateway:{region}::/clientcertificates/{client_certificate_id}",
    reads=(
        get("GetClientCertificate", "clientCertificateId"),
        every("GetClientCertificates", most=60),
    ),
    insert=Write(
        "apigateway",
        "GenerateClientCertificate",
        {"description": "description", "tags": "tags"},
    ),
    update=Write(
        "apigateway",
        "UpdateClientCertificate",
        {"clientCertificateId": "client_certificate_id"},
        patches={"description": Patch("/description", erasable=True)},
        repeatable=True,
    ),
    delete=Write(
        "apigateway",
        "DeleteClientCertificate",
        {"clientCertificateId": "client_certificate_id"},
        repeatable=True,
        used_by=("stages", "v2_stages"),
    ),
    examples={
        "Certificates that expire within 60 days": """
            select region, client_certificate_id, description, date(expiration_date) as ends
            from client_certificates
            where expiration_date < datetime('now', '60 days')
            order by expiration_date
        """,
        "How many stages present each certificate": """
            select c.region, c.client_certificate_id, c.description, count(s.stage_name) as stages
            from client_certificates as c
            left join stages as s using (account_id, region, client_certificate_id)
            group by c.account_id, c.region, c.client_certificate_id
            order by stages
        """,
    },
)
