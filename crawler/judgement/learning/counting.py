"""In how many ordinary documents the forms of our terms stand: what `Frequencies` are made from."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable

from crawler.judgement.judge import Rules, read_document
from crawler.judgement.probability.frequencies import Frequencies
from crawler.judgement.probability.roles import PARTY, TRAP, roles_of
from storage.records import Document


def count_forms(documents: Iterable[Document], rules: Rules) -> Frequencies:
    """Count the forms of all terms but names of parties and traps, by language of the document."""
    read: Counter[str] = Counter()
    having: dict[str, Counter[str]] = defaultdict(Counter)
    for document in documents:
        reading = read_document(document, rules)
        read[reading.language] += 1
        having[reading.language].update(
            {
                reading.folded[hit.start : hit.end]
                for concept, hits in reading.hits.items()
                if (roles_of(concept) or (PARTY,))[0] not in (PARTY, TRAP)
                for hit in hits
            }
        )
    return Frequencies(read, having)
