"""Fill the card: the facts of the agreement that a text reports, each with its own evidence.

A field stays empty where the text does not say enough.
"""

from __future__ import annotations

from datetime import date

from crawler.judgement.card.acts import find_clauses
from crawler.judgement.card.closing import find_closing, signed_by
from crawler.judgement.card.event_date import find_event_date, find_expected_day
from crawler.judgement.card.instrument import find_instrument
from crawler.judgement.card.others import without_others
from crawler.judgement.card.parties.parties import find_parties
from crawler.judgement.card.parties.party_mentions import find_setting
from crawler.judgement.card.places import find_place
from crawler.judgement.card.status import find_status
from crawler.judgement.card.tables import Tables
from crawler.judgement.card.topics import find_topics
from crawler.judgement.text.reading import Reading
from storage.records import Card, DateBasis, Evidence


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
