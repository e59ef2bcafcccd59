"""The hint that the search page gives where nothing was found."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from scheduler.configuration.query import Query
from scheduler.searching.hints import hint_for, left_out_of, sentences
from scheduler.searching.ways_on import as_parties, relaxed
from scheduler.views.words.labels import Labels
from scheduler.views.words.lines import line
from scheduler.web.site.filters.addresses import Wishes
from scheduler.web.site.search.choices import PATH, SelectionLink, named
from storage.database.session import Session
from storage.filter import Filter
from storage.search.counts import count_documents

_MOST_COUNTED = 10_001  # of all documents; counting a million takes too long


@dataclass(frozen=True, slots=True)
class HintView:
    """`instead`: the search for names of parties that may be meant; `relaxed`: searches without one
    condition, with how much they find; `near`: searches for words that are written like those asked
    for; `everything`: the address of the same search in all that is stored, None where that finds
    nothing either.
    """

    sentences: Sequence[str]
    instead: SelectionLink | None
    relaxed: Sequence[SelectionLink]
    near: Sequence[SelectionLink]
    everything: str | None


def hint_view(s: Session, selection: Query, wishes: Wishes, words: Labels) -> HintView:
    hint = hint_for(s, selection.query, selection.filter, everything=wishes.everything)
    others = wishes.parameters
    near = [SelectionLink(word, selection.address(PATH, q=word, **others)) for word in hint.near]
    everywhere = selection.address(PATH, **{**others, "everything": "1"})
    instead = hint.instead and SelectionLink(
        hint.instead, selection.address(PATH, q=hint.instead, **others)
    )

    def count(flt: Filter) -> int:
        return count_documents(s, flt, everything=wishes.everything, most=_MOST_COUNTED)

    return HintView(
        sentences=list(sentences(hint, words)),
        instead=instead or None,
        relaxed=without_one(selection, PATH, others, count, "page.documents", words),
        near=near,
        everything=everywhere if hint.in_everything else None,
    )


def without_one(
    selection: Query,
    path: str,
    others: Mapping[str, str | None],
    count: Callable[[Filter], int],
    counted: str,
    words: Labels,
) -> list[SelectionLink]:
    """Links to what is found without one condition: "Without “Topic: visas”: 3 agreements". The
    key `counted` is that of the words for a number of them.
    """
    links = []
    for one in relaxed(selection, count):
        found = words.count(counted, one.found)
        what = one.value if one.name == "q" else named(one.name, one.value, words)
        said = words.say("hint.relaxed", what=line(what, 80), found=found)
        links.append(SelectionLink(said, one.query.address(path, **others)))
    return links


def left_out(selection: Query, words: Labels) -> str:
    """Return the sentence about words that were not searched for; "" if all were."""
    given = left_out_of(selection.query)
    if not given:
        return ""
    return words.say("hint.left_out", words=line(words.say("comma").join(given), 300))


def parties_link(
    s: Session, selection: Query, words: Labels, *, of_documents: bool = False
) -> SelectionLink | None:
    """The link to the agreements of the parties that the words name, if they name some."""
    found = as_parties(s, selection, of_documents=of_documents)
    if found is None:
        return None
    return SelectionLink(found.sentence(words), found.query.address("/"))
