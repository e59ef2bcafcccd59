"""Find the sentences on how long an agreement runs, how it is renewed and ended, and on nationals
of third countries. The words stand in `provisions.yaml` of each language.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence, Set

from crawler.judgement.card.dates.date_mentions import find_dates
from crawler.judgement.card.mentions import Precision
from crawler.judgement.text.reading import Hit, Reading
from storage.provision import Provision, ProvisionKind

_LONGEST = 300  # characters of a quote
_REACH = 8  # tokens from "in force for" to its years
_TO_DAY = 3  # tokens from "expires on" to the number of its day: "on Friday, 1 May 2027"
_LONGEST_NOTICE = 24  # months: "he denounces a war of five years" is no notice of its end
_MONTHS, _DAYS = "provision.months", "provision.days"


def find_provisions(reading: Reading) -> tuple[Provision, ...]:
    """The first sentence of each kind. A paper has to be named in it, or in the sentence before,
    and durations and notices are of no stay, fund or programme: a permit is valid for two years,
    too. "Terminated six months after its signature" is no notice: that is named, too.
    """
    provisions = dict[ProvisionKind, Provision]()
    for provision in _provisions(reading):
        provisions.setdefault(provision.kind, provision)
    return tuple(provisions.values())


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
    yield from _durations(reading, lengths, papers - others)
    ends = {hit.sentence for hit in reading.hits.get("provision.ends", ())} - others
    # Days are of notices alone: "for 90 days" is said of stays without a visa.
    of_days = [hit for hit in reading.family(_DAYS) if hit.sentence in papers]
    notices = [
        (length.sentence, length.gap(words.token, words.last_token), length)
        for words in hits[ProvisionKind.NOTICE]
        for length in (*lengths, *of_days)
        if length.sentence == words.sentence and length.sentence in ends
        if length in of_days or _number(length) <= _LONGEST_NOTICE
    ]
    if notices:  # of "for one year, unless denounced six months in advance" what is nearest
        yield _provision(reading, ProvisionKind.NOTICE, min(notices)[-1])


def _durations(
    reading: Reading, lengths: Sequence[Hit], sentences: Set[int]
) -> Iterator[Provision]:
    """Durations in `lengths`, up to a day, and without an end. In `sentences` a paper is named, and
    nothing else that lasts as long.
    """
    runs = _in_sentences(reading, f"provision.{ProvisionKind.DURATION}", sentences)
    runs += reading.hits.get("provision.force", ())
    named = _in_sentences(reading, "provision.named", sentences)
    for length in lengths:
        # "accord de" stands before "cinq ans", and "year agreement" at the end of "five year".
        is_named = any(
            length.token <= words.last_token + 1 and words.token <= length.last_token
            for words in named
        )
        if is_named or any(
            length.sentence == words.sentence and 0 < length.token - words.last_token <= _REACH
            for words in runs
        ):
            yield _provision(reading, ProvisionKind.DURATION, length)
    yield from _until(reading, sentences)
    for words in _in_sentences(reading, "provision.ever", sentences):
        yield _provision(reading, ProvisionKind.DURATION, words)


def _until(reading: Reading, sentences: Set[int]) -> Iterator[Provision]:
    """The sentences that name the last day of an agreement, with its year."""
    ends = _in_sentences(reading, "provision.until", sentences)
    for day in find_dates(reading, None) if ends else ():
        if day.day and day.precision is Precision.DAY:
            for words in ends:
                if 0 < day.token - words.last_token <= _TO_DAY:
                    provision = _provision(reading, ProvisionKind.DURATION, words)
                    yield provision._replace(until=day.day.isoformat())


def _in_sentences(reading: Reading, concept: str, sentences: Set[int]) -> list[Hit]:
    return [hit for hit in reading.hits.get(concept, ()) if hit.sentence in sentences]


def _number(length: Hit) -> int:
    return int(length.concept.rpartition(".")[2])


def _provision(reading: Reading, kind: ProvisionKind, hit: Hit) -> Provision:
    sentence = reading.sentences[hit.sentence]
    *_, quote = reading.original(sentence.start, sentence.end)
    months = _number(hit) if hit.concept.startswith(_MONTHS) else 0
    days = _number(hit) if hit.concept.startswith(_DAYS) else 0
    return Provision(kind, months, " ".join(quote.split())[:_LONGEST], days)
