"""Where a search leads beside its hits: to the agreements of the parties that its words name, and,
where nothing fits, to what would be found without one of its conditions.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

from scheduler.configuration.query_parties import parties_among
from scheduler.configuration.typed_filters import TypedFilter, to_filter
from scheduler.words.labels import Labels
from scheduler.words.lines import line
from storage import queries
from storage.asking import Filter
from storage.database.session import Session

_MOST_CONDITIONS = 8  # each costs a count
_LONGEST_QUERY = 80  # characters of what is said of it


@dataclass(frozen=True, slots=True)
class AsParties:
    """The parties that the words of a search name, how many agreements they have, and the search
    for these, with the parties in the place of their names. Its query is what the search says
    besides, if something is found with that.
    """

    parties: tuple[str, ...]
    agreements: int
    typed: TypedFilter

    def sentence(self, labels: Labels) -> str:
        """ "Morocco and Spain as parties: 3 agreements"."""
        named = labels.listed(labels.short_party(code) for code in self.parties)
        counted = labels.count("terminal.agreements", self.agreements)
        if not self.typed.query:
            return labels.say("hint.as_parties", parties=named, agreements=counted)
        words = line(self.typed.query, _LONGEST_QUERY)
        return labels.say("hint.as_parties_with", words=words, parties=named, agreements=counted)


@dataclass(frozen=True, slots=True)
class Relaxed:
    """The search without one of its parameters (`name` and `value`), and how much that finds."""

    name: str
    value: str
    typed: TypedFilter
    found: int


def as_parties(s: Session, typed: TypedFilter) -> AsParties | None:
    """What the words of a search lead to if they name parties, and these have agreements."""
    named, besides = parties_among(typed.query)
    if not named:
        return None
    parties = tuple(dict.fromkeys((*typed.parties, *named)))
    for query in dict.fromkeys((besides, "")):
        instead = replace(typed, query=query, parties=parties)
        found = queries.count_agreements(s, to_filter(instead))
        if found:
            return AsParties(named, found, instead)
    return None


def relaxed(typed: TypedFilter, count: Callable[[Filter], int]) -> Iterator[Relaxed]:
    """Yield each parameter of a search that found nothing without which something is found."""
    given = typed.parameters[:_MOST_CONDITIONS]
    for name, value in given if len(given) > 1 else ():
        without = typed.without(name, value)
        found = count(to_filter(without))
        if found:
            yield Relaxed(name, value, without, found)
