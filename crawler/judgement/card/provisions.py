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
    and durations and notices are of no stay, fund or programme: a permit is valid for two years,
    too. "Terminated six months after its signature" is no notice: that is named, too.
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
    lengths = [hit for hit in reading.family(_MONTHS) if hit.sentence in papers]
    others = {hit.sentence for hit in reading.hits.get("provision.other", ())}
    runs = [hit for hit in hits[ProvisionKind.DURATION] if hit.sentence not in others]
    runs += reading.hits.get("provision.force", ())
    for length in lengths:
        if any(_follows(length, words) for words in runs):
            yield _provision(reading, ProvisionKind.DURATION, length)
    ends = {hit.sentence for hit in reading.hits.get("provision.ends", ())} - others
    notices = [
        (length.sentence, length.gap(words.token, words.last_token), length)
        for words in hits[ProvisionKind.NOTICE]
        for length in lengths
        if length.sentence == words.sentence and length.sentence in ends
        if _months(length) <= _LONGEST_NOTICE
    ]
    if notices:  # of "for one year, unless denounced six months in advance" what is nearest
        yield _provision(reading, ProvisionKind.NOTICE, min(notices)[-1])


def _follows(length: Hit, words: Hit) -> bool:
    return length.sentence == words.sentence and 0 < length.token - words.last_token <= _REACH


def _months(length: Hit) -> int:
    return int(length.concept.rpartition(".")[2])


def _provision(reading: Reading, kind: ProvisionKind, hit: Hit) -> Provision:
    sentence = reading.sentences[hit.sentence]
    *_, quote = reading.original(sentence.start, sentence.end)
    months = _months(hit) if hit.concept.startswith(_MONTHS) else 0
    return Provision(kind, months, " ".join(quote.split())[:_LONGEST])
