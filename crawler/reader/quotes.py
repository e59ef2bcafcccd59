"""Where a second reader's quote stands in a text."""

from __future__ import annotations

import re
from collections.abc import Iterator

from crawler.judgement.text.folding import fold
from storage.letters import fold_text
from storage.records import Document, Evidence, SecondReading, Zone

_LEAST_QUOTED = 12  # letters of a quote, folded; a name or a word proves nothing
_ELLIPSIS = re.compile(r"\s*(?:\[?\(?(?:\.\.\.|…)\)?\]?)\s*")


def stands_in(quote: str, document: Document) -> bool:
    """Whether a quote, or each piece of it, stands in title or text, but for case and accents."""
    whole = f" {fold_text(document.title)} {fold_text(document.text)} "
    pieces = _pieces(quote)
    return sum(map(len, pieces)) >= _LEAST_QUOTED and all(f" {piece} " in whole for piece in pieces)


def _pieces(quote: str) -> list[str]:
    return [folded for piece in _ELLIPSIS.split(quote) if (folded := fold_text(piece))]


def quoted(reading: SecondReading, title: str, text: str) -> Iterator[Evidence]:
    """Yield where the reader's quote stands, as evidence that weighs nothing for the judge."""
    if not reading.quote:
        return
    for zone, whole in ((Zone.TITLE, title), (Zone.BODY, text)):
        folded = fold(whole)
        for piece in _pieces(reading.quote):
            at = folded.text.find(f" {piece} ")
            if at >= 0:
                start, end = int(folded.offsets[at + 1]), int(folded.offsets[at + len(piece)]) + 1
                yield Evidence("reader", "reader.quote", zone, start, end, whole[start:end], 0.0)
