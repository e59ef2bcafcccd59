"""DKIM signatures (RFC 6376) of our mails: dkimpy's one home."""

from __future__ import annotations

from base64 import b64encode
from functools import lru_cache

import dkim
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
)

from scheduler.configuration.channels import DkimSettings
from spiders.catalog.secrets import Secret
from storage.errors import ConfigurationError

# RFC 8058 has one click count only where the signature covers both List-Unsubscribe headers.
# `from` stands twice so that nobody can add a second one (RFC 6376, 8.15).
_SIGNED = (
    *("from", "from", "to", "subject", "date", "message-id", "in-reply-to", "references"),
    *("list-id", "list-unsubscribe", "list-unsubscribe-post", "auto-submitted"),
    *("mime-version", "content-type", "content-language", "content-transfer-encoding"),
)


def signed(message: bytes, settings: DkimSettings, key: Secret, domain: str) -> bytes:
    """The message with a signature of `domain` before its other headers. Raises ConfigurationError
    if the key cannot be read.
    """
    pem = _private_key(key).private_bytes(
        Encoding.PEM, PrivateFormat.TraditionalOpenSSL, NoEncryption()
    )
    try:
        signer = domain.encode("idna")
    except UnicodeError:
        raise ConfigurationError(f"{domain} is no domain that can sign mail (DKIM)") from None
    there = {line.partition(b":")[0].lower() for line in message.split(b"\r\n\r\n")[0].split(b"\n")}
    signature = dkim.sign(
        message,
        settings.selector.encode(),
        signer,
        pem,
        canonicalize=(b"relaxed", b"relaxed"),
        include_headers=[name for name in _SIGNED if name.encode() in there],
    )
    return bytes(signature) + message


def public_key(key: Secret) -> str:
    """The public half as a DKIM record has it, in `p=`. Raises ConfigurationError if the key cannot
    be read.
    """
    public = _private_key(key).public_key()
    return b64encode(public.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)).decode()


def _private_key(secret: Secret) -> RSAPrivateKey:
    key = _read_key(secret.reveal())
    if key is None:
        raise ConfigurationError(
            f"the DKIM key in {secret} is no RSA key in PEM without a password; "
            "make one with: openssl genrsa -out dkim.pem 2048"
        )
    return key


@lru_cache(maxsize=8)
def _read_key(pem: str) -> RSAPrivateKey | None:
    """Reading a key checks its numbers, which takes ten times as long as a signature."""
    try:
        key = load_pem_private_key(pem.encode(), password=None)
    except (ValueError, TypeError, UnsupportedAlgorithm):
        return None  # the reasons quote what was read
    return key if isinstance(key, RSAPrivateKey) else None
