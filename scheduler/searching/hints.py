"""Where a search leads beside its hits, and what to say where it found nothing: never an error,
always a next step.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from difflib import get_close_matches
from functools import reduce
from itertools import chain, combinations
from typing import Any

from scheduler.configuration.party_names import instead_of, parties_among
from scheduler.configuration.query import Query
from scheduler.views.words.labels import Labels
from scheduler.views.words.lines import line
from scheduler.views.words.page import filter_in_words, in_words, words_of
from storage import queries
from storage.database.session import Session
from storage.filter import Filter
from storage.letters import fold_text
from storage.query_words import clauses_of, fold_query, reading_of

_TITLES = 3000  # the newest, whose words are known: 0.1 s to read and compare with a word
_MOST_WORDS = 5  # of a query that are compared
_MOST_NEAR = 5
_LIKENESS = 0.75  # one letter in four may be wrong: difflib's ratio
_LONGEST = 300
_MOST_CONDITIONS = 8  # each costs a count
_LONGEST_QUERY = 80  # characters of what is said of it


@dataclass(frozen=True, slots=True)
class Hint:
    """Why nothing was found. `near` are words of stored titles that are written like those asked
    for. `in_everything`: what reports nothing has it. `instead` are the words with the names of
    parties that may be meant.
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
    comma = words.say("comma")
    if hint.searched:
        yield words.say("hint.searched", words=_listed(hint.searched, comma))
    if hint.left_out:
        yield words.say("hint.left_out", words=_listed(hint.left_out, comma))
    if hint.left_out and not hint.searched:
        yield words.say("hint.write_words")


def as_json(hint: Hint, words: Labels) -> Mapping[str, Any]:
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
    that. A search for documents of parties alone leads to their agreements, too.
    """
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
        found = queries.count_agreements(s, instead.filter)
        if found:
            page = words_of(labels.language)
            of_groups = (in_words("group", one, page) for one in groups)
            filled = {
                "parties": labels.listed([*map(labels.short_party, named), *of_groups]),
                "agreements": labels.count("terminal.agreements", found),
            }
            if not words:
                return labels.say("hint.as_parties", **filled), instead
            shown = line(words, _LONGEST_QUERY)
            return labels.say("hint.as_parties_with", words=shown, **filled), instead
    return None


def read_as(typed: str, query: Query, labels: Labels) -> str:
    """The sentence that says which filters the words of a search were read as; "" if as words."""
    if not typed or query.query:
        return ""
    page = words_of(labels.language)
    read = (filter_in_words(*pair, page) for pair in Query(query=typed).searched.parameters)
    return labels.say("hint.read_as", filters=labels.say("comma").join(read))


Conditions = tuple[tuple[str, str], ...]  # the parameters of a search: names and values


def relaxed(
    query: Query, count: Callable[[Filter], int]
) -> Iterator[tuple[Conditions, Query, int]]:
    """Yield what to leave out of a search that found nothing, the search without it, and how much
    that finds: one condition, or two where leaving out one is not enough. The days from and to are
    one condition.
    """
    days = tuple(pair for pair in query.parameters if pair[0] in ("since", "until"))
    others = [(pair,) for pair in query.parameters if pair not in days]
    given: list[Conditions] = [*others, *([days] if days else [])][:_MOST_CONDITIONS]
    for number in (1, 2):
        is_found = False
        for some in combinations(given, number) if len(given) > number else ():
            left_out = tuple(chain.from_iterable(some))
            without = reduce(lambda left, pair: left.without(*pair), left_out, query)
            found = count(without.filter)
            if found:
                is_found = True
                yield left_out, without, found
        if is_found:
            return


def as_words(typed: str, query: Query) -> Query | None:
    """The search for the words themselves that were read as filters; None for any other."""
    if not typed or query.query:
        return None
    return Query(query=" ".join(f'"{word}"' for word in typed.split()))


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
