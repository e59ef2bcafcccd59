"""What an agreement is called in the reader's language, such as "EU–Tunisia memorandum of
understanding, 2023", and its parties and place.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from functools import cache
from typing import NamedTuple

from crawler.judgement.city_names import CityNames, load_city_names
from scheduler.views.words.labels import Labels
from scheduler.views.words.lines import initial, line
from storage.records import Instrument, Status, Topic
from storage.register.entry import Agreement

# Up to four parties are all named. Of more, such as the thirty of a summit, three are.
_MOST_JOINED, _MOST_LISTED = 4, 3
LONGEST_NAME = 160
_TALKS = frozenset({Status.PROPOSED, Status.NEGOTIATING, Status.REJECTED})


def name_of(agreement: Agreement, own_name: str | None, labels: Labels) -> str:
    """What an agreement is called: as a curator named it, else by what is known of it."""
    if own_name:
        return line(own_name, LONGEST_NAME)
    born = born_on(agreement)
    year = born.year if born else None
    known = NamedBy(agreement.parties, agreement.instrument, agreement.topics, year)
    return made_name(known, labels, agreement.title)


def born_on(agreement: Agreement) -> date | None:
    """The first day on which it was more than talks; else the first day that is known."""
    dated = [(step.status, step.on) for step in agreement.history if step.on is not None]
    dealt = [on for status, on in dated if status is not None and status not in _TALKS]
    return next(iter(dealt), dated[0][1] if dated else None)


class NamedBy(NamedTuple):
    """What a name is made of."""

    parties: Sequence[str]
    instrument: Instrument | None
    topics: Iterable[Topic]
    year: int | None


def made_name(known: NamedBy, labels: Labels, title: str = "") -> str:
    """The name on one line, made of what is known; a headline, `title`, if no party is."""
    parties, instrument, topics, year = known
    if not parties:
        return line(title, LONGEST_NAME) or labels.say("untitled")
    # A paper on everything is not known by its topics: only one alone is named.
    own = [topic for topic in topics if topic is not Topic.OTHER]
    made = labels.term(
        "names.pair" if 1 < len(parties) <= _MOST_JOINED else "names.listed",
        parties=joined_parties(parties, labels),
        instrument=labels.instrument(instrument),
        about=f" {labels.term(f'names.about.{own[0]}')}" if len(own) == 1 else "",
        year=labels.say(", {year}", year=year) if year else "",
    )
    return line(initial(made), LONGEST_NAME)


def joined_parties(parties: Sequence[str], labels: Labels) -> str:
    """The parties as names of agreements join them: "EU–Tunisia", if the language does not join
    them with a word; of many, the first: "Algeria, Chad, Egypt and 9 others".
    """
    hidden = len(parties) - _MOST_LISTED if len(parties) > _MOST_JOINED else 0
    shown = parties[:_MOST_LISTED] if hidden else parties
    names = [labels.short_party(code) for code in shown]
    joint = labels.say("–").strip()  # Arabic has none
    if joint and 1 < len(parties) <= _MOST_JOINED:
        return joint.join(names)
    return labels.listed(
        [*names, labels.count("{n} other", "{n} others", hidden)] if hidden else names
    )


def parties_in_words(codes: Iterable[str], labels: Labels) -> str:
    """ "Morocco, Niger", or "unknown". In English, a body keeps the code that filters take."""
    named = (
        code if labels.language == "en" and (len(code) != 2 or code == "EU") else labels.party(code)
        for code in codes
    )
    return labels.say(", ").join(named) or labels.say("unknown")


def place_in(language: str, place: str | None, key: str | None = None) -> str:
    """Return a place in a language and its script; as it was written where nobody knows better.

    `key` is its canonical name, if it has one: "the Egyptian capital" is Cairo.
    """
    if not place:
        return ""
    names = _city_names()
    return (names.name_of_key(key, language) if key else None) or names.name(place, language)


@cache
def _city_names() -> CityNames:
    return load_city_names()
