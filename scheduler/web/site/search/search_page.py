"""The search for documents: words, filters, and how many hits have what."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from fastapi import APIRouter, Request
from starlette.responses import Response

from scheduler.configuration.query import Query
from scheduler.searching.hints import as_parties, hint_for, left_out_of, relaxed, sentences
from scheduler.searching.snippets import RunOfLetters, finder_of, runs, with_snippets
from scheduler.views.documents import DOCUMENTS
from scheduler.views.entry import ReportWords, report_in_words
from scheduler.views.words.labels import Labels
from scheduler.views.words.lines import line
from scheduler.views.words.page import filter_in_words
from scheduler.web.site.addresses import Wishes, documents_query_in, row_number, wishes_of
from scheduler.web.site.download import all_documents, download, wanted_form
from scheduler.web.site.filters.controls import SelectionLink, facets, form_of
from scheduler.web.site.filters.counts import NOTHING, counts_of, over_months
from scheduler.web.site.rendering import page, served_by, words_for
from storage import queries
from storage.database.session import Session
from storage.filter import Filter
from storage.search.counts import COUNTED, count_documents
from storage.search.document_rows import DocumentRow

router = APIRouter(include_in_schema=False)

PATH = "/search"
PAGE = 30


@router.get(PATH)
def search(request: Request) -> Response:
    """The documents of a selection, newest first or by relevance."""
    selection, form = documents_query_in(request), wanted_form(request)
    served, wishes = served_by(request), wishes_of(request.query_params)
    if form is not None:
        given = [(name, value) for name, value in wishes.parameters.items() if value]
        found = all_documents(
            served.database,
            selection.filter,
            everything=wishes.everything,
            by_relevance=wishes.by_relevance,
        )
        return download(request, form, DOCUMENTS, [*selection.parameters, *given], found)
    with served.database.read() as s:
        return page(request, s, "search/search.html.j2", **_listed(request, s, selection, wishes))


def _listed(request: Request, s: Session, selection: Query, wishes: Wishes) -> dict[str, Any]:
    words, flt = words_for(request), selection.filter
    after, others = row_number(request.query_params.get("after", "")), wishes.parameters
    found = queries.search(
        s,
        flt,
        everything=wishes.everything,
        by_relevance=wishes.by_relevance,
        limit=PAGE + 1,
        after=after,
    )
    rows = list(found)
    has = NOTHING
    if rows or after is not None:
        has = counts_of(served_by(request), s, flt, everything=wishes.everything)
    shown, left_out = rows[:PAGE], left_out_of(selection.query)
    counted = words.count("page.documents", has.total)
    only_newest = words.say("page.finding.of_newest", number=words.number(COUNTED))
    return {
        "wishes": wishes,
        "total": words.say("page.finding.more_than", documents=counted)
        if has.is_least
        else counted,
        "hits": hits(s, shown, flt.words, words),
        "left_out": words.say("hint.left_out", words=line(words.say("comma").join(left_out), 300))
        if left_out
        else "",
        "parties": parties_link(s, selection, words, of_documents="q" in request.query_params),
        "hint": None if shown else _hint(s, selection, wishes, words),
        "older": selection.address("", after=str(shown[-1].id), **others) if rows[PAGE:] else None,
        "newest": selection.address(PATH, **others),
        "is_first": after is None,
        "over_time": None
        if flt.is_by_learnt
        else over_months(
            has.facets.months,
            words,
            "page.documents",
            lambda since, until: selection.address(PATH, **others, since=since, until=until),
        ),
        "facets": facets(has.facets.facets, selection, others, words, PATH),
        "of_newest": only_newest if has.facets.is_cut else "",
        **form_of(request, selection, PATH, others, beside=("reviewed",)),
    }


# --- what a search found --------------------------------------------------------------------------

_LONGEST_PIECE = 300
# A document, its title as runs, marked or not, and the pieces of its text as such.
Hit = tuple[ReportWords, Sequence[RunOfLetters], Sequence[Sequence[RunOfLetters]]]


def hits(s: Session, rows: Iterable[DocumentRow], query: str, words: Labels) -> list[Hit]:
    """The rows with the words of a folded query marked."""
    finder, found = finder_of(query), list[Hit]()
    for row, snippet in with_snippets(s, rows, query):
        shown = report_in_words(row, words)
        # What is shown is cleaned, so that marks are looked for in it once more.
        texts = [line(one.text, _LONGEST_PIECE) for one in snippet if one.zone == "text"]
        pieces = [runs(finder, text) for text in texts]
        found.append((shown, runs(finder, shown.title), pieces))
    return found


# --- the hint that the search page gives where nothing was found ----------------------------------

_MOST_COUNTED = 10_001  # of all documents; counting a million takes too long


def _hint(s: Session, selection: Query, wishes: Wishes, words: Labels) -> dict[str, Any]:
    """What became of the words; `instead`: the search for names of parties that may be meant;
    `relaxed`: searches without one condition, with how much they find; `near`: searches for words
    that are written like those asked for; `everything`: the address of the same search in all that
    is stored, None where that finds nothing either.
    """
    hint = hint_for(s, selection.query, selection.filter, everything=wishes.everything)
    others = wishes.parameters

    def link(typed: str) -> SelectionLink:
        return SelectionLink(typed, selection.address(PATH, q=typed, **others))

    def count(flt: Filter) -> int:
        return count_documents(s, flt, everything=wishes.everything, most=_MOST_COUNTED)

    everywhere = selection.address(PATH, **{**others, "everything": "1"})
    return {
        "sentences": list(sentences(hint, words)),
        "instead": link(hint.instead) if hint.instead else None,
        "relaxed": without_one(selection, PATH, others, count, "page.documents", words),
        "near": [link(word) for word in hint.near],
        "everything": everywhere if hint.in_everything else None,
    }


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
        what = one.value if one.name == "q" else filter_in_words(one.name, one.value, words)
        said = words.say("hint.relaxed", what=line(what, 80), found=found)
        links.append(SelectionLink(said, one.query.address(path, **others)))
    return links


def parties_link(
    s: Session, selection: Query, words: Labels, *, of_documents: bool = False
) -> SelectionLink | None:
    """The link to the agreements of the parties that the words name, if they name some."""
    found = as_parties(s, selection, of_documents=of_documents)
    if found is None:
        return None
    return SelectionLink(found.sentence(words), found.query.address("/"))
