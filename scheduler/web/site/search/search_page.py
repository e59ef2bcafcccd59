"""The search for documents: words, filters, and how many hits have what."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from fastapi import APIRouter, Request
from starlette.responses import Response

from scheduler.configuration.query import Query
from scheduler.searching.hints import as_parties, hint_for, left_out_of, relaxed, sentences
from scheduler.searching.snippets import RunOfLetters, Snippet, finder_of, runs, with_snippets
from scheduler.views.documents import DOCUMENTS
from scheduler.views.entry import ReportWords, report_in_words
from scheduler.views.words.labels import Labels
from scheduler.views.words.lines import line
from scheduler.views.words.page import words_of
from scheduler.web.site.addresses import (
    Wishes,
    documents_query_in,
    language_for,
    row_number,
    tidied,
    wishes_of,
)
from scheduler.web.site.cache import NOTHING, CountedDocuments, counts_of
from scheduler.web.site.download import (
    Form,
    about_file,
    all_documents,
    download,
    download_links,
    wanted_form,
)
from scheduler.web.site.filters import controls as choices
from scheduler.web.site.filters.controls import PATH, SelectionLink, controls_of, named
from scheduler.web.site.filters.periods import over_months
from scheduler.web.site.rendering import page, served_by
from storage import queries
from storage.database.session import Session
from storage.document_facets import DocumentFacets
from storage.filter import Filter
from storage.search.counts import count_documents
from storage.search.document_rows import DocumentRow
from storage.search.hits import Finder

router = APIRouter(include_in_schema=False)

PAGE = 30


@router.get("/search")
def search(request: Request) -> Response:
    """The documents of a selection, newest first or by relevance."""
    tidy = tidied(request)
    if tidy is not None:
        return tidy
    selection, form = documents_query_in(request), wanted_form(request)
    if form is not None:
        return _file(request, selection, form)
    with served_by(request).database.read() as s:
        return page(request, s, "search/search.html.j2", **_listed(request, s, selection))


def _file(request: Request, selection: Query, form: Form) -> Response:
    wishes = wishes_of(request.query_params)
    given = [(name, value) for name, value in wishes.parameters.items() if value]
    about = about_file(request, "documents", [*selection.parameters, *given])
    found = all_documents(
        served_by(request).database,
        selection.filter,
        everything=wishes.everything,
        by_relevance=wishes.by_relevance,
    )
    return download(form, about, DOCUMENTS, found)


def _listed(request: Request, s: Session, selection: Query) -> dict[str, Any]:
    words, flt, wishes = _words(request), selection.filter, wishes_of(request.query_params)
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
    shown = rows[:PAGE]
    older = selection.address("", after=str(shown[-1].id), **others) if rows[PAGE:] else None
    return {
        "selection": selection,
        "wishes": wishes,
        "total": _total(has, words),
        "hits": hits(s, shown, flt.words, words),
        "left_out": left_out(selection, words),
        "parties": parties_link(s, selection, words, of_documents="q" in request.query_params),
        "hint": None if shown else hint_view(s, selection, wishes, words),
        "older": older,
        "newest": selection.address("/search", **others),
        "downloads": download_links(
            lambda form: selection.address("/search", **others, format=form)
        ),
        "is_first": after is None,
        **_choices(has.facets, selection, wishes, words),
    }


def _total(has: CountedDocuments, words: Labels) -> str:
    counted = words.count("page.documents", has.total)
    return words.say("page.finding.more_than", documents=counted) if has.is_least else counted


def _choices(
    counted: DocumentFacets, selection: Query, wishes: Wishes, words: Labels
) -> dict[str, Any]:
    others = wishes.parameters
    return {
        "over_time": over_months(
            counted.months,
            words,
            "page.documents",
            lambda since, until: selection.address(
                choices.PATH, **others, since=since, until=until
            ),
        )
        if not selection.filter.is_by_learnt
        else None,
        "facets": choices.facets(counted, selection, others, words),
        "of_newest": choices.counted_newest(counted, words),
        "chosen": choices.chosen(selection, others, words),
        "controls": controls_of(selection, words, others=("reviewed",)),
    }


def _words(request: Request) -> Labels:
    return words_of(language_for(request))


# --- what a search found --------------------------------------------------------------------------

_LONGEST_PIECE = 300


@dataclass(frozen=True, slots=True)
class FoundDocument:
    """A document with its title and the pieces of its text as runs, marked or not."""

    row: ReportWords
    title: Sequence[RunOfLetters]
    pieces: Sequence[Sequence[RunOfLetters]]


def hits(s: Session, rows: Iterable[DocumentRow], query: str, words: Labels) -> list[FoundDocument]:
    """The rows with the words of a folded query marked."""
    finder = finder_of(query)
    return [_hit(row, found, finder, words) for row, found in with_snippets(s, rows, query)]


def _hit(row: DocumentRow, snippet: Snippet, finder: Finder, words: Labels) -> FoundDocument:
    shown = report_in_words(row, words)
    # What is shown is cleaned, so that marks are looked for in it once more.
    pieces = [runs(finder, line(one.text, _LONGEST_PIECE)) for one in snippet if one.zone == "text"]
    return FoundDocument(shown, runs(finder, shown.title), pieces)


# --- the hint that the search page gives where nothing was found ----------------------------------

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
