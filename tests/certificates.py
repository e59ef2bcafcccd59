"""Certificates of servers on this machine, which sign themselves."""

from __future__ import annotations

import ssl
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID


@dataclass(frozen=True)
class Certificate:
    """`file` is for who trusts it, `with_key` and `context` are for the server."""

    file: Path
    with_key: Path
    context: ssl.SSLContext


def certificate(folder: Path, *, days: int = 30, named: bool = True) -> Certificate:
    """A certificate of 127.0.0.1; one that has expired with `days` below 0; `named`: it says whose
    it is as it should.
    """
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    end = datetime.now(UTC) + timedelta(days=days)
    unsigned = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(end - timedelta(days=60))
        .not_valid_after(end)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
    )
    if named:
        names = x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))])
        unsigned = unsigned.add_extension(names, critical=False)
    pem = serialization.Encoding.PEM
    public = unsigned.sign(key, hashes.SHA256()).public_bytes(pem)
    form, plain = serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    file, with_key = folder / "ca.pem", folder / "server.pem"
    file.write_bytes(public)
    with_key.write_bytes(key.private_bytes(pem, form, plain) + public)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(with_key)
    return Certificate(file, with_key, context)
