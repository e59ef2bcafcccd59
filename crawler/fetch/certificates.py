"""Certificates that are trusted beside the system's: intranets, and sites that forget their intermediate."""

from __future__ import annotations

import os
import ssl
import tempfile
from pathlib import Path

from storage.errors import ConfigurationError

# where distributions keep their bundle; OpenSSL inside a wheel does not know these by itself
SYSTEM_BUNDLES = (
    "/etc/ssl/certs/ca-certificates.crt",
    "/etc/pki/tls/certs/ca-bundle.crt",
    "/etc/ssl/ca-bundle.pem",
    "/etc/ssl/cert.pem",
)


def trust(ca_file: Path | None) -> None:
    """Makes this process trust `ca_file` (PEM) too; to be called before the first connection.

    OpenSSL takes one bundle from SSL_CERT_FILE, so the system's and ours are joined into one.
    Raises ConfigurationError if the file holds no certificate.
    """
    if ca_file is None:
        return
    try:
        ssl.create_default_context().load_verify_locations(cafile=str(ca_file))
        own = ca_file.read_bytes()
    except (OSError, ssl.SSLError) as error:
        raise ConfigurationError(
            f"crawl.ca_file: {ca_file}: not a PEM file of certificates ({error})"
        ) from error
    with tempfile.NamedTemporaryFile(
        prefix="accordwatch-ca-", suffix=".pem", delete=False
    ) as bundle:
        bundle.write(_system_bundle() + b"\n" + own)
    os.environ["SSL_CERT_FILE"] = bundle.name


def _system_bundle() -> bytes:
    configured = os.environ.get("SSL_CERT_FILE") or ssl.get_default_verify_paths().cafile
    for place in (configured, *SYSTEM_BUNDLES):
        if place and Path(place).is_file():
            return Path(place).read_bytes()
    return b""
