"""The register: all agreements, and one with its life."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from fastapi import APIRouter, Form, Request
from starlette.responses import RedirectResponse, Response

from crawler.ingest.vouching import why_certain
from scheduler.configuration.party_names import instead_of
from scheduler.configuration.query import Query
from scheduler.views.agreements import AGREEMENTS
from scheduler.views.entry import (
    ReportWords,
    entry_in_words,
    entry_lines,
    report_in_words,
    short_parties,
)
from scheduler.views.register_entries import entries_of
from scheduler.views.words.labels import Labels
from scheduler.views.words.lines import clean, line
from scheduler.views.words.page import moment, words_of
from scheduler.web.site.access.gate import Visitor
from scheduler.web.site.addresses import Forbidden, NotHere, language_for, query_in, tidied
from scheduler.web.site.cache import overview_of, selected
from scheduler.web.site.download import FORMS as ENTRY_FORMS
from scheduler.web.site.download import (
    Form as FileForm,
)
from scheduler.web.site.download import (
    about_file,
    all_agreements,
    citation_of,
    download,
    download_links,
    entry_file,
    entry_links,
    wanted_form,
)
from scheduler.web.site.editing.acting import seen_now
from scheduler.web.site.editing.decision_words import decision_line
from scheduler.web.site.filters.controls import SelectionLink, chosen, controls_of
from scheduler.web.site.filters.periods import agreements_over_time
from scheduler.web.site.installation import source_names
from scheduler.web.site.rendering import page, served_by, visitor_of
from scheduler.web.site.search.search_page import parties_link, without_one
from storage import queries
from storage.database.session import Session
from storage.errors import AccordwatchError
from storage.filter import Filter
from storage.register.agreements import resolve
from storage.register.decisions import decisions_about, rows_named
from storage.register.records import Agreement, DecisionKind, NamedRow
from storage.search.counts import Corridor
from storage.search.document_rows import DocumentRow
from storage.users import users
from storage.users.records import Role
from storage.users.users import Note

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


def _file(request: Request, selection: Query, form: FileForm) -> Response:
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


# --- notes of persons about an agreement ----------------------------------------------------------

LONGEST_NOTE = 2000


class NoteFault(AccordwatchError):
    """A note without a word, or one that is too long."""


@dataclass(frozen=True, slots=True)
class NoteLine:
    """A note as the page shows it. `token` is of the form that removes it; "" if who asks may
    not.
    """

    id: int
    who: str
    at: str
    paragraphs: Sequence[str]
    token: str


def notes_of(request: Request, s: Session, agreement_id: str, words: Labels) -> dict[str, Any]:
    """The notes about an agreement, and the token of the form that adds one."""
    visitor = visitor_of(request)
    found = users.notes_about(s, agreement_id)
    return {
        "notes": [_line(one, visitor, words) for one in found],
        "noting": visitor.form_token(f"/agreements/{agreement_id}/notes"),
        "longest_note": LONGEST_NOTE,
    }


@router.post("/agreements/{agreement_id}/notes")
def add_note(
    request: Request,
    agreement_id: str,
    text: str = Form("", max_length=4 * LONGEST_NOTE),
    token: str = Form("", max_length=64),
) -> Response:
    """Keep a note about an agreement."""
    _check(request, f"/agreements/{agreement_id}/notes", token)
    written = "\n".join(clean(part) for part in text.splitlines()).strip()
    if not 0 < len(written) <= LONGEST_NOTE:
        words = words_of(language_for(request))
        raise NoteFault(words.say("page.people.faults.note", n=words.number(LONGEST_NOTE)))
    served = served_by(request)
    with served.database.begin() as s:
        home = _home(s, agreement_id)
        who = visitor_of(request).name or ""
        made = users.add_note(s, home, who, written, served.now())
    return _back(request, f"/agreements/{home}#note-{made}")


@router.post("/notes/{number}/remove")
def remove_note(
    request: Request,
    number: int,
    agreement: str = Form("", max_length=20),
    token: str = Form("", max_length=64),
) -> Response:
    """Remove a note of one's own; an admin removes any."""
    visitor = visitor_of(request)
    _check(request, f"/notes/{number}/remove", token)
    owner = None if visitor.may(Role.ADMIN) else visitor.name or ""
    with served_by(request).database.begin() as s:
        home = _home(s, agreement)
        if not users.remove_note(s, number, owner):
            raise NotHere
    return _back(request, f"/agreements/{home}#notes")


def _line(one: Note, visitor: Visitor, words: Labels) -> NoteLine:
    may_remove = visitor.may(Role.ADMIN) or one.who == (visitor.name or "")
    return NoteLine(
        id=one.id,
        who=line(one.who, 80) or words.say("page.people.here"),
        at=moment(one.written_at, words),
        paragraphs=one.text.split("\n"),
        token=visitor.form_token(f"/notes/{one.id}/remove") if may_remove else "",
    )


def _check(request: Request, action: str, token: str) -> None:
    if not visitor_of(request).is_form_token(action, token):
        raise Forbidden


def _home(s: Session, agreement_id: str) -> str:
    """The agreement, or what became of it. Raises NotHere if there is none."""
    home = resolve(s, agreement_id)
    if home is None:
        raise NotHere
    return home


def _back(request: Request, path: str) -> Response:
    return RedirectResponse(request.scope.get("root_path", "") + path, 303)
