"""Finding copies of one text: a hash for exact copies, MinHash bands for edited ones.

Shingles are pairs of folded words, so that case, accents, quotation marks and Arabic letter forms
do not matter. A copy with 15 % of its words changed keeps 0.57 of its pairs, and shares one of 32
bands of 3 rows with a probability of 0.998. Two articles about the same event have 0.05 to 0.1 of
their pairs in common, and share a band with a probability of 0.004 to 0.03; `likeness` separates
these apart.
"""

from __future__ import annotations

import struct
from hashlib import blake2b
from itertools import pairwise

from rensa import RMinHash  # type: ignore[import-untyped]  # it ships no types

from storage.letters import fold_text
from storage.records import Fingerprint

_BANDS = 32  # 16 bands found 254 of 300 edited copies, 32 all
_ROWS = 3
_SEED = 20240311
_FORM = f"pairs-{_BANDS}x{_ROWS}-1"  # raise the last number when shingles, seed or hash change

_PACK_BAND = struct.Struct(f"<{_ROWS + 1}I").pack
_UNPACK_BANDS = struct.Struct(f"<{_BANDS}q").unpack

# A text with fewer words is a teaser ("Read more..."), which only its title distinguishes from
# others.
_SHORT_WORDS = 40
_MIN_WORDS = 8  # of title and text together; with fewer there are no bands

# From this likeness on, two texts are copies of one another. Edited copies reach more than 0.6,
# different reports of one event less than 0.3.
SAME_TEXT = 0.5
_CONTAINMENT_FROM = 30  # pairs; a shorter text may be quoted in an article


def algorithm() -> str:
    """Return the name of the algorithm. Bands are only comparable under the same name."""
    return f"rensa-{RMinHash.ALGORITHM_VERSION}-{_FORM}"


def fingerprint(title: str, text: str) -> Fingerprint:
    """Return the hash and bands of a document; no bands if it is too short to compare."""
    return fingerprint_of(fold_text(title), fold_text(text))


def fingerprint_of(title: str, folded: str) -> Fingerprint:
    """Return what `fingerprint` does of a folded title and text, without spaces at the ends."""
    words = folded.split()
    if len(words) < _SHORT_WORDS:
        folded = f"{title} {folded}".strip()
        words = folded.split()
    text_hash = blake2b(folded.encode(), digest_size=16).hexdigest()
    if len(words) < _MIN_WORDS:
        return Fingerprint(text_hash)
    minhash = RMinHash(num_perm=_BANDS * _ROWS, seed=_SEED)
    minhash.update(list(map(" ".join, pairwise(words))))  # to find the different ones takes longer
    return Fingerprint(text_hash, _bands(minhash.digest()), algorithm())


def likeness(a_text: str, b_text: str) -> float:
    """Return how similar two texts are, from 0 to 1: the share of the shorter text's word pairs
    that the other has (containment), so that a copy that was cut is like its original; for short
    texts of all pairs (Jaccard).
    """
    a, b = _pairs(fold_text(a_text).split()), _pairs(fold_text(b_text).split())
    if not a or not b:
        return 0.0
    shorter = min(len(a), len(b))
    return len(a & b) / (shorter if shorter >= _CONTAINMENT_FROM else len(a | b))


def resemblance(a_text: str, b_text: str) -> float:
    """Return the share of the word pairs of both texts that both have, from 0 to 1 (Jaccard)."""
    a, b = _pairs(fold_text(a_text).split()), _pairs(fold_text(b_text).split())
    return len(a & b) / len(a | b) if a and b else 0.0


def _pairs(words: list[str]) -> set[str]:
    return {f"{first} {second}" for first, second in pairwise(words)}


def _bands(digest: list[int]) -> tuple[int, ...]:
    """Return the bands as signed 64-bit integers, as SQL stores them, each with its number."""
    row = iter(digest)
    packed = map(_PACK_BAND, range(_BANDS), *[row] * _ROWS)
    return _UNPACK_BANDS(b"".join([blake2b(one, digest_size=8).digest() for one in packed]))
