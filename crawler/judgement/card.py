"""The facts of the agreement that a reading reports, each field with its own evidence; unknown rather than wrong."""

from __future__ import annotations

from datetime import date

from crawler.judgement.parties import find_parties
from crawler.judgement.places import find_place
from crawler.judgement.reading import Reading
from storage.records import Card, Evidence


def read_card(reading: Reading, published_on: date | None) -> tuple[Card, tuple[Evidence, ...]]:
    """The card, and the words that its fields rest on."""
    parties = find_parties(reading)
    place = find_place(reading, parties)
    card = Card(
        parties=parties.codes,
        place=place.text if place else None,
        place_key=place.key if place else None,
        party_scores=parties.scores,
    )
    return card, (*parties.evidence, *((place.evidence,) if place else ()))
