"""Find the sentences on how long an agreement runs, how it is renewed and ended, and on nationals
of third countries. The words stand in `provisions.yaml` of each language.
"""

from __future__ import annotations

from collections.abc import Iterator

from crawler.judgement.text.reading import Hit, Reading
from storage.provision import Provision, ProvisionKind

_LONGEST = 300  # characters of a quote
_REACH = 8  # tokens from "in force for" to its years
_LONGEST_NOTICE = 24  # months: "he denounces a war of five years" is no notice of its end
_MONTHS = "provision.months"


def find_provisions(reading: Reading) -> tuple[Provision, ...]:
    """The first sentence of each kind. A paper has to be named in it, or in the sentence before,
    and durations and notices are of no stay: a residence permit is valid for two years, too.
    """
    found = dict[ProvisionKind, Provision]()
    for provision in _provisions(reading):
        found.setdefault(provision.kind, provision)
    return tuple(found.values())


def _provisions(reading: Reading) -> Iterator[Provision]:
    hits = {kind: reading.hits.get(f"provision.{kind}", ()) for kind in ProvisionKind}
    for hit in hits[ProvisionKind.THIRD_COUNTRY]:
        yield _provision(reading, ProvisionKind.THIRD_COUNTRY, hit)
    papers = {hit.sentence for hit in reading.family("clue.kind")}
    papers |= {sentence + 1 for sentence in papers}  # "It is renewed automatically"
    for hit in hits[ProvisionKind.RENEWAL]:
        if hit.sentence in papers:
            yield _provision(reading, ProvisionKind.RENEWAL, hit)
    ends = {hit.sentence for hit in reading.hits.get("provision.ends", ())}
    of_persons = {hit.sentence for hit in reading.hits.get("provision.person", ())}
    for length in reading.family(_MONTHS):
        if length.sentence not in papers or length.sentence in of_persons:
            continue
        if any(_follows(length, hit) for hit in hits[ProvisionKind.DURATION]):
            yield _provision(reading, ProvisionKind.DURATION, length)
        elif length.sentence in ends and _months(length) <= _LONGEST_NOTICE:
            yield _provision(reading, ProvisionKind.NOTICE, length)


def _follows(length: Hit, words: Hit) -> bool:
    return length.sentence == words.sentence and 0 < length.token - words.last_token <= _REACH


def _months(length: Hit) -> int:
    return int(length.concept.rpartition(".")[2])


def _provision(reading: Reading, kind: ProvisionKind, hit: Hit) -> Provision:
    sentence = reading.sentences[hit.sentence]
    *_, quote = reading.original(sentence.start, sentence.end)
    months = _months(hit) if hit.concept.startswith(_MONTHS) else 0
    return Provision(kind, months, " ".join(quote.split())[:_LONGEST])
