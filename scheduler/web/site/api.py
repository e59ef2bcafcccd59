"""`/api/v1`: the register and documents as JSON, for programs, and what all answers share."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Path, Query, Request
from starlette.datastructures import URL
from starlette.responses import Response

from scheduler.configuration import query as filters
from scheduler.configuration.query import QueryError, check_value, misread_names
from scheduler.searching.counting import as_json as as_counts
from scheduler.searching.counting import count_table, with_durations
from scheduler.searching.hints import Search, hint_as_json, hint_for
from scheduler.searching.results import found_row, with_snippets
from scheduler.views.agreements import AGREEMENTS, PENDING, SORTED_BY, order_of
from scheduler.views.changes import CHANGES, DAYS, begins, changes_since
from scheduler.views.documents import DOCUMENTS
from scheduler.views.register_entries import entries_of, named_entries
from scheduler.views.similar import similar_lines
from scheduler.views.verdicts import evidence_row, reading_row, version_rows
from scheduler.views.words.labels import labels_of
from scheduler.views.writer import iso
from scheduler.web.site.addresses import LARGEST_ROW, requested_address
from scheduler.web.site.api_answers import (
    ApiAddresses,
    Corridors,
    Counts,
    DocumentDetail,
    DocumentFacets,
    Facets,
    Learned,
    Listed,
    Responses,
    SearchedPage,
    SimilarAgreements,
    Versions,
    answers_with,
    answers_with_one,
)
from scheduler.web.site.context import Context, InContext, agreement_at, document_at
from scheduler.web.site.gate import READER
from scheduler.web.site.parameters import DescribedCount, DescribedSelection, choice, declared_in
from scheduler.web.site.selection import columns_of, counted, selected
from storage.documents.copies import stored_verdict
from storage.documents.documents import versions_of
from storage.filter import Filter
from storage.languages import SPOKEN_LANGUAGES
from storage.lists import queries
from storage.search import counts
from storage.search.counts import COUNTED, document_facets

PREFIX = "/api/v1"

Language = Annotated[
    str | None, choice(SPOKEN_LANGUAGES, "The language of names; else Accept-Language.")
]


def only_known_parameters(request: Request, lang: Language = None) -> None:
    """Raises QueryError for a parameter that the address does not have: a filter with a slip of the
    pen in its name would return everything.
    """
    if lang is not None:
        check_value("lang", lang, SPOKEN_LANGUAGES)
    unknown = misread_names(request.query_params, (*declared_in(request), "lang"))
    if unknown:
        raise QueryError(unknown, filters.Query())


Limit = Annotated[int, Query(ge=1, le=500, description="Items a page.")]
AfterDocument = Annotated[
    int | None, Query(ge=1, le=LARGEST_ROW, description="The last one before.")
]
AfterAgreement = Annotated[str | None, Query(pattern=r"^A\d{1,9}$")]
Number = Annotated[int, Path(ge=1, le=LARGEST_ROW)]


def list_page(
    context: Context, items: Sequence[Mapping[str, Any]], limit: int, key: str, **more: int
) -> Response:
    """The first `limit` of `items`, and under `next` the address of those that follow."""
    shown = list(items[:limit])
    following = None
    if len(items) > limit:
        address = URL(requested_address(context.request))
        following = str(address.include_query_params(after=shown[-1][key]))
    return json_answer(context, {"items": shown, "next": following, **more})


def json_answer(context: Context, value: Mapping[str, Any] | Iterable[Any]) -> Response:
    """A JSON answer with an ETag."""
    body = json.dumps(value, ensure_ascii=False, default=iso).encode()
    return context.conditional(body, "application/json")


_MOVED: Responses = {
    301: {"description": "It was merged into the agreement that `Location` names."}
}
router = APIRouter(tags=["agreements"])


@router.get("/", responses={200: {"model": ApiAddresses}}, dependencies=[READER])
def addresses(context: InContext) -> Response:
    """The addresses of the API, with what each answers."""
    paths = context.request.app.openapi()["paths"]
    items = [
        {
            "path": path,
            "methods": [method.upper() for method in methods],
            "summary": each["summary"],
        }
        for path, methods in paths.items()
        for each in [next(iter(methods.values()))]
    ]
    return json_answer(context, {"items": items})


@router.get("/agreements", responses=answers_with(AGREEMENTS, Listed), dependencies=[READER])
def agreements(
    context: InContext,
    selection: DescribedSelection,
    sort: Annotated[
        str, choice(SORTED_BY, "By report, day or a column; - in front turns it round.")
    ] = "reported",
    limit: Limit = 50,
    after: AfterAgreement = None,
) -> Response:
    """The agreements of a selection, the one reported last first."""
    check_value("sort", sort, SORTED_BY)
    with context.read() as s:
        language = context.language
        asked = (
            dict(context.parameters).get("sort") or Search.of(context.parameters, selection).sort
        )
        order = order_of(asked, labels_of(language))
        flt = queries.as_listed(s, selection.filter)
        found = queries.agreements(s, flt, limit + 1, after, order)
        rows = list(map(AGREEMENTS.row, entries_of(s, found, language)))
        left = queries.count_left_out(s, selection.filter)
    return list_page(context, rows, limit, "id", unconfirmed=left)


@router.get("/agreements/counts", responses={200: {"model": Counts}}, dependencies=[READER])
def agreement_counts(context: InContext, asked: DescribedCount) -> Response:
    """How many agreements, steps or reports a selection has by two of year, month, status,
    instrument, topic, party, corridor, grade, text, language and source. Totals count what stands
    in several cells once; `of` is how many the selection has in all. Durations have the number,
    and the shortest, median and longest days; `durations` are the longest hundred. `unconfirmed`
    entries are left out until a filter is chosen.
    """
    words, counting = context.words, asked.counting
    with context.read() as s:
        listed = queries.as_listed(s, asked.query)
        table = count_table(listed, counting, words, lambda: counted(context, s, listed, counting))
        table = with_durations(s, table, listed, words)
        left = queries.count_left_out(s, asked.query.filter)
    return json_answer(context, {**as_counts(table), "unconfirmed": left})


@router.get(
    "/agreements/{agreement_id}",
    responses={**answers_with_one(AGREEMENTS), **_MOVED},
    dependencies=[READER],
)
def agreement(context: InContext, agreement_id: str) -> Response:
    """One agreement. One that was merged leads to the one that it became (301)."""
    with context.read() as s:
        record = agreement_at(s, agreement_id)
        if record.id != agreement_id:
            return context.see(f"{PREFIX}/agreements/{record.id}", 301)
        (entry,) = entries_of(s, [record], context.language)
    return json_answer(context, AGREEMENTS.row(entry))


@router.get(
    "/agreements/{agreement_id}/similar",
    responses={200: {"model": SimilarAgreements}},
    dependencies=[READER],
)
def similar_agreements(context: InContext, agreement_id: str) -> Response:
    """At most five agreements of other parties that resemble one, the most similar first."""
    with context.read() as s:
        lines = similar_lines(s, agreement_at(s, agreement_id), context.words)
    items = [
        {
            "agreement_id": line.entry.agreement.id,
            "name": line.entry.name,
            "parties": line.entry.agreement.parties,
            "why": line.found.why,
            "topics": line.found.topics,
        }
        for line in lines
    ]
    return json_answer(context, {"items": items, "next": None})


@router.get("/changes", responses=answers_with(CHANGES, Learned), dependencies=[READER])
def changes(
    context: InContext,
    selection: DescribedSelection,
    days: Annotated[int, Query(ge=1, le=36_500, description="Added in so many days.")] = DAYS,
    limit: Limit = 50,
) -> Response:
    """New agreements, and new stages of known ones, the one last learnt of first. `since` and
    `until` are the first and last day on which they were learnt (UTC), `since` in the place of
    `days`; `more` says how many were left out, which a larger `limit` has.
    """
    flt, language = selection.filter, context.language
    since = begins(flt, days, context.now())
    with context.read() as s:
        changes_found, left = changes_since(s, flt, since, limit, language)
    rows = list(map(CHANGES.row, changes_found[:limit]))
    more = left + len(changes_found) - len(rows)
    return json_answer(context, {"since": since, "items": rows, "more": more})


@router.get("/pending", responses=answers_with(PENDING, Listed), dependencies=[READER])
def pending(
    context: InContext,
    selection: DescribedSelection,
    sort: Annotated[
        Literal["newest", "longest"], Query(description="Signed last first, or the oldest.")
    ] = "newest",
    limit: Limit = 50,
    after: AfterAgreement = None,
) -> Response:
    """What was signed or concluded, and is neither ratified nor in force, as far as is reported."""
    language, today, longest = context.language, context.now().date(), sort == "longest"
    with context.read() as s:
        flt = queries.as_listed(s, selection.filter)
        left = queries.count_left_out(s, selection.filter, waiting=True)
        found = queries.waiting(s, flt, limit + 1, after, longest_first=longest)
        rows = list(map(PENDING.row, named_entries(s, found, language, today)))
    return list_page(context, rows, limit, "id", unconfirmed=left)


@router.get("/facets", responses={200: {"model": Facets}}, dependencies=[READER])
def facets(context: InContext, selection: DescribedSelection) -> Response:
    """How many agreements of a selection have each party, topic, status, text and grade. All counts
    are of what its list has, `total`; `grade` counts what that leaves out (`unconfirmed`), too.
    """
    flt = selection.filter
    with context.read() as s:
        columns, listed = columns_of(context, s), queries.as_listed(s, flt)
        total, has = counts.agreement_overview(s, listed, 300, columns)
        _, of_all = counts.agreement_overview(s, flt, 300, columns)
        left = queries.count_left_out(s, flt)
    numbers = {name: dict(n) for name, n in {**has, "grade": of_all["grade"]}.items()}
    return json_answer(context, {"total": total, "unconfirmed": left, **numbers})


@router.get("/corridors", responses={200: {"model": Corridors}}, dependencies=[READER])
def corridors(context: InContext, selection: DescribedSelection) -> Response:
    """Each two parties of a selection, with how many agreements both take part in, and the texts
    of how many are published.
    """
    flt = selection.filter
    with context.read() as s:
        columns = columns_of(context, s)
        is_all = flt == Filter()
        found = columns.corridors if is_all else columns.corridors_of(selected(context, s, flt))
    rows = [
        {"parties": [one, other], "agreements": number, "with_text": with_text}
        for one, other, number, with_text in found
    ]
    return json_answer(context, {"items": rows, "next": None})


# --- `/api/v1/documents` --------------------------------------------------------------------------

documents_router = APIRouter(tags=["documents"])


@documents_router.get(
    "/documents", responses=answers_with(DOCUMENTS, SearchedPage), dependencies=[READER]
)
def documents(
    context: InContext,
    selection: DescribedSelection,
    everything: bool = False,
    limit: Limit = 50,
    after: AfterDocument = None,
    sort: Literal["newest", "relevance"] = "newest",
) -> Response:
    """The documents of a selection, newest first or by relevance; with `everything` also what
    reports nothing. Where nothing is found, `hint` says what became of the words.
    """
    flt = selection.filter
    with context.read() as s:
        document_rows = queries.search(
            s,
            flt,
            everything=everything,
            by_relevance=sort == "relevance",
            limit=limit + 1,
            after=after,
        )
        shown = [
            found_row(row, snippet) for row, snippet in with_snippets(s, document_rows, flt.words)
        ]
        if shown or after is not None:
            return list_page(context, shown, limit, "document_id")
        hint = hint_for(s, selection.query, flt, everything=everything)
        shown_hint = hint_as_json(hint, context.words)
        return json_answer(context, {"items": [], "next": None, "hint": shown_hint})


@documents_router.get(
    "/documents/facets",
    name="facets",
    summary="Facets of documents",
    responses={200: {"model": DocumentFacets}},
    dependencies=[READER],
)
def facets_of_documents(
    context: InContext, selection: DescribedSelection, everything: bool = False
) -> Response:
    """How many documents of a selection have each party, topic, status, instrument, language and
    source. Of more than 1,000 hits the newest are counted: `of_newest` says how many, else null.
    """
    with context.read() as s:
        found = document_facets(s, selection.filter, everything=everything, most=300)
    counts = {name: dict(n) for name, n in found.facets.items()}
    return json_answer(context, {"of_newest": COUNTED if found.is_cut else None, **counts})


@documents_router.get(
    "/documents/{document_id}/versions", responses={200: {"model": Versions}}, dependencies=[READER]
)
def document_versions(context: InContext, document_id: Number) -> Response:
    """What a document said each time its text had changed, oldest first; the last is its text now.

    `changes` are the passages in which a version differs from the one before: pieces that are
    `same`, `removed` or `added`.
    """
    with context.read() as s:
        versions = versions_of(s, document_at(s, document_id).id)
    return json_answer(context, {"items": version_rows(versions)})


@documents_router.get(
    "/documents/{document_id}",
    responses=answers_with_one(DOCUMENTS, DocumentDetail),
    dependencies=[READER],
)
def document(context: InContext, document_id: Number) -> Response:
    """One document with its text (null once it was deleted), the evidence of its verdict, and what
    a second reader said of it (null if none did).
    """
    with context.read() as s:
        row = document_at(s, document_id)
        text = queries.document_text(s, document_id)
        verdict, _, _ = stored_verdict(s, document_id)
        more = {
            "probability": verdict.probability,
            "text": text,
            "evidence": list(map(evidence_row, verdict.evidence)),
            "second_reading": reading_row(verdict.second_reading, row.title, text or ""),
        }
    return json_answer(context, {**DOCUMENTS.row(row), **more})
