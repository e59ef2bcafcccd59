"""Certificates that are trusted in addition to the system's.

They are needed for intranets, and for sites that do not send their intermediate certificate.
"""

from __future__ import annotations

import os
import ssl
import tempfile
from pathlib import Path

from storage.errors import ConfigurationError

# Where distributions keep their bundle. An OpenSSL inside a wheel does not know these places.
SYSTEM_BUNDLES = (
    "/etc/ssl/certs/ca-certificates.crt",
    "/etc/pki/tls/certs/ca-bundle.crt",
    "/etc/ssl/ca-bundle.pem",
    "/etc/ssl/cert.pem",
)


def trust(ca_file: Path | None) -> None:
    """Make this process trust `ca_file` (PEM) too. Has to be called before the first connection.
    OpenSSL reads a single bundle from SSL_CERT_FILE, so the system's and ours are joined. Raises
    ConfigurationError if the file contains no certificate.
    """
    if ca_file is None:
        return
    try:
        ssl.create_default_context().load_verify_locations(cafile=str(ca_file))
        own = ca_file.read_bytes()
    except (OSError, ssl.SSLError) as error:
        line = f"crawl.ca_file: {ca_file}: is not a PEM file of certificates ({error})"
        raise ConfigurationError(line) from error
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
