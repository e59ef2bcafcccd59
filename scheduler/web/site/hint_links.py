"""The links below a search that finds nothing or little: what comes closest, or may be meant."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import partial
from typing import Any

from scheduler.configuration.party_names import instead_of
from scheduler.configuration.query import Query
from scheduler.searching.hints import (
    Closest,
    Relaxation,
    Search,
    as_parties,
    by_each_word,
    closest,
    conditions_in_words,
    relaxed,
    undated,
    wider,
)
from scheduler.views.words.labels import Labels
from scheduler.views.words.lines import line
from scheduler.web.site.addresses import Link
from storage.database.session import Session
from storage.lists import queries

_FEW = 10  # so few agreements are found that it may matter what the words alone would find


def register_hints(
    s: Session, search: Search, found: int, words: Labels
) -> tuple[Closest | None, dict[str, Any]]:
    """What comes closest to a search that found nothing, and what a list says of a search that
    found so much: what else may be meant, or what would be found with fewer conditions.
    """
    count, selection = partial(queries.count_agreements, s), search.query
    hints: dict[str, Any] = {"closest": None, "leads": False, "instead": None, "relaxed": []}
    hints["more_by_words"] = search.more_by_words(count) if found < _FEW else 0
    always, without_date = undated(selection, count)
    text = words.count(
        "{n} agreement without a date is left out.",
        "{n} agreements without a date are left out.",
        without_date,
    )
    hints["undated"] = Link(text, always.address("/")) if without_date else None
    few = wider(search, found, count) if found < _FEW else None
    near = few if found else closest(search, count, words)
    hints["parties"] = None if near else parties_link(s, selection, words)
    if few is not None and found:
        number = words.count_of("page.agreements", found)
        text = words.say("With all of these words in a report: {found}", found=number)
        hints["parties"] = Link(text, search.by_words.address("/"))
    if near is not None:
        number = words.count_of("page.agreements", near.number)
        address = near.query.address("/") if near.number else ""
        link = Link(near.sentences(words, number), address)
        hints |= {"closest": link, "leads": near.number > 0 and not near.is_whole}
    if not found:
        meant, fewer = instead_of(selection.query), relaxed(selection, count)
        by_word = () if near else by_each_word(search, count)
        hints["instead"] = Link(meant, selection.address("/", q=meant)) if meant else None
        hints["relaxed"] = [
            *without_one(fewer, "page.agreements", words, lambda query: query.address("/")),
            *(
                Link(f"“{word}”: {words.count_of('page.agreements', number)}", query.address("/"))
                for word, query, number in by_word
            ),
        ]
    return near, hints


def without_one(
    relaxations: Iterable[Relaxation],
    counted: str,
    words: Labels,
    address_of: Callable[[Query], str],
) -> list[Link]:
    """Links to what is found with fewer conditions: "Without “Topic: visas”: 3 agreements". The
    key `counted` is that of the words for a number of them.
    """
    links = []
    for left_out, query, number in relaxations:
        what = words.say(", ").join(conditions_in_words(left_out, words))
        found = words.count_of(counted, number)
        text = words.say("Without “{what}”: {found}", what=line(what, 160), found=found)
        links.append(Link(text, address_of(query)))
    return links


def parties_link(
    s: Session, selection: Query, words: Labels, *, of_documents: bool = False
) -> Link | None:
    """The link to the agreements of the parties that the words name, if they name some."""
    found = as_parties(s, selection, words, of_documents=of_documents)
    return Link(found[0], found[1].address("/")) if found else None
