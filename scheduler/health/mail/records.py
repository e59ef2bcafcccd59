"""What domains publish about their mail: SPF (RFC 7208), DKIM keys (RFC 6376, 3.6.1) and DMARC
(RFC 7489).
"""

from __future__ import annotations

import binascii
import re
from base64 import b64decode
from collections.abc import Callable, Iterable

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.serialization import load_der_public_key

# A receiver gives up after so many look-ups (RFC 7208, 4.6.4), and then treats the record as wrong.
MOST_LOOKUPS = 10

_LOOKED_UP = re.compile(r"^[+?~-]?(include:|exists:|redirect=|ptr\b|mx\b|a\b)", re.IGNORECASE)
_OTHER_RECORD = re.compile(r"^[+?~-]?(?:include:|redirect=)(.+)$", re.IGNORECASE)
_CLOSING = re.compile(r"^(?:[~-]all|redirect=.+)$", re.IGNORECASE)

Texts = Callable[[str], Iterable[str]]


def spf_records(texts: Iterable[str]) -> list[str]:
    """Those of the TXT records of a domain that are SPF."""
    return [text for text in texts if re.match(r"v=spf1(?: |$)", text, re.IGNORECASE)]


def lets_anybody_send(spf: str) -> bool:
    return any(term.lower() in ("all", "+all") for term in spf.split())


def refuses_the_rest(spf: str) -> bool:
    """Whether it ends with ~all or -all, or another record says how it ends."""
    return any(_CLOSING.match(term) for term in spf.split())


def spf_lookups(spf: str, texts: Texts) -> int:
    """How many look-ups a receiver needs for a record and those that it includes: counted up to one
    more than are allowed.
    """
    waiting, count = [spf], 0
    while waiting and count <= MOST_LOOKUPS:
        for term in waiting.pop().split()[1:]:
            count += bool(_LOOKED_UP.match(term))
            other = _OTHER_RECORD.match(term)
            # %{...} stands for what only the mail itself tells.
            if other and "%" not in other[1] and count <= MOST_LOOKUPS:
                waiting += spf_records(texts(other[1]))
    return count


def dmarc_records(texts: Iterable[str]) -> list[str]:
    """Those of the TXT records that are DMARC."""
    return [text for text in texts if re.match(r"v\s*=\s*DMARC1\s*(?:;|$)", text)]


def tags(record: str) -> dict[str, str]:
    """The tags of a DKIM or DMARC record, in lower case, with their values."""
    pairs = (part.partition("=") for part in record.split(";"))
    return {name.strip().lower(): value.strip() for name, _, value in pairs if name.strip()}


def published_keys(texts: Iterable[str]) -> list[dict[str, str]]:
    """The tags of DKIM records with a key; without white space in it. An empty key was revoked."""
    found = [tags(text) for text in texts]
    keys = [{**one, "p": re.sub(r"\s", "", one["p"])} for one in found if one.get("p")]
    return [one for one in keys if one.get("v", "DKIM1") == "DKIM1"]


def key_bits(key: str) -> int | None:
    """How long a published RSA key is; None if it is none."""
    try:
        public = load_der_public_key(b64decode(key, validate=True))
    except (ValueError, binascii.Error, UnsupportedAlgorithm):
        return None
    return public.key_size if isinstance(public, RSAPublicKey) else None
