"""Agreements that resemble one, in words: which, and why."""

from __future__ import annotations

from typing import NamedTuple

from scheduler.views.register_entries import Entry, named_entries
from scheduler.views.words.labels import Labels
from storage.database.session import Session
from storage.register.entry import Agreement
from storage.register.similar import Likeness, Similar, similar_to


class SimilarLine(NamedTuple):
    found: Similar
    entry: Entry
    why: str


def similar_lines(s: Session, agreement: Agreement, words: Labels) -> list[SimilarLine]:
    similars = similar_to(s, agreement)
    entries = named_entries(s, [similar.agreement for similar in similars], words.language)
    return [
        SimilarLine(similar, entry, _why(similar, words))
        for similar, entry in zip(similars, entries, strict=True)
    ]


def _why(peer: Similar, words: Labels) -> str:
    reasons = {
        Likeness.TOPICS: words.say(", ").join(words.term(f"topics.{each}") for each in peer.topics),
        Likeness.REGIONS: words.say("parties of the same regions"),
        Likeness.KIND: words.instrument(peer.agreement.instrument),
    }  # the status stands beside it
    return words.say(", ").join(reasons[name] for name in peer.why if name in reasons)
