"""The register: all agreements, and one with its life."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import date, datetime
from functools import partial
from itertools import permutations
from typing import Any, NamedTuple

from fastapi import APIRouter
from starlette.exceptions import HTTPException
from starlette.responses import Response

from crawler.ingest.vouching import why_certain
from crawler.register.grade import Grounds
from scheduler.configuration.query import Query
from scheduler.schedule.sources_due import turns_of
from scheduler.searching.hints import (
    Search,
)
from scheduler.views.agreements import AGREEMENTS, TABLE, order_of
from scheduler.views.entry import outlet_of, stage_of
from scheduler.views.register_entries import Entry, entries_of, named_entries
from scheduler.views.similar import similar_lines
from scheduler.views.words.labels import Labels
from scheduler.views.words.lines import clean, line, web_address
from scheduler.views.words.page import ago, filter_value_in_words
from scheduler.web.site.addresses import NotHere
from scheduler.web.site.context import Context, InContext, Text, Word
from scheduler.web.site.download import FORMS as ENTRY_FORMS
from scheduler.web.site.download import Form as FileForm
from scheduler.web.site.download import (
    all_agreements,
    citation_of,
    citations,
    download,
    download_links,
    entry_file,
    permanent_address,
    wanted_form,
)
from scheduler.web.site.editing.decision_forms import answer_stamps, ruled_out_by
from scheduler.web.site.gate import READER
from scheduler.web.site.hint_links import register_hints
from scheduler.web.site.installation import sources_now
from scheduler.web.site.parameters import Selection
from scheduler.web.site.selection import (
    TableView,
    View,
    agreements_over_time,
    choice_of_columns,
    columns_of,
    form_of,
    selected,
    shown_left_out,
)
from storage.database.session import Session
from storage.filter import LAST_FIRST, DaysOf, Filter, Known
from storage.lists import queries
from storage.records import Grade, GradeBasis, Status
from storage.register.agreements import merged_ids, resolve
from storage.register.corridors import readings_of_entry
from storage.register.decisions import decisions_about, rows_named
from storage.register.entry import Agreement
from storage.search.counts import Bits, Columns
from storage.sources.states import last_runs
from storage.users import users
from storage.users.accounts import Role

router = APIRouter(include_in_schema=False)

PAGE = 50  # agreements: two screens
PUBLISHED_PAGE = 250  # where no server searches: the browser reads all of them one after the other
_OF_ONE_OUTLET = frozenset({GradeBasis.SINGLE, GradeBasis.DOUBTFUL})
_MOST_VALUES = 12  # of a facet
_MOST_DECISIONS = 50  # about an entry; all of them stand on their own page


@router.get("/", dependencies=[READER])
def register(
    context: InContext,
    selection: Selection,
    view: View,
    after: str | None = None,
    format: str = "",
) -> Response:
    """The agreements of a selection, the one reported last first."""
    form, search = wanted_form(format, ENTRY_FORMS), Search.of(context.parameters, selection)
    view = view if view.sort else view._replace(sort=search.sort)
    if form is not None:
        sorting = [("sort", view.sort)] if view.sort else []
        order, language = order_of(view.sort, context.words), context.language
        with context.read() as s:
            listed = queries.as_listed(s, selection)
        entries = all_agreements(context.served.database, listed.filter, language, order)
        filters = [*listed.parameters, *sorting]
        if form in (FileForm.BIBTEX, FileForm.RIS):
            return citations(context, form, filters, entries)
        return download(context, form, AGREEMENTS, filters, entries)
    with context.read() as s:
        shown = _listed(context, s, search, view, after)
        return context.page(s, "register/register.html.j2", **shown)


def _listed(
    context: Context, s: Session, search: Search, view: TableView, after: str | None
) -> dict[str, Any]:
    words, columns, beside = context.words, columns_of(context, s), view.beside
    selection, names = search.query, view.columns
    if names == AGREEMENTS.page:
        names = tuple(_chosen_for(selection.filter))
    # What is left out of the list is among what the filters may choose.
    chosen = selected(context, s, selection.filter)
    total, found_facets = columns.overview(chosen, _MOST_VALUES)
    begun = _begun(context, s) if selection.filter == Filter() and not total else None
    listed = selection
    if begun and begun["listed"]:
        listed = selection.but(known=Known.ONLY)
    asked, listed = listed, queries.as_listed(s, listed)
    is_whole, flt = listed is asked, listed.filter
    number_left = 0 if is_whole else dict(found_facets["grade"]).get(Grade.UNCONFIRMED, 0)
    # Of the whole register, what is counted may be some seconds old, and what is listed may not.
    among = None if flt == Filter() else selected(context, s, flt)
    most = PUBLISHED_PAGE if context.served.is_static else PAGE
    order = order_of(view.sort, words)
    agreements = queries.agreements(s, flt, most + 1, after, order, chosen=among)
    shown, is_more = agreements[:most], len(agreements) > most
    near, hints = register_hints(s, search, len(agreements), words)
    if near is not None:
        shown = queries.agreements(s, near.query.filter, most, order=order)
        found_facets = columns.overview(selected(context, s, near.query.filter), _MOST_VALUES)[1]
    # What is downloaded is what is listed.
    form = form_of(
        context, selection, "/", beside, beside=("known",), forms=ENTRY_FORMS, files_of=listed
    )
    return {
        **form,
        **hints,
        "feed": listed.address("/feed.atom"),
        "counted_at": listed.address("/count"),
        "timeline_at": listed.address("/timeline"),
        "beside": [(name, value) for name, value in beside.items() if value],
        "columns": choice_of_columns(context, names),
        "headings": [_heading(name, view, selection) for name in names],
        "rows": _rows(s, shown, names, words),
        "sort": view.sort,
        "found_by": partial(_found_by, words=words),
        "answers": answer_stamps(context, s, shown),
        "over_time": agreements_over_time(context, s, listed, "/", **beside),
        "total": near.number if near and near.is_whole else total - number_left,
        "facets": found_facets,
        "narrowed": near.query if near else selection,
        "matrix": _matrix(columns, chosen, [code for code, _ in found_facets["party"]]),
        "older": selection.address("", **beside, after=shown[-1].id) if is_more else None,
        "is_first": after is None,
        "newest": selection.address("/", **beside),
        "begun": begun,
        "read": context.chosen.settings.reader is not None,
        **shown_left_out(number_left, selection, "/", **beside),
        "is_any_listed": columns.is_any_listed,
    }


def _chosen_for(flt: Filter) -> Iterator[str]:
    """The columns of a list: no grade where the filter names one; the end of terms if it asks."""
    for name in AGREEMENTS.page:
        if name == "event_date" and flt.by is DaysOf.EXPIRES:
            yield "expires_on"
        elif name != "grade" or len(flt.grades) != 1:
            yield name


class Heading(NamedTuple):
    """A column, how the list is sorted by it now, and the address that sorts by it."""

    name: str
    goes: str
    address: str


class Cell(NamedTuple):
    column: str
    text: str
    on: date | None = None  # the day that it says, if it is one


class Line(NamedTuple):
    entry: Entry
    cells: Sequence[Cell]


class ListRow(NamedTuple):
    """The row of a list of known agreements that an entry is known from."""

    outlet: str
    name: str
    url: str | None


def _heading(name: str, view: TableView, selection: Query) -> Heading:
    by = AGREEMENTS.named[name].name
    falls = name in LAST_FIRST
    sorted_by = {"day": "event_date", "-day": "-event_date"}.get(view.sort or "", view.sort)
    now = {by: "", f"-{by}": "-"}.get(sorted_by or "")
    goes = "" if now is None else "descending" if falls is (now == "") else "ascending"
    address = selection.address("/", **{**view.beside, "sort": f"-{by}" if now == "" else by})
    return Heading(name, goes, address)


def _rows(
    s: Session, agreements: Sequence[Agreement], names: Sequence[str], words: Labels
) -> list[Line]:
    entries = named_entries(s, agreements, words.language)
    return [Line(entry, list(cells_of(entry, names, words))) for entry in entries]


def cells_of(entry: Entry, names: Sequence[str], words: Labels) -> Iterator[Cell]:
    for name in names:
        column = AGREEMENTS.named[name]
        value = column.read(entry)
        if isinstance(value, date):
            on = value.date() if isinstance(value, datetime) else value
            yield Cell(name, words.short_day(on), on)
        else:
            yield Cell(name, line(column.in_words(entry, words), 400))


def _found_by(agreement: Agreement, words: Labels) -> dict[str, Any]:
    """What the browser finds an entry of a published register by: its day, and the values of its
    filters in words.
    """
    on = agreement.event_date.isoformat() if agreement.event_date else ""
    values: dict[str, Iterable[str]] = {
        "party": agreement.parties,
        "topic": agreement.topics,
        "status": filter(None, [agreement.status]),
        "instrument": filter(None, [agreement.instrument]),
        "grade": [agreement.grade],
    }
    by = {
        name: {code: filter_value_in_words(name, code, words) for code in codes}
        for name, codes in values.items()
    }
    return {"on": on, "by": by | {"year": {on[:4]: on[:4]} if on else {}}}


def _begun(context: Context, s: Session) -> dict[str, Any]:
    """What lists know, what was looked at, and when the next look is due."""
    words = context.words
    now, runs = context.now(), last_runs(s, 1)
    sources = [source for source in sources_now(context.served) if source.enabled]
    turns = turns_of(s, sources, now)
    due = min((turn.due_at for turn in turns), default=None)
    return {
        "listed": queries.count_agreements(s, Filter(known=Known.ONLY)),
        "looked": sum(turn.polled_at is not None for turn in turns),
        "sources": len(sources),
        "run": ago(runs[0].started_at, now, words) if runs else "",
        "due": "" if due is None or due <= now else ago(due, now, words),
    }


@router.get("/agreements/{agreement_id}", dependencies=[READER])
def agreement(context: InContext, agreement_id: str, format: str = "") -> Response:
    """One agreement, step by step. One that was merged leads to the one that it became."""
    with context.read() as s:
        record = queries.agreement(s, agreement_id)
        if record is None:  # perhaps a person decided that it is no agreement (410: it is gone)
            out = ruled_out_by(s, agreement_id)
            if out is None:
                raise NotHere
            return context.page(s, "register/ruled_out.html.j2", 410, id=agreement_id, lines=[out])
        if record.id != agreement_id:
            query = f"?{context.request.url.query}" if context.request.url.query else ""
            return context.see(f"/agreements/{record.id}{query}", 301)
        form = wanted_form(format, ENTRY_FORMS)
        if form is not None:
            return entry_file(context, s, record, form)
        return context.page(s, "register/agreement.html.j2", **_shown(context, s, record))


def _shown(context: Context, s: Session, record: Agreement) -> dict[str, Any]:
    words = context.words
    (entry,) = entries_of(s, [record], words.language)
    listed, rows = rows_named(s, record.listed), entry.documents
    decided = decisions_about(s, record.id, _MOST_DECISIONS)
    grounds, seen_on = why_certain(s, [record])[record.id], context.now().date()
    is_static = context.served.is_static
    if is_static:  # it names nobody who works here, and stays the same while the entry does
        grounds = replace(grounds, who=context.chosen.settings.dataset.register_name)
        changed = (
            *(row.first_seen_at for row in rows.values()),
            *(decision.at for decision in decided),
        )
        seen_on = max(changed, default=context.now()).date()
    of_lists = (
        ListRow(outlet_of(rows[number]), line(named.name, 160), web_address(named.url))
        for number, named in listed.items()
        if number in rows
    )
    others = filter(None, (queries.agreement(s, other) for _, other in record.links))
    linked = named_entries(s, list(others), words.language)
    return {
        "agreement": record,
        "entry": entry,
        "merged": merged_ids(s, record.id),
        "repeated": _repeated(entry, grounds),
        "grounds": grounds,
        "listed": listed,
        "cited": citation_of(context, record, entry.given, seen_on).as_sentence(),
        "permanent": permanent_address(context, f"/agreements/{record.id}"),
        "downloads": download_links(
            lambda form: f"/agreements/{record.id}?format={form}", ENTRY_FORMS
        ),
        # Each row of a list that it is known from once, whatever its steps.
        "lists": list({row[:2]: row for row in of_lists}.values()),
        "answers": answer_stamps(context, s, [record]),
        "decided": bool(decided),
        "corrections": [decision for decision in decided if decision.is_correction],
        "readings": readings_of_entry(s, record),
        "linked": {one.agreement.id: one for one in linked},
        "similar": [] if is_static else similar_lines(s, record, words),
        **notes_of(context, s, record.id),
    }


def _repeated(entry: Entry, grounds: Grounds) -> int:
    """How many outlets report the steps of an entry of one outlet: they print the text of that."""
    listed = set(entry.agreement.listed)
    outlets = {
        outlet_of(entry.documents[number])
        for number in entry.agreement.document_ids
        if number in entry.documents and number not in listed
    }
    return len(outlets - {*grounds.outlets}) if grounds.basis in _OF_ONE_OUTLET else 0


def _matrix(columns: Columns, chosen: Bits, busiest: Sequence[str]) -> dict[str, Any]:
    """How many of the chosen agreements each two of the parties have that have the most."""
    of_party = columns.facets["party"]
    between = {
        f"{one}-{other}": (of_party[one] & of_party[other] & chosen).bit_count()
        for one, other in permutations(busiest, 2)
    }
    return {"parties": busiest, "between": between}


# --- what the terms mean --------------------------------------------------------------------------


@router.get("/help", dependencies=[READER])
def help_page(context: InContext) -> Response:
    with context.read() as s:
        return context.page(
            s,
            "register/help.html.j2",
            statuses=[(status, stage_of(status)) for status in Status],
            grades=list(Grade),
            terms=TABLE,
            others=("corridor", "listed", "reader", "review"),
        )


# --- notes of persons about an agreement ----------------------------------------------------------

LONGEST_NOTE = 2000


def notes_of(context: Context, s: Session, agreement_id: str) -> dict[str, Any]:
    """The notes about an agreement, and the token of the form that adds one."""
    return {"notes": users.notes_about(s, agreement_id), "longest_note": LONGEST_NOTE}


@router.post("/agreements/{agreement_id}/notes", dependencies=[READER])
def add_note(context: InContext, agreement_id: str, text: Text = "", token: Word = "") -> Response:
    context.check_form(f"/agreements/{agreement_id}/notes", token)
    written = "\n".join(clean(part) for part in text.splitlines()).strip()
    if not 0 < len(written) <= LONGEST_NOTE:
        words = context.words
        most = words.number(LONGEST_NOTE)
        raise HTTPException(409, words.say("A note has 1 to {n} characters.", n=most))
    who = context.visitor.name or ""
    with context.begin() as s:
        home = _home(s, agreement_id)
        made = users.add_note(s, home, who, written, context.now())
    return context.see(f"/agreements/{home}#note-{made}")


@router.post("/notes/{number}/remove", dependencies=[READER])
def remove_note(
    context: InContext, number: int, agreement: Word = "", token: Word = ""
) -> Response:
    """Remove a note of one's own; an admin removes any."""
    visitor = context.check_form(f"/notes/{number}/remove", token)
    owner = None if visitor.may(Role.ADMIN) else visitor.name or ""
    with context.begin() as s:
        home = _home(s, agreement)
        if not users.remove_note(s, number, owner):
            raise NotHere
    return context.see(f"/agreements/{home}#notes")


def _home(s: Session, agreement_id: str) -> str:
    """The agreement, or what became of it. Raises NotHere if there is none."""
    home = resolve(s, agreement_id)
    if home is None:
        raise NotHere
    return home
