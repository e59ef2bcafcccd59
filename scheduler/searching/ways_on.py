"""Where a search leads beside its hits: to the agreements of the parties that its words name, and,
where nothing fits, to what would be found without one of its conditions.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

from scheduler.configuration.query_parties import parties_named
from scheduler.configuration.typed_filters import TypedFilter, to_filter
from scheduler.words.labels import Labels
from storage import queries
from storage.asking import Filter
from storage.database.session import Session

_MOST_CONDITIONS = 8  # each costs a count


@dataclass(frozen=True, slots=True)
class AsParties:
    """The parties that the words of a search name, how many agreements they have, and the search
    for these, with the parties in the place of the words.
    """

    parties: tuple[str, ...]
    agreements: int
    typed: TypedFilter

    def sentence(self, labels: Labels) -> str:
        """ "Morocco and Spain as parties: 3 agreements"."""
        named = labels.listed(labels.short_party(code) for code in self.parties)
        counted = labels.count("terminal.agreements", self.agreements)
        return labels.say("hint.as_parties", parties=named, agreements=counted)


@dataclass(frozen=True, slots=True)
class Relaxed:
    """The search without one of its parameters (`name` and `value`), and how much that finds."""

    name: str
    value: str
    typed: TypedFilter
    found: int


def as_parties(s: Session, typed: TypedFilter) -> AsParties | None:
    """What the words of a search lead to if they name parties, and these have agreements."""
    named = parties_named(typed.query) if typed.query else ()
    if not named:
        return None
    parties = tuple(dict.fromkeys((*typed.parties, *named)))
    instead = replace(typed, query="", parties=parties)
    found = queries.count_agreements(s, to_filter(instead))
    return AsParties(named, found, instead) if found else None


def relaxed(typed: TypedFilter, count: Callable[[Filter], int]) -> Iterator[Relaxed]:
    """Yield each parameter of a search that found nothing without which something is found."""
    given = typed.parameters[:_MOST_CONDITIONS]
    for name, value in given if len(given) > 1 else ():
        without = typed.without(name, value)
        found = count(to_filter(without))
        if found:
            yield Relaxed(name, value, without, found)
