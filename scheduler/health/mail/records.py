"""What domains publish about their mail: SPF (RFC 7208), DKIM keys (RFC 6376, 3.6.1) and DMARC
(RFC 7489).
"""

from __future__ import annotations

import binascii
import re
from base64 import b64decode
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.serialization import load_der_public_key

# A receiver gives up after so many look-ups (RFC 7208, 4.6.4), and then treats the record as wrong.
MOST_LOOKUPS = 10

_LOOKED_UP = re.compile(r"^[+?~-]?(include:|exists:|redirect=|ptr\b|mx\b|a\b)", re.IGNORECASE)
_OTHER_RECORD = re.compile(r"^[+?~-]?(?:include:|redirect=)(.+)$", re.IGNORECASE)
_ALL = re.compile(r"[+?~-]?all", re.IGNORECASE)
_REDIRECT = re.compile(r"redirect=(.+)", re.IGNORECASE)
_MECHANISM = re.compile(
    r"[+?~-]?(?:all|(?:include|exists):.+|(?:a|mx|ptr)(?:[:/].+)?|ip4:[\d./]+|ip6:[\da-f:./]+)",
    re.IGNORECASE,
)
_MODIFIER = re.compile(r"[a-z][a-z0-9._-]*=.*", re.IGNORECASE)

Texts = Callable[[str], Iterable[str]]


def spf_records(texts: Iterable[str]) -> list[str]:
    """Those of the TXT records of a domain that are SPF."""
    return [text for text in texts if re.match(r"v=spf1(?: |$)", text, re.IGNORECASE)]


def unknown_term(spf: str) -> str | None:
    """What SPF does not know, which makes the whole record wrong (RFC 7208, 4.6)."""
    terms = spf.split()[1:]
    known = (_MECHANISM, _MODIFIER)
    return next((one for one in terms if not any(form.fullmatch(one) for form in known)), None)


@dataclass(frozen=True)
class SpfReading:
    """How a receiver reads a record and those that it leads to. `lookups`: counted up to one more
    than are allowed. `lost`: another domain that has no record, or several, which makes this one
    wrong. `ending`: what holds for all servers that no term names; "" if no term says it.
    """

    lookups: int
    lost: str | None
    ending: str


def read_spf(spf: str, texts: Texts) -> SpfReading:
    waiting, count, ending = [(spf, True)], 0, ""
    while waiting and count <= MOST_LOOKUPS:
        record, has_last_word = waiting.pop()
        for term in _heeded(record):
            count += bool(_LOOKED_UP.match(term))
            if has_last_word and _ALL.fullmatch(term):
                ending = term.lower()
            other = _OTHER_RECORD.match(term)
            # %{...} stands for what only the mail itself tells.
            if other and "%" not in other[1] and count <= MOST_LOOKUPS:
                found = spf_records(texts(other[1]))
                if len(found) != 1:
                    return SpfReading(count, other[1], ending)
                is_redirect = _REDIRECT.fullmatch(term) is not None
                waiting.append((found[0], has_last_word and is_redirect))
    return SpfReading(count, None, ending)


def _heeded(spf: str) -> list[str]:
    """The terms that receivers heed: none behind `all` (RFC 7208, 5.1), and `redirect=` only where
    there is no `all` (6.1).
    """
    terms = spf.split()[1:]
    end = next((number for number, term in enumerate(terms) if _ALL.fullmatch(term)), None)
    if end is None:
        return terms
    return [term for term in terms[: end + 1] if not _REDIRECT.fullmatch(term)]


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
