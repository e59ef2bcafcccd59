"""The search for documents: words, filters, and how many hits have what."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Request
from starlette.responses import Response

from scheduler.configuration.query import Query
from scheduler.views.documents import DOCUMENTS
from scheduler.views.words.labels import Labels
from scheduler.views.words.page import words_of
from scheduler.web.site.download.forms import (
    Form,
    about_file,
    download,
    download_links,
    wanted_form,
)
from scheduler.web.site.download.rows import all_documents
from scheduler.web.site.filters.addresses import (
    Wishes,
    documents_query_in,
    language_for,
    row_number,
    tidied,
    wishes_of,
)
from scheduler.web.site.filters.controls import controls_of
from scheduler.web.site.filters.periods import over_months
from scheduler.web.site.rendering import page, served_by
from scheduler.web.site.search import choices
from scheduler.web.site.search.counted import NOTHING, CountedDocuments, counts_of
from scheduler.web.site.search.hint_views import hint_view, left_out, parties_link
from scheduler.web.site.search.hits import hits
from storage import queries
from storage.database.session import Session
from storage.document_facets import DocumentFacets

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
