"""What an agreement is called in the reader's language, such as "EU–Tunisia memorandum of
understanding, 2023", and its parties and place.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import TYPE_CHECKING

from scheduler.views.words.labels import Labels
from scheduler.views.words.lines import line
from storage.records import Instrument, Status, Topic
from storage.register.records import Agreement

if TYPE_CHECKING:
    from crawler.judgement.city_names import CityNames

# Up to four parties are all named. Of more, such as the thirty of a summit, three are.
_MOST_JOINED, _MOST_LISTED = 4, 3
_LONGEST = 160
_TALKS = frozenset({Status.PROPOSED, Status.NEGOTIATING, Status.REJECTED})


@dataclass(frozen=True, slots=True)
class NameParts:
    """What a name is made of. A curator's name, `given`, comes first. `title`, a headline, serves
    if no party is known.
    """

    parties: tuple[str, ...]
    instrument: Instrument | None
    topics: tuple[Topic, ...]
    year: int | None
    title: str
    given: str | None = None


def name_parts(agreement: Agreement, given: str | None = None) -> NameParts:
    born = born_on(agreement)
    year = born.year if born else None
    return NameParts(
        parties=agreement.parties,
        instrument=agreement.instrument,
        topics=agreement.topics,
        year=year,
        title=agreement.title,
        given=given,
    )


def born_on(agreement: Agreement) -> date | None:
    """The first day on which the agreement was more than talks; else the first day that is
    known.
    """
    dated = [(step.status, step.on) for step in agreement.history if step.on is not None]
    dealt = [on for status, on in dated if status is not None and status not in _TALKS]
    return next(iter(dealt), dated[0][1] if dated else None)


def name_of(parts: NameParts, labels: Labels) -> str:
    """The name on one line: the curator's, else one made of parties, instrument, topic and year."""
    if parts.given:
        return line(parts.given, _LONGEST)
    if not parts.parties:
        return line(parts.title, _LONGEST) or labels.say("untitled")
    is_pair = _is_pair(parts.parties)
    made = labels.say(
        "names.pair" if is_pair else "names.listed",
        parties=joined_parties(parts.parties, labels),
        instrument=labels.instrument(parts.instrument),
        about=_about(parts.topics, labels),
        year=labels.say("names.year", year=parts.year) if parts.year else "",
    )
    return line(made[:1].upper() + made[1:], _LONGEST)


def joined_parties(parties: Sequence[str], labels: Labels) -> str:
    """The parties as names of agreements join them: "EU–Tunisia"."""
    return _joined(parties, labels) if _is_pair(parties) else _listed(parties, labels)


def _is_pair(parties: Sequence[str]) -> bool:
    return 1 < len(parties) <= _MOST_JOINED


def parties_in_words(codes: Iterable[str], labels: Labels) -> str:
    """ "Morocco, Niger", or "unknown". In English, a body keeps the code that filters take."""
    named = (
        code if labels.language == "en" and (len(code) != 2 or code == "EU") else labels.party(code)
        for code in codes
    )
    return labels.say("comma").join(named) or labels.say("terminal.unknown")


def _joined(parties: Sequence[str], labels: Labels) -> str:
    """ "EU–Tunisia", or a list if the language joins names with a word."""
    names = [labels.short_party(code) for code in parties]
    joint = labels.say("names.joint")
    return joint.join(names) if joint else labels.listed(names)


def _listed(parties: Sequence[str], labels: Labels) -> str:
    """ "Algeria, Chad, Egypt and 9 others"."""
    hidden = len(parties) - _MOST_LISTED if len(parties) > _MOST_JOINED else 0
    shown = parties[:_MOST_LISTED] if hidden else parties
    names = [labels.short_party(code) for code in shown]
    return labels.listed([*names, labels.count("names.others", hidden)] if hidden else names)


def _about(topics: Sequence[Topic], labels: Labels) -> str:
    """The topic, if there is just one: a paper on everything is not known by its topics."""
    own = [topic for topic in topics if topic is not Topic.OTHER]
    return f" {labels.say(f'names.about.{own[0]}')}" if len(own) == 1 else ""


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
    from crawler.judgement.city_names import load_city_names

    return load_city_names()
