"""A certificate for one run: who has not got it can neither send work to a worker nor read along.

Whoever reaches a Dask scheduler has its workers run code. On a machine with other users, a port
without a certificate would let them use the keys of whoever started it.
"""

from __future__ import annotations

import datetime
from typing import NamedTuple


class RunCertificate(NamedTuple):
    """A self-signed certificate and its key, as PEM; both are in memory alone."""

    certificate: str
    key: str


def new_certificate() -> RunCertificate:
    """Return a certificate that is valid for a week."""
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec
    from cryptography.x509.oid import NameOID

    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "apigw-vtab")])
    now = datetime.datetime.now(datetime.timezone.utc)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        # Of a clock that is set back in between, nothing depends.
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=7))
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    pem = serialization.Encoding.PEM
    secret = key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    return RunCertificate(certificate.public_bytes(pem).decode(), secret.decode())
