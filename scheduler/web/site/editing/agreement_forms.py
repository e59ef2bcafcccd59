"""Editing an agreement as a whole: merging, splitting, and its name."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Annotated, Any

from fastapi import APIRouter, Form, Request
from pydantic import Field
from starlette.responses import Response

from scheduler.decisions import curation
from scheduler.decisions.curation import Curator, Decided
from scheduler.views.entry import EntryLine, entry_lines, report_in_words, step_in_words
from scheduler.views.words.labels import Labels
from scheduler.views.words.lines import clean
from scheduler.web.site.addresses import NotHere, row_number
from scheduler.web.site.editing.acting import (
    FormFault,
    SentForm,
    decide_unless_changed,
    seen_now,
)
from scheduler.web.site.rendering import page, see, served_by, visitor_of, words_for
from storage import queries
from storage.database.session import Session
from storage.errors import AccordwatchError
from storage.queries import neighbours
from storage.records import TextState
from storage.register.records import Agreement, documents_of
from storage.search import document_rows

router = APIRouter(include_in_schema=False)

_MOST_REPORTS = 300  # ticks on one page; the command line has no limit


@router.get("/agreements/{agreement_id}/edit")
def edit(request: Request, agreement_id: str) -> Response:
    """The forms about an agreement, with its reports."""
    with served_by(request).database.read() as s:
        found = _there(s, agreement_id)
        if found.id != agreement_id:
            return see(request, f"/agreements/{found.id}/edit")
        return _form(request, s, found)


class AgreementForm(SentForm):
    """What the forms about an agreement carry, each its own."""

    document: list[str] = Field([])
    other: str = Field("", max_length=20)
    name: str = Field("", max_length=1000)


Sent = Annotated[AgreementForm, Form()]


@router.post("/agreements/{agreement_id}/split")
def split(request: Request, agreement_id: str, form: Sent) -> Response:
    """The ticked reports become an agreement of their own."""
    words = words_for(request)
    leaving = [number for number in map(row_number, form.document) if number]
    numbers = words.listed(map(str, leaving))
    said = words.count("page.decided.split", len(leaving), documents=numbers, home=agreement_id)

    def take(s: Session, curator: Curator) -> list[Decided]:
        found = _there(s, agreement_id)
        if not leaving:
            raise FormFault(split=words.say("page.edit.faults.none"))
        if documents_of(found) <= set(leaving):
            raise FormFault(split=words.say("page.edit.faults.all"))
        return [curation.split(s, agreement_id, leaving, curator)]

    again = partial(_again, request, agreement_id, ticked=leaving)
    document = list(map(str, leaving))
    return decide_unless_changed(request, form, said, take, again, document=document)


@router.get("/agreements/{agreement_id}/merge")
def compare(request: Request, agreement_id: str, other: str = "") -> Response:
    """Two agreements side by side, before an editor says that they are one."""
    words, wanted = words_for(request), other.strip()[:20]
    with served_by(request).database.read() as s:
        found = _there(s, agreement_id)
        second = queries.agreement(s, wanted.upper())
        if second is None or second.id == found.id:
            said = "page.edit.faults.no_agreement" if second is None else "page.edit.faults.same"
            shown = clean(wanted)
            return _form(
                request, s, found, {"merge": words.say(said, id=shown)}, other=shown, code=422
            )
        return _comparison(request, s, found, second)


@router.post("/agreements/{agreement_id}/merge")
def merge(request: Request, agreement_id: str, form: Sent) -> Response:
    """Two agreements become one."""
    return _decided(request, agreement_id, form, "edit.wish_merge", curation.merge)


@router.post("/agreements/{agreement_id}/apart")
def keep_apart(request: Request, agreement_id: str, form: Sent) -> Response:
    """Two agreements are two, however alike."""
    return _decided(request, agreement_id, form, "decided.apart", curation.keep_apart)


@router.post("/agreements/{agreement_id}/together")
def keep_together(request: Request, agreement_id: str, form: Sent) -> Response:
    """A report belongs to the agreement in which it stands."""
    number = next(filter(None, map(row_number, form.document)), 0)
    said = words_for(request).say("page.decided.together", home=agreement_id, document=number)

    def take(s: Session, curator: Curator) -> list[Decided]:
        return [curation.keep_together(s, number, curator)]

    return decide_unless_changed(request, form, said, take, document=[str(number)])


@router.post("/agreements/{agreement_id}/rename")
def rename(request: Request, agreement_id: str, form: Sent) -> Response:
    """Every reader sees the agreement under this name."""
    words, given = words_for(request), clean(form.name)
    said = words.say("page.decided.rename", home=agreement_id, name=given)

    def take(s: Session, curator: Curator) -> list[Decided]:
        if not given or len(given) > curation.LONGEST_NAME:
            most = words.number(curation.LONGEST_NAME)
            raise FormFault(rename=words.say("page.edit.faults.name", n=most))
        return [curation.rename(s, agreement_id, given, curator)]

    again = partial(_again, request, agreement_id)
    return decide_unless_changed(request, form, said, take, again, name=[given])


@router.post("/agreements/{agreement_id}/text")
def attach_text(request: Request, agreement_id: str, form: Sent) -> Response:
    """The text of the agreement stands at an address."""
    return _decided(request, agreement_id, form, "decided.text", curation.attach_text, "text")


@router.post("/agreements/{agreement_id}/searched")
def note_search(request: Request, agreement_id: str, form: Sent) -> Response:
    """Somebody searched for the text, and found none."""
    return _decided(
        request, agreement_id, form, "decided.searched", curation.note_search, "searched"
    )


def _decided(
    request: Request,
    agreement_id: str,
    form: AgreementForm,
    wish: str,
    decide: Callable[[Session, str, str, Curator], Decided],
    fault: str = "",
) -> Response:
    """Decide about an agreement and what was written beside it: another one, an address, places.
    `fault` is the field beside which a refusal is said; without one it is a page of its own.
    """
    words, field = words_for(request), "name" if fault else "other"
    given = clean(form.name if fault else form.other)
    said = words.say(f"page.{wish}", home=agreement_id, **{field: given})

    def take(s: Session, curator: Curator) -> list[Decided]:
        try:
            return [decide(s, agreement_id, given, curator)]
        except AccordwatchError as error:
            if not fault:
                raise
            raise FormFault(**{fault: words.say(f"page.edit.faults.{fault}")}) from error

    again = partial(_again, request, agreement_id)
    return decide_unless_changed(request, form, said, take, again, **{field: [given]})


@router.post("/agreements/{agreement_id}/confirm")
def confirm(request: Request, agreement_id: str, form: Sent) -> Response:
    """A person looked at the entry, and it is an agreement."""
    said = words_for(request).say("page.decided.confirm", home=agreement_id)
    return decide_unless_changed(
        request, form, said, lambda s, curator: [curation.confirm(s, agreement_id, curator)]
    )


@router.post("/agreements/{agreement_id}/irrelevant")
def rule_out(request: Request, agreement_id: str, form: Sent) -> Response:
    """The entry is no agreement: all of its reports are ruled out in one decision."""
    said = words_for(request).say("page.decided.no_agreement", home=agreement_id)
    return decide_unless_changed(
        request,
        form,
        said,
        lambda s, curator: [curation.set_no_agreement(s, agreement_id, curator)],
    )


def _again(
    request: Request, agreement_id: str, faults: Mapping[str, str], **typed: Any
) -> Response:
    """The forms once more, with what was typed and what is wrong with it."""
    with served_by(request).database.read() as s:
        return _form(request, s, _there(s, agreement_id), faults, code=422, **typed)


def _form(
    request: Request,
    s: Session,
    found: Agreement,
    faults: Mapping[str, str] | None = None,
    *,
    ticked: list[int] | None = None,
    other: str = "",
    code: int = 200,
) -> Response:
    words, visitor = words_for(request), visitor_of(request)
    held = [*found.document_ids, *found.mentions]
    rows = document_rows.rows_in_order(document_rows.report_rows(s, held[:_MOST_REPORTS]), held)
    acts = ("split", "rename", "text", "searched", "irrelevant")
    return page(
        request,
        s,
        "editing/agreement.html.j2",
        code,
        agreement=_line(s, found, words),
        is_missing=found.text_state is TextState.MISSING,
        reports=[report_in_words(row, words) for row in rows],
        candidates=_candidates(s, found, words),
        more=max(len(held) - _MOST_REPORTS, 0),
        seen=str(seen_now(s, found, served_by(request).now())),
        tokens={act: visitor.form_token(f"/agreements/{found.id}/{act}") for act in acts},
        faults=faults or {},
        ticked=ticked or [],
        other=other,
    )


def _comparison(request: Request, s: Session, found: Agreement, second: Agreement) -> Response:
    words, now = words_for(request), served_by(request).now()
    action = f"/agreements/{found.id}/merge"
    return page(
        request,
        s,
        "editing/merge.html.j2",
        sides=[side_of(s, one, words) for one in (found, second)],
        stamps=[str(seen_now(s, one, now)) for one in (found, second)],
        token=visitor_of(request).form_token(action),
        action=action,
    )


def side_of(s: Session, found: Agreement, words: Labels) -> dict[str, Any]:
    """An agreement as it stands beside another one: its line, and its steps with their quotes."""
    rows = document_rows.report_rows(s, [*found.document_ids, *found.mentions])
    return {
        "line": _line(s, found, words),
        "steps": [step_in_words(step, found, rows, words) for step in found.history],
    }


def _candidates(s: Session, found: Agreement, words: Labels) -> list[EntryLine]:
    """Agreements of the same parties, the nearest first."""
    near = neighbours(s, found.parties, found.event_date, without=found.id)
    return entry_lines(s, near, words)


def _line(s: Session, found: Agreement, words: Labels) -> EntryLine:
    return entry_lines(s, [found], words)[0]


def _there(s: Session, agreement_id: str) -> Agreement:
    found = queries.agreement(s, agreement_id)
    if found is None:
        raise NotHere
    return found
