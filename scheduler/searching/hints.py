"""What to say where a search found nothing, or may mean something else: never an error, always a
next step.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from difflib import get_close_matches
from functools import reduce
from itertools import chain, combinations
from typing import Any, NamedTuple

from scheduler.configuration.party_names import instead_of, parties_among
from scheduler.configuration.query import Query, cleaned, read_query
from scheduler.configuration.search_words import (
    by_words_alone,
    has_partners,
    meaningful_words,
    sort_meant,
)
from scheduler.views.words.labels import Labels
from scheduler.views.words.lines import isolated, line
from scheduler.views.words.page import (
    filter_in_words,
    filter_value_in_words,
    filters_in_words,
)
from storage.database.session import Session
from storage.filter import MAX_QUERY, Filter
from storage.letters import fold_text
from storage.lists import queries
from storage.query_words import clauses_of, fold_query, reading_of

_TITLES = 3000  # the newest, whose words are known: 0.1 s to read and compare with a word
_MOST_WORDS = 5  # of a query that are compared
_MOST_NEAR = 5
_LIKENESS = 0.75  # one letter in four may be wrong: difflib's ratio
_LONGEST = 300
_MOST_CONDITIONS = 8  # each costs a count
_MOST_PAIRED = 5  # conditions of which two are left out: ten counts
_LONGEST_QUERY = 80  # characters of it in a sentence
_MOST_LEFT_OUT = 4  # filters, of which each combination is left out: fifteen counts
_A_LIST = 3  # parties that conclude nothing together are meant one by one
_MOST_DROPPED = 12  # words of a search that found nothing of which some are left out


@dataclass(frozen=True, slots=True)
class Hint:
    """Why nothing was found. `near` are words of stored titles that are written like those
    of the query. `in_everything`: what reports nothing has it. `instead` are the words with the
    names of parties that may be meant.
    """

    searched: tuple[str, ...]
    left_out: tuple[str, ...]
    near: tuple[str, ...] = ()
    in_everything: bool = False
    instead: str | None = None


def hint_for(s: Session, typed: str, flt: Filter, *, everything: bool) -> Hint:
    """Say what became of a search without a hit: `flt` is its filter, `typed` its words."""
    searched, left_out = reading_of(typed)
    hint = Hint(searched, left_out)
    if typed and not searched:
        return hint
    stored = not everything and queries.is_any_stored(s, flt)
    near = _near(s, searched)
    return replace(hint, near=near, in_everything=stored, instead=instead_of(typed))


def sentences(hint: Hint, words: Labels) -> Iterator[str]:
    """What to say, without the next steps, for which each reader has other means."""
    comma = words.say(", ")
    if hint.searched:
        yield words.say("Searched for: {words}.", words=_listed(hint.searched, comma))
    if hint.left_out:
        yield words.say("Left out: {words}.", words=_listed(hint.left_out, comma))
    if hint.left_out and not hint.searched:
        yield words.say("This cannot be searched for: write a word of two letters or more.")


def hint_as_json(hint: Hint, words: Labels) -> Mapping[str, Any]:
    """A hint for programs, and for people that they show it to."""
    return {
        "sentences": list(sentences(hint, words)),
        "left_out": list(hint.left_out),
        "near": list(hint.near),
        "in_everything": hint.in_everything,
        "instead": hint.instead,
    }


def as_parties(
    s: Session, query: Query, labels: Labels, *, of_documents: bool = False
) -> tuple[str, Query] | None:
    """What the words of a search lead to if they name parties or groups, and these have agreements:
    "Morocco and Spain as parties: 3 agreements", and the search for these, with the parties in the
    place of their names. Its words are what the search says besides, if something is found with
    that. A search for documents of parties alone leads to their agreements, too. Where the words
    name other filters as well: "“Rabat” with Has been: signed: 3 agreements".
    """
    if with_filters := _as_filters(s, query, labels):
        return with_filters
    named, groups, besides = parties_among(query.query)
    if of_documents and not query.query:
        named, groups = query.parties, query.groups
    if not (named or groups):
        return None
    more = {
        "parties": tuple(dict.fromkeys((*query.parties, *named))),
        "groups": tuple(dict.fromkeys((*query.groups, *groups))),
    }
    for words in dict.fromkeys((besides, "")):
        instead = query.model_copy(update={"query": words, **more})
        hits = queries.count_agreements(s, instead.filter)
        if hits:
            page = labels
            of_groups = (filter_value_in_words("group", group, page) for group in groups)
            filled = {
                "parties": labels.listed([*map(labels.short_party, named), *of_groups]),
                "agreements": labels.count_of("terminal.agreements", hits),
            }
            if not words:
                return labels.say("{parties} as parties: {agreements}", **filled), instead
            shown = line(words, _LONGEST_QUERY)
            return labels.say(
                "“{words}” with {parties} as parties: {agreements}", words=shown, **filled
            ), instead
    return None


def _as_filters(s: Session, query: Query, labels: Labels) -> tuple[str, Query] | None:
    """The same for words of which some name filters other than parties and groups."""
    read = query.besides
    if read is None:
        return None
    more = [pair for pair in read.parameters if pair not in query.parameters and pair[0] != "q"]
    hits = 0
    if any(name not in ("party", "group") for name, _ in more):
        hits = queries.count_agreements(s, read.filter)
    if not hits:
        return None
    found = labels.count_of("terminal.agreements", hits)
    return _with_filters(read.query, more, labels, found), read


def _with_filters(
    typed: str, filters: Sequence[tuple[str, str]], labels: Labels, found: str
) -> str:
    """What some words find, of which others were read as filters: "“Rabat” with Has been: signed:
    3 agreements".
    """
    said = filters_in_words(filters, labels)
    if not typed:
        return said + labels.say(": ") + found
    return labels.say(
        "“{words}” with {filters}: {agreements}",
        words=line(typed, _LONGEST_QUERY),
        filters=said,
        agreements=found,
    )


def read_as(typed: str, query: Query, labels: Labels) -> str:
    """The sentence that says which filters the words of a search were read as; "" if as words."""
    if not typed or len(typed) > MAX_QUERY or query.query == typed:
        return ""
    found = Query(query=typed).searched
    read = filters_in_words(found.parameters, labels) if found.query != typed else ""
    return labels.say("Read as filters: {filters}.", filters=read) if read else ""


Conditions = tuple[tuple[str, str], ...]  # the parameters of a search: names and values
Relaxation = tuple[Conditions, Query, int]


def relaxed(query: Query, count: Callable[[Filter], int]) -> Iterator[Relaxation]:
    """Yield what to leave out of a search that found nothing, the search without it, and how much
    that finds: one condition, or two where leaving out one is not enough.
    """
    conditions = _conditions(query.parameters)[:_MOST_CONDITIONS]
    for number, most in ((1, _MOST_CONDITIONS), (2, _MOST_PAIRED)):
        few = conditions[:most] if len(conditions) > number else []
        relaxations = list(_without(query, few, number, count))
        yield from relaxations
        if relaxations:
            return


def _conditions(pairs: Iterable[tuple[str, str]]) -> list[Conditions]:
    """The parameters of a search, one by one; the days from and to are one condition."""
    given = tuple(pairs)
    days = tuple(pair for pair in given if pair[0] in _DAYS)
    return [*([days] if days else []), *((pair,) for pair in given if pair not in days)]


def conditions_in_words(conditions: Conditions, words: Labels) -> Iterator[str]:
    """What is left out of a search: its words as they are, and its filters with their names."""
    for name, value in conditions:
        is_words = name == "q"
        yield isolated(value, words.direction) if is_words else filter_in_words(name, value, words)


def _without(
    query: Query, conditions: Sequence[Conditions], number: int, count: Callable[[Filter], int]
) -> Iterator[Relaxation]:
    """The searches that find something without so many of the conditions."""
    for some in combinations(conditions, number):
        left_out = tuple(chain.from_iterable(some))
        without = reduce(lambda left, pair: left.without(*pair), left_out, query)
        if hits := count(without.filter):
            yield left_out, without, hits


class Search(NamedTuple):
    """A search with few hits or none: its words, it without these, and it as it was read."""

    typed: str
    chosen: Query
    query: Query

    @classmethod
    def of(cls, pairs: Sequence[tuple[str, str]], query: Query) -> Search:
        """`pairs` are what the address or the options of the search say."""
        chosen = read_query(pair for pair in pairs if pair[0] != "q")
        return cls(cleaned(dict(pairs).get("q", "")), chosen, query)

    @property
    def sort(self) -> str | None:
        """The order that its words ask for, if they were read as filters."""
        return None if self.query.query == self.typed else sort_meant(self.typed)

    @property
    def by_words(self) -> Query:
        """The search for its words as they are written: no name in them is a filter."""
        return self.chosen.but(query=by_words_alone(self.typed))

    def more_by_words(self, count: Callable[[Filter], int]) -> int:
        """How much is found by the words that were read as filters, and not by these."""
        typed, chosen, query = self
        if not typed or query.query == typed or len(typed) > MAX_QUERY:
            return 0
        by_words = by_words_alone(typed)
        return count(chosen.but(query=by_words).filter) - count(query.but(query=by_words).filter)


class Closest(NamedTuple):
    """The search that comes closest to one that found nothing, what it finds, what of the first it
    leaves out, and the filters that it has for words.
    """

    query: Query
    number: int
    left_out: tuple[str, ...] = ()
    filters: Conditions = ()

    @property
    def is_whole(self) -> bool:
        """Whether it leaves nothing out: some of the words are read as filters."""
        is_any = any(name == "any_party" for name, _ in self.filters)
        return bool(self.filters) and not self.left_out and not is_any

    def sentences(self, words: Labels, hits: str) -> str:
        """What it is; `hits` is their number in words."""
        if self.filters and not self.left_out:
            return _with_filters(self.query.query, self.filters, words, hits)
        if not self.left_out:
            return words.say("With these words in a report: {found}", found=hits)
        left_out = (isolated(one, words.direction) for one in self.left_out)
        what = line(words.say(", ").join(left_out), _LONGEST)
        said = words.say("Without “{what}”: {found}", what=what, found=hits)
        filters = filters_in_words(self.filters, words)
        read = words.say("Read as filters: {filters}.", filters=filters)
        return f"{said}. {read}" if filters else said


_DAYS = ("since", "until")
# What a search is about, so that it means nothing without that.
_SUBJECTS = frozenset({"party", "any_party", "corridor", "group", "within", "agreement"})


def closest(search: Search, count: Callable[[Filter], int], words: Labels) -> Closest | None:
    """What to show in its place: the reports that write its one name; or what any of its three
    parties or more concluded; or what fits all of its other filters but one or two; or these with
    as many of its words as occur together, the rarest first.
    """
    typed, chosen, query = search
    if not typed or len(typed) > MAX_QUERY:
        return None
    if query.query == typed:
        return _with_fewer_words(search, count, words)
    named = tuple(pair for pair in query.parameters if pair not in chosen.parameters)
    if len(named) == 1 and named[0][0] not in _DAYS:
        hits = count(search.by_words.filter)
        return Closest(search.by_words, hits) if hits else None
    if len(query.parties) >= _A_LIST:
        alone = query.parties[:1] if has_partners(typed) else ()
        query = query.but(parties=alone, any_parties=query.parties[len(alone) :])
        named = tuple(pair for pair in query.parameters if pair not in chosen.parameters)
        if hits := count(query.filter):
            return Closest(query, hits, (), named)
    return _with_fewer_filters(query, named, count, words)


def wider(search: Search, found: int, count: Callable[[Filter], int]) -> Closest | None:
    """What to show in the place of the few hits of some words, if filters for those that name some
    find more: "signed in Rome" is what was signed, and is reported with "Rome".
    """
    _, chosen, query = search
    read = query.besides
    hits = count(read.filter) if read is not None else 0
    if read is None or hits <= found:
        return None
    given = {("q", read.query), *chosen.parameters}
    return Closest(read, hits, (), tuple(pair for pair in read.parameters if pair not in given))


def _with_fewer_filters(
    query: Query, named: Conditions, count: Callable[[Filter], int], words: Labels
) -> Closest | None:
    """Without as few as possible of the filters that words name, but with what the search is about,
    or at least one of them.
    """
    conditions = _conditions(pair for pair in named if _may_go(pair[0]))[:_MOST_LEFT_OUT]
    is_other_named = len(named) > sum(map(len, conditions))
    for number in range(1, len(conditions) + is_other_named):
        for left_out, without, hits in _without(query, conditions, number, count):
            return Closest(without, hits, tuple(conditions_in_words(left_out, words)))
    return None


def _may_go(name: str) -> bool:
    """Whether a filter may be left out: not what a search is about, nor what is not wanted."""
    return name not in _SUBJECTS and not name.startswith("not_")


def _with_fewer_words(
    search: Search, count: Callable[[Filter], int], words: Labels
) -> Closest | None:
    typed, chosen, query = search
    base = query.besides or query
    meant, base = meaningful_words(base.query), base.but(query="")
    filters = tuple(pair for pair in base.parameters if pair not in chosen.parameters)
    number = count(base.filter) if filters else 0
    if len(filters) > 1 and not number:
        near = _with_fewer_filters(base, filters, count, words) or Closest(base, 0, (), filters)
        return near._replace(left_out=(*near.left_out, *meant))
    if filters and not number:  # "what mentions Frontex", which takes part in nothing
        meant, base, filters = meaningful_words(typed), chosen, ()
    if len(meant) > _MOST_DROPPED:
        return None
    together = list[str]()
    alone = {word: count(base.but(query=word).filter) for word in meant}
    for word in sorted(filter(alone.get, meant), key=alone.__getitem__):
        if found := count(base.but(query=" ".join([*together, word])).filter):
            number, together = found, [*together, word]
    if not filters and 2 * len(together) <= len(meant):  # one word of two may mean anything
        return None
    left_out = tuple(word for word in meant if word not in together)
    return Closest(base.but(query=" ".join(together)), number, left_out, filters)


def by_each_word(
    search: Search, count: Callable[[Filter], int]
) -> Iterator[tuple[str, Query, int]]:
    """Of a search for several words: each that finds something, the search for it, how much."""
    typed, chosen, query = search
    meant = meaningful_words(typed) if query.query == typed else []
    for word in meant[:_MOST_CONDITIONS] if len(meant) > 1 else ():
        alone = chosen.but(query=word)
        if found := count(alone.filter):
            yield word, alone, found


def undated(query: Query, count: Callable[[Filter], int]) -> tuple[Query, int]:
    """A search without its days, and how much it finds that has no day: what a search for days of
    events leaves out, whenever it happened.
    """
    always = query.but(since=None, until=None)
    if always == query or query.by is not None:
        return query, 0
    return always, count(always.filter) - count(always.but(until=date.max).filter)


def _listed(given: Sequence[str], comma: str) -> str:
    return line(comma.join(given), _LONGEST)


def _near(s: Session, searched: Sequence[str]) -> tuple[str, ...]:
    """Words of the newest reports that are written like a word without any hit."""
    plain = filter(_is_plain, searched[:_MOST_WORDS])
    unknown = [word for word in plain if not queries.is_any_stored(s, Filter(query=word))]
    if not unknown:
        return ()
    known: dict[str, str] = {}
    for title in queries.titles(s, _TITLES):
        for word in title.split():
            known.setdefault(fold_text(word), word.strip(".,;:!?()«»\"'’“”"))
    near = list[str]()
    for word in map(fold_text, unknown):
        # Comparing is slow: words of another length are none of the nearest.
        candidates = [form for form in known if abs(len(form) - len(word)) <= 2 and " " not in form]
        near += get_close_matches(word, candidates, 3, _LIKENESS)
    return tuple(dict.fromkeys(known[form] for form in near))[:_MOST_NEAR]


def _is_plain(word: str) -> bool:
    clauses = clauses_of(fold_query(word))
    return bool(clauses) and not clauses[0].excluded and len(clauses[0].terms[0].words) == 1
