"""Clues that the register matches on beside the card.

So far only years that the text names before its own: an agreement recalled by its year is the same one.
"""

from __future__ import annotations

import re

from crawler.judgement.reading import Reading
from storage.records import Card

_YEAR = re.compile(r" ((?:19[5-9]|20[0-4])\d)(?= )")
_MOST = 6


def find_clues(reading: Reading, card: Card) -> tuple[str, ...]:
    """`year:2019` for each year in the text, in text order, without the year of the event itself."""
    own = str(card.event_date.year) if card.event_date else ""
    years = dict.fromkeys(year for year in _YEAR.findall(reading.folded) if year != own)
    return tuple(f"year:{year}" for year in years)[:_MOST]
