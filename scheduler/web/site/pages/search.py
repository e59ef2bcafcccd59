"""The search for documents: words, filters, and how many hits have what."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Request
from starlette.responses import Response

from scheduler.searching.snippets import finder_of, with_snippets
from scheduler.web.site.asked import Asked, asked
from scheduler.web.site.numbers import row_number
from scheduler.web.site.pages.rendering import page, served_by
from scheduler.web.site.searching import choices
from scheduler.web.site.searching.hits import hit
from scheduler.web.site.words import language_for, words_of
from storage import overview, queries
from storage.database.session import Session
from storage.document_facets import document_facets

router = APIRouter(include_in_schema=False)

PAGE = 30


@router.get("/search")
def search(request: Request) -> Response:
    """The documents of a selection, newest first."""
    selection = asked(request.query_params)
    with served_by(request).database.read() as s:
        return page(request, s, "search.html.j2", **_listed(request, s, selection))


def _listed(request: Request, s: Session, selection: Asked) -> dict[str, Any]:
    words, flt = words_of(language_for(request)), selection.filter
    everything = request.query_params.get("everything") == "1"
    after = row_number(request.query_params.get("after", ""))
    listed = queries.search(s, flt, everything=everything, limit=PAGE + 1, after=after)
    rows = list(listed)
    shown, others = rows[:PAGE], {"everything": "1" if everything else None}
    found, finder = with_snippets(s, shown, flt.query), finder_of(flt.query)
    counted = document_facets(s, flt, everything=everything)
    return {
        "selection": selection,
        "everything": everything,
        "total": overview.count_documents(s, flt, everything=everything),
        "hits": [hit(row, snippet, finder, words) for row, snippet in found],
        "facets": choices.facets(counted, selection, others, words),
        "of_newest": choices.counted_newest(counted, words),
        "chosen": choices.chosen(selection, others, words),
        "kept": list(choices.kept_beside_controls(selection)),
        "instruments": choices.instruments(selection, words),
        "groups": choices.groups(selection),
        "older": selection.address("", after=str(shown[-1].id), **others) if rows[PAGE:] else None,
        "newest": selection.address("/search", **others),
        "is_first": after is None,
    }
