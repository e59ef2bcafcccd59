"""Where relative clauses begin: "the agreement *that* they signed"."""

from __future__ import annotations

from collections.abc import Iterable

from crawler.judgement.text.reading import Reading


def relative_tokens(reading: Reading) -> Iterable[int]:
    """Yield the tokens that open a relative clause; where the verb stands last, articles look like
    them, and a comma tells them apart.
    """
    needs_comma = bool(reading.grammar.modal_behind)
    for hit in reading.hits.get("modality.relative", ()):
        start = reading.sentences[hit.sentence].start
        if not needs_comma:
            yield hit.token
        elif hit.start - 1 > start:
            *_, before = reading.original(reading.spaces[hit.token - 1] + 1, hit.start)
            if before.rstrip()[-1:] == ",":
                yield hit.token
