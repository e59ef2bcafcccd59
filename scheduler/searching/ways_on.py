"""Where a search leads beside its hits: to the agreements of the parties that its words name, and,
where nothing fits, to what would be found without one of its conditions.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from scheduler.configuration.party_names import parties_among
from scheduler.configuration.query import Query
from scheduler.views.words.labels import Labels
from scheduler.views.words.lines import line
from storage import queries
from storage.database.session import Session
from storage.filter import Filter

_MOST_CONDITIONS = 8  # each costs a count
_LONGEST_QUERY = 80  # characters of what is said of it


@dataclass(frozen=True, slots=True)
class AsParties:
    """The parties that the words of a search name, how many agreements they have, and the search
    for these, with the parties in the place of their names. Its words are what the search says
    besides, if something is found with that.
    """

    parties: tuple[str, ...]
    agreements: int
    query: Query

    def sentence(self, labels: Labels) -> str:
        """ "Morocco and Spain as parties: 3 agreements"."""
        named = labels.listed(labels.short_party(code) for code in self.parties)
        counted = labels.count("terminal.agreements", self.agreements)
        if not self.query.query:
            return labels.say("hint.as_parties", parties=named, agreements=counted)
        words = line(self.query.query, _LONGEST_QUERY)
        return labels.say("hint.as_parties_with", words=words, parties=named, agreements=counted)


@dataclass(frozen=True, slots=True)
class Relaxed:
    """The search without one of its parameters (`name` and `value`), and how much that finds."""

    name: str
    value: str
    query: Query
    found: int


def as_parties(s: Session, query: Query, *, of_documents: bool = False) -> AsParties | None:
    """What the words of a search lead to if they name parties, and these have agreements; a search
    for documents of parties alone leads to their agreements, too.
    """
    named, besides = parties_among(query.query)
    if of_documents and not query.query:
        named = query.parties
    if not named:
        return None
    parties = tuple(dict.fromkeys((*query.parties, *named)))
    for words in dict.fromkeys((besides, "")):
        instead = query.model_copy(update={"query": words, "parties": parties})
        found = queries.count_agreements(s, instead.filter)
        if found:
            return AsParties(named, found, instead)
    return None


def relaxed(query: Query, count: Callable[[Filter], int]) -> Iterator[Relaxed]:
    """Yield each parameter of a search that found nothing without which something is found."""
    given = query.parameters[:_MOST_CONDITIONS]
    for name, value in given if len(given) > 1 else ():
        without = query.without(name, value)
        found = count(without.filter)
        if found:
            yield Relaxed(name, value, without, found)
