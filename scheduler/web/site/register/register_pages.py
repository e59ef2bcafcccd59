"""The register: all agreements, and one with its life."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from fastapi import APIRouter, Request
from starlette.responses import RedirectResponse, Response

from crawler.ingest.vouching import why_certain
from scheduler.configuration.party_names import instead_of
from scheduler.configuration.query import Query
from scheduler.views.agreements import AGREEMENTS, entries_of
from scheduler.views.entry import (
    ReportWords,
    entry_in_words,
    entry_lines,
    report_in_words,
    short_parties,
)
from scheduler.views.words.labels import Labels
from scheduler.views.words.page import words_of
from scheduler.web.site.download.entries import FORMS as ENTRY_FORMS
from scheduler.web.site.download.entries import citation_of, entry_file, entry_links
from scheduler.web.site.download.forms import (
    Form,
    about_file,
    download,
    download_links,
    wanted_form,
)
from scheduler.web.site.download.rows import all_agreements
from scheduler.web.site.editing.acting import seen_now
from scheduler.web.site.editing.decision_words import decision_line
from scheduler.web.site.filters.addresses import NotHere, language_for, query_in, tidied
from scheduler.web.site.filters.controls import controls_of
from scheduler.web.site.filters.periods import agreements_over_time
from scheduler.web.site.installation import source_names
from scheduler.web.site.register.notes import notes_of
from scheduler.web.site.rendering import page, served_by, visitor_of
from scheduler.web.site.search.choices import SelectionLink, chosen
from scheduler.web.site.search.counted import overview_of, selected
from scheduler.web.site.search.hint_views import parties_link, without_one
from storage import queries
from storage.database.session import Session
from storage.filter import Filter
from storage.register.decisions import decisions_about, rows_named
from storage.register.records import Agreement, DecisionKind, NamedRow
from storage.search.counts import Corridor
from storage.search.document_rows import DocumentRow
from storage.users.records import Role

router = APIRouter(include_in_schema=False)

PAGE = 30  # agreements: two screens
BY_DAY = "day"
_MOST_DECISIONS = 50  # about one agreement, of which the last one that ruled it out is shown


@router.get("/")
def register(request: Request) -> Response:
    """The agreements of a selection, the one reported last first."""
    tidy = tidied(request)
    if tidy is not None:
        return tidy
    selection, form = query_in(request, after=(), sort=("reported", BY_DAY)), wanted_form(request)
    if form is not None:
        return _file(request, selection, form)
    with served_by(request).database.read() as s:
        return page(request, s, "register/register.html.j2", **_listed(request, s, selection))


def _file(request: Request, selection: Query, form: Form) -> Response:
    served, language, sort = served_by(request), language_for(request), _sort(request)
    given = [("sort", sort)] if sort else []
    about = about_file(request, "agreements", [*selection.parameters, *given])
    found = all_agreements(served.database, selection.filter, language, by_day=bool(sort))
    return download(form, about, AGREEMENTS, found)


def _sort(request: Request) -> str | None:
    """The order that an address asks for: "day" for the latest step first; None for the usual."""
    return BY_DAY if request.query_params.get("sort") == BY_DAY else None


def _listed(request: Request, s: Session, selection: Query) -> dict[str, Any]:
    words = words_of(language_for(request))
    after = request.query_params.get("after")
    sort = _sort(request)
    served, flt = served_by(request), selection.filter
    has = overview_of(served, s, flt)
    # Of the whole register, what is counted may be some seconds old, and what is listed may not.
    among = None if flt == Filter() else selected(served, s, flt)
    found = queries.agreements(s, flt, PAGE + 1, after, by_day=bool(sort), chosen=among)
    shown, is_more = found[:PAGE], len(found) > PAGE
    return {
        "selection": selection,
        "chosen": chosen(selection, {"sort": sort}, words, "/"),
        "orders": [
            (words.say(f"page.orders.{name}"), selection.address("/", sort=value), value == sort)
            for name, value in (("reported", None), ("day", BY_DAY))
        ],
        "sort": sort,
        "controls": controls_of(selection, words, source_names(served_by(request))),
        "over_time": agreements_over_time(
            served_by(request),
            s,
            selection,
            words,
            lambda since, until: selection.address("/", sort=sort, since=since, until=until),
        ),
        "lines": entry_lines(s, shown, words),
        "total": has.agreements.total,
        "facets": has.agreements.facets,
        "matrix": _matrix(has.corridors, has.busiest, words),
        "parties": parties_link(s, selection, words),
        "instead": None if shown else _instead(selection),
        "relaxed": [] if shown else _relaxed(s, selection, words),
        "older": selection.address("", sort=sort, after=shown[-1].id) if is_more else None,
        "is_first": after is None,
        "path": "/",
        "downloads": download_links(lambda form: selection.address("/", sort=sort, format=form)),
    }


def _instead(selection: Query) -> SelectionLink | None:
    """The search for the names of parties that may be meant, if they are misspelt."""
    meant = instead_of(selection.query)
    return SelectionLink(meant, selection.address("/", q=meant)) if meant else None


def _relaxed(s: Session, selection: Query, words: Labels) -> list[SelectionLink]:
    def count(flt: Filter) -> int:
        return queries.count_agreements(s, flt)

    return without_one(selection, "/", {}, count, "page.agreements", words)


@router.get("/agreements/{agreement_id}")
def agreement(request: Request, agreement_id: str) -> Response:
    """One agreement, step by step. One that was merged leads to the one that it became."""
    with served_by(request).database.read() as s:
        found = queries.agreement(s, agreement_id)
        if found is None:
            return _ruled_out(request, s, agreement_id)
        if found.id != agreement_id:
            root = request.scope.get("root_path", "")
            query = f"?{request.url.query}" if request.url.query else ""
            return RedirectResponse(f"{root}/agreements/{found.id}{query}", 301)
        form = wanted_form(request, ENTRY_FORMS)
        if form is not None:
            return entry_file(request, s, found, form)
        return page(request, s, "register/agreement.html.j2", **_shown(request, s, found))


def _ruled_out(request: Request, s: Session, agreement_id: str) -> Response:
    """Say that a person decided that an entry is no agreement, who and when (410: it is gone)."""
    about = decisions_about(s, agreement_id, _MOST_DECISIONS)
    out = [one for one in about if one.kind is DecisionKind.IRRELEVANT and one.undone_at is None]
    if not out:
        raise NotHere
    words, visitor = words_of(language_for(request)), visitor_of(request)
    line = decision_line(out[0], visitor, visitor.may(Role.EDITOR), words)
    return page(request, s, "register/ruled_out.html.j2", 410, id=agreement_id, lines=[line])


def _shown(request: Request, s: Session, found: Agreement) -> dict[str, Any]:
    words = words_of(language_for(request))
    (entry,) = entries_of(s, [found], words.language)
    listed = rows_named(s, found.listed)
    said = entry_in_words(entry, why_certain(s, found), words, listed)
    return {
        "agreement": said.line,
        "entry": said,
        "cited": citation_of(request, found, entry.given).as_sentence(),
        "downloads": entry_links(found.id),
        "lists": _lists(entry.documents, listed, words),
        "reasons": found.reasons,
        "links": found.links,
        "deciding": _deciding(request, s, found),
        "decided": bool(decisions_about(s, found.id, 1)),
        **notes_of(request, s, found.id, words),
    }


def _deciding(request: Request, s: Session, found: Agreement) -> dict[str, str]:
    """What the forms need that say whether an entry is an agreement; nothing for who may not."""
    visitor = visitor_of(request)
    if not visitor.may(Role.EDITOR):
        return {}
    acts = ("confirm", "irrelevant")
    tokens = {act: visitor.form_token(f"/agreements/{found.id}/{act}") for act in acts}
    return {**tokens, "seen": str(seen_now(s, found, served_by(request).now()))}


def _lists(
    rows: Mapping[int, DocumentRow], listed: Mapping[int, NamedRow], words: Labels
) -> list[ReportWords]:
    """The rows of lists that an agreement is known from, each once, whatever its steps."""
    lines = [report_in_words(rows[number], words, listed) for number in listed if number in rows]
    return list({(one.outlet, one.row): one for one in lines}.values())


def _matrix(found: Sequence[Corridor], codes: Sequence[str], words: Labels) -> dict[str, Any]:
    """How many agreements each two parties have: those with the most, `codes` in that order."""
    between: dict[tuple[str, str], int] = {}
    for corridor in found:
        between[corridor.one, corridor.other] = corridor.agreements
        between[corridor.other, corridor.one] = corridor.agreements
    rows = [[between.get((one, other)) for other in codes] for one in codes]
    return {"parties": short_parties(codes, words), "rows": rows}
