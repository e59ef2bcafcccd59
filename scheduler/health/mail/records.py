"""What domains publish about their mail: SPF (RFC 7208), DKIM keys (RFC 6376, 3.6.1) and DMARC
(RFC 7489).
"""

from __future__ import annotations

import binascii
import re
from base64 import b64decode
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from ipaddress import IPv4Network, IPv6Network

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
    r"[+?~-]?(?:all|(?:include|exists):.+|ptr(?::.+)?|(?:a|mx)(?::.+?)?(?:/\d{1,2})?(?://\d{1,3})?)",
    re.IGNORECASE,
)
_NETWORK = re.compile(r"[+?~-]?ip([46]):([\da-f:.]+(?:/\d{1,3})?)", re.IGNORECASE)
_MODIFIER = re.compile(r"(?!(?:redirect|exp)=$)[a-z][a-z0-9._-]*=.*", re.IGNORECASE)

Texts = Callable[[str], Iterable[str]]


def spf_records(texts: Iterable[str]) -> list[str]:
    """Those of the TXT records of a domain that are SPF."""
    return [text for text in texts if re.match(r"v=spf1(?: |$)", text, re.IGNORECASE)]


def unknown_term(spf: str) -> str | None:
    """What SPF does not know, which makes the whole record wrong (RFC 7208, 4.6)."""
    return next((term for term in spf.split()[1:] if not _is_known(term)), None)


def _is_known(term: str) -> bool:
    network = _NETWORK.fullmatch(term)
    if network is None:
        return any(form.fullmatch(term) for form in (_MECHANISM, _MODIFIER))
    try:
        (IPv4Network if network[1] == "4" else IPv6Network)(network[2], strict=False)
    except ValueError:
        return False
    return True


@dataclass(frozen=True)
class SpfReading:
    """How a receiver reads a record and those that it leads to. `lookups`: counted up to one more
    than are allowed. `lost`: another domain that has no record, or several, which makes this one
    wrong, as `wrong` does, another domain whose record holds what SPF does not know. `ending`: what
    holds for all servers that no term names; "" if no term says it. `opened`: another domain whose
    record is included and lets anybody send.
    """

    lookups: int
    lost: str | None = None
    wrong: str | None = None
    ending: str = ""
    opened: str | None = None

    @property
    def lets_anybody_send(self) -> bool:
        return self.ending in ("all", "+all")


def read_spf(spf: str, texts: Texts, lookups: int = 0) -> SpfReading:
    """`lookups`: how many were needed before."""
    ending = ""
    for term in _heeded(spf):
        lookups += bool(_LOOKED_UP.match(term))
        if lookups > MOST_LOOKUPS:
            break
        if _ALL.fullmatch(term):
            ending = term.lower()
        other = _OTHER_RECORD.match(term)
        # %{...} stands for what only the mail itself tells.
        if other is None or "%" in other[1]:
            continue
        there = _read_other(other[1], texts, lookups)
        if there.lost is not None or there.wrong is not None:
            return there
        lookups = there.lookups
        if _REDIRECT.fullmatch(term):
            return there
        if there.lets_anybody_send:  # then so does what includes it (RFC 7208, 5.2)
            return SpfReading(
                lookups, ending=term[: term.lower().index("include")] + "all", opened=other[1]
            )
    return SpfReading(lookups, ending=ending)


def _read_other(domain: str, texts: Texts, lookups: int) -> SpfReading:
    found = spf_records(texts(domain))
    if len(found) != 1:
        return SpfReading(lookups, lost=domain)
    if unknown_term(found[0]) is not None:
        return SpfReading(lookups, wrong=domain)
    return read_spf(found[0], texts, lookups)


def _heeded(spf: str) -> list[str]:
    """The terms that receivers heed, in their order: none behind `all` (RFC 7208, 5.1), and
    `redirect=` last, where there is no `all` (6.1).
    """
    terms = spf.split()[1:]
    others = [term for term in terms if not _REDIRECT.fullmatch(term)]
    end = next((number for number, term in enumerate(others) if _ALL.fullmatch(term)), None)
    if end is not None:
        return others[: end + 1]
    return others + [term for term in terms if _REDIRECT.fullmatch(term)]


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


def unfit_tag(key: dict[str, str]) -> str | None:
    """What keeps verifiers from using a published key for our mail: hashes without SHA-256, with
    which we sign, or services without mail (RFC 6376, 3.6.1).
    """
    for name, fit in (("h", {"sha256"}), ("s", {"*", "email"})):
        given = {one.strip().lower() for one in key.get(name, "").split(":")}
        if given != {""} and not given & fit:
            return f"{name}={key[name]}"
    return None


def key_bits(key: str) -> int | None:
    """How long a published RSA key is; None if it is none."""
    try:
        public = load_der_public_key(b64decode(key, validate=True))
    except (ValueError, binascii.Error, UnsupportedAlgorithm):
        return None
    return public.key_size if isinstance(public, RSAPublicKey) else None
