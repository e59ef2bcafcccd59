"""What tells copies of one text: a hash for exact ones, MinHash bands for edited ones.

Shingles are pairs of folded words, so case, accents, quotation marks and Arabic letter forms do not count. A copy with
15 % of its words changed keeps 0.57 of its pairs; 32 bands of 3 rows then meet with probability 0.998, and two articles
about the same event (0.05 to 0.1) with 0.004 to 0.03: those are told apart by `likeness`.
"""

from __future__ import annotations

import struct
from hashlib import blake2b
from itertools import pairwise

from rensa import RMinHash  # type: ignore[import-untyped]  # it ships no types

from crawler.judgement.text.folding import fold_text
from storage.records import Fingerprint

_BANDS = 32  # 16 bands found 254 of 300 edited copies, 32 all
_ROWS = 3
_SEED = 20240311
_FORM = f"pairs-{_BANDS}x{_ROWS}-1"  # raise the last number when shingles, seed or hash change

# Under this many words a text is a teaser ("Read more..."), and only with its title is it told from other teasers.
_SHORT_WORDS = 40
_MIN_WORDS = 8  # title and text together: fewer have no bands

# At or above this likeness two texts are copies of one another. Edited copies lie above 0.6, different reports of one
# event under 0.3.
SAME_TEXT = 0.5
_CONTAINMENT_FROM = 30  # pairs: shorter texts may stand in an article as a quote


def algorithm() -> str:
    """The name under which bands may be compared; another version's bands mean something else."""
    return f"rensa-{RMinHash.ALGORITHM_VERSION}-{_FORM}"


def fingerprint(title: str, text: str) -> Fingerprint:
    """The hash and bands of a document; no bands where it is too short to compare."""
    folded = fold_text(text)
    words = folded.split()
    if len(words) < _SHORT_WORDS:
        folded = f"{fold_text(title)} {folded}".strip()
        words = folded.split()
    text_hash = blake2b(folded.encode(), digest_size=16).hexdigest()
    if len(words) < _MIN_WORDS:
        return Fingerprint(text_hash)
    minhash = RMinHash(num_perm=_BANDS * _ROWS, seed=_SEED)
    minhash.update(sorted(_pairs(words)))
    return Fingerprint(text_hash, _bands(minhash.digest()), algorithm())


def likeness(a_text: str, b_text: str) -> float:
    """0 (nothing shared) to 1: the share of the shorter text's word pairs that the other has too, so that a copy with
    its tail cut is like its original; for short texts the share of all pairs (Jaccard)."""
    a, b = _pairs(fold_text(a_text).split()), _pairs(fold_text(b_text).split())
    if not a or not b:
        return 0.0
    shorter = min(len(a), len(b))
    return len(a & b) / (shorter if shorter >= _CONTAINMENT_FROM else len(a | b))


def _pairs(words: list[str]) -> set[str]:
    return {f"{first} {second}" for first, second in pairwise(words)}


def _bands(digest: list[int]) -> tuple[int, ...]:
    """Signed 64-bit integers, as SQL keeps them; each band hashes its number too, so that equal rows of different
    bands do not meet."""
    bands = []
    for band in range(_BANDS):
        rows = digest[band * _ROWS : (band + 1) * _ROWS]
        packed = blake2b(struct.pack(f"<{_ROWS + 1}I", band, *rows), digest_size=8).digest()
        bands.append(int.from_bytes(packed, "little", signed=True))
    return tuple(bands)
