"""Fill the card: the facts of the agreement that a text reports, each with its own evidence.

A field stays empty where the text does not say enough.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import date

from crawler.judgement.card.acts import find_clauses
from crawler.judgement.card.closing import find_closing, signed_by
from crawler.judgement.card.event_date import find_event_date, find_expected_day
from crawler.judgement.card.instrument import find_instrument
from crawler.judgement.card.parties.parties import Parties, find_parties
from crawler.judgement.card.parties.party_mentions import find_setting
from crawler.judgement.card.places import find_place
from crawler.judgement.card.records import Clauses, Voice
from crawler.judgement.card.status import find_status
from crawler.judgement.card.tables import Tables
from crawler.judgement.card.topics import find_topics
from crawler.judgement.text.reading import Hit, Reading
from storage.records import Card, DateBasis, Evidence, Zone


def read_card(
    reading: Reading,
    published_on: date | None,
    tables: Tables,
    outlet_country: str | None = None,
) -> tuple[Card, tuple[Evidence, ...]]:
    """Return the card, and the words that its fields rest on.

    `tables` are those of the gazetteer; `outlet_country` is the state that "our country" means.
    """
    setting = find_setting(reading)
    parties = find_parties(reading, setting, tables, outlet_country=outlet_country)
    told = find_clauses(reading, published_on)
    clauses = without_others(told, parties, tables.union_states, reading)
    closing = find_closing(reading, clauses)
    step = signed_by(closing, reading) if closing else find_status(reading, clauses)
    instrument = find_instrument(reading, clauses, step)
    topics = find_topics(reading, clauses, step)
    event_date, basis, date_evidence = (
        (closing.day, DateBasis.TEXT, ())
        if closing
        else find_event_date(reading, published_on, clauses, step, setting.dateline)
    )
    expected_on, expected_evidence = find_expected_day(reading, published_on, clauses, step.status)
    place = find_place(reading, parties, setting, tables, closing)
    card = Card(
        parties=parties.codes,
        instrument=instrument.value,
        topics=topics.value or (),
        status=step.status,
        event_date=event_date,
        event_date_basis=basis,
        expected_on=expected_on,
        place=place.text if place else None,
        place_key=place.key if place else None,
        party_scores=parties.scores,
    )
    proof = (
        *parties.evidence,
        *instrument.evidence,
        *topics.evidence,
        *step.evidence,
        *date_evidence,
        *expected_evidence,
        *((place.evidence,) if place else ()),
    )
    return card, proof


# --- acts of others -------------------------------------------------------------------------------

_UNION = "EU"
_NAMED_BY = frozenset(("state", "nationals"))  # a capital is often only where they met
_SIMILAR = "modality.similar"
_BESIDE = 2  # tokens: "a similar labour deal", "un accord bilatéral semblable"


def without_others(
    clauses: Clauses, parties: Parties, union: frozenset[str], reading: Reading
) -> Clauses:
    """Return the clauses with the acts of other agreements marked as background.

    `parties` and `clauses` come from the same reading; `union` are the states of the European
    Union, which stand for it.
    """
    others = frozenset(
        sentence
        for sentence in (
            *_of_strangers(parties, union, reading),
            *(hit.sentence for hit in clauses.objects if _is_another(hit, clauses, reading)),
        )
        if reading.sentences[sentence].zone is not Zone.TITLE
    )
    if not others:
        return clauses
    acts = tuple(
        act._replace(voice=Voice.OLD) if act.hit.sentence in others else act for act in clauses.acts
    )
    return replace(clauses, acts=acts)


def _of_strangers(parties: Parties, union: frozenset[str], reading: Reading) -> Iterable[int]:
    """Yield the sentences that name states, and no party, or a stranger beside a similar deal."""
    if len(parties.codes) < 2:
        return
    own = set(parties.codes) | (union if _UNION in parties.codes else set())
    similar = {hit.sentence for hit in reading.hits.get(_SIMILAR, ())}
    for sentence, named in parties.named_in.items():
        strangers = {code for kind, code in named if kind in _NAMED_BY} - own
        if strangers and (sentence in similar or not {code for _, code in named} & own):
            yield sentence


def _is_another(hit: Hit, clauses: Clauses, reading: Reading) -> bool:
    """Whether an agreement of the past is brought up as one: "a pact of 2023", "un accord de 2006".

    With a definite article it would be the agreement in the news, told with its year.
    """
    if hit.token not in clauses.past:
        return False
    start = reading.sentences[hit.sentence].start
    before = range(hit.token - 1, hit.token - 1 - _BESIDE, -1)
    return any(
        token >= 0
        and reading.spaces[token] + 1 >= start
        and reading.word(token) in reading.grammar.indefinite
        for token in before
    )
