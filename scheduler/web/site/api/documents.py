"""`/api/v1/documents`: what is stored of the documents, and why they were found."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import APIRouter, Path, Request
from starlette.responses import Response

from scheduler.searching.hints import as_json as hint_as_json
from scheduler.searching.hints import hint_for
from scheduler.searching.snippets import as_json, with_snippets
from scheduler.views.documents import DOCUMENTS, found_row
from scheduler.views.verdicts import version_rows
from scheduler.views.words.page import words_of
from scheduler.web.site.api.selection import (
    FILTERS,
    AfterDocument,
    Asked,
    Limit,
    answers_with,
    json_answer,
    list_page,
)
from scheduler.web.site.filters.addresses import NotHere, language_for
from scheduler.web.site.rendering import served_by
from storage import queries
from storage.document_facets import COUNTED, document_facets
from storage.documents.versions import versions_of
from storage.search import document_rows

router = APIRouter(tags=["documents"])

Number = Annotated[int, Path(ge=1, le=2**53)]


@router.get("/documents", openapi_extra=FILTERS, responses=answers_with(DOCUMENTS))
def documents(
    request: Request,
    selection: Asked,
    everything: bool = False,
    limit: Limit = 50,
    after: AfterDocument = None,
    sort: Literal["newest", "relevance"] = "newest",
) -> Response:
    """The documents of a selection, newest first or by relevance; with `everything` also what
    reports nothing. Where nothing is found, `hint` says what became of the words.
    """
    flt = selection.filter
    with served_by(request).database.read() as s:
        found = queries.search(
            s,
            flt,
            everything=everything,
            by_relevance=sort == "relevance",
            limit=limit + 1,
            after=after,
        )
        shown = [
            found_row(row, as_json(snippet)) for row, snippet in with_snippets(s, found, flt.words)
        ]
        if shown or after is not None:
            return list_page(request, shown, limit, "document_id")
        hint = hint_for(s, selection.query, flt, everything=everything)
        said = hint_as_json(hint, words_of(language_for(request)))
        return json_answer(request, {"items": [], "next": None, "hint": said})


@router.get("/documents/facets", openapi_extra=FILTERS)
def facets(request: Request, selection: Asked, everything: bool = False) -> Response:
    """How many documents of a selection have each party, topic, status, instrument, language and
    source. Of more than 1,000 hits the newest are counted: `of_newest` says how many, else null.
    """
    with served_by(request).database.read() as s:
        found = document_facets(s, selection.filter, everything=everything, most=300)
    counts = {one.name: dict(one.counts) for one in found.facets}
    return json_answer(request, {"of_newest": COUNTED if found.is_cut else None, **counts})


@router.get("/documents/{document_id}/versions")
def document_versions(request: Request, document_id: Number) -> Response:
    """What a document said each time its text had changed, oldest first; the last is its text now.

    `changes` are the passages in which a version differs from the one before: pieces that are
    `same`, `removed` or `added`.
    """
    with served_by(request).database.read() as s:
        if document_id not in document_rows.report_rows(s, [document_id]):
            raise NotHere
        versions = versions_of(s, document_id)
    return json_answer(request, {"items": version_rows(versions)})


@router.get("/documents/{document_id}", responses=answers_with(DOCUMENTS, alone=True))
def document(request: Request, document_id: Number) -> Response:
    """One document with its text (null once it was deleted) and the evidence of its verdict."""
    with served_by(request).database.read() as s:
        row = document_rows.report_rows(s, [document_id]).get(document_id)
        if row is None:
            raise NotHere
        more = {
            "probability": queries.probability(s, document_id),
            "text": queries.document_text(s, document_id),
            "evidence": queries.evidence(s, document_id),
        }
    return json_answer(request, {**DOCUMENTS.row(row), **more})
