"""Editing one report: what it says, where it belongs, and whether it is one."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from fastapi import APIRouter, Form, Request
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import FormData
from starlette.responses import Response

from scheduler.decisions import curation
from scheduler.decisions.curation import Curator, Decided
from scheduler.views.entry import EntryLine, entry_lines, report_in_words
from scheduler.views.words.labels import Labels
from scheduler.views.words.lines import clean
from scheduler.views.words.page import words_of
from scheduler.web.site.editing import card_form
from scheduler.web.site.editing.acting import (
    LONGEST_REASON,
    FormFault,
    Wish,
    check_token,
    decide_unless_changed,
    seen_now,
)
from scheduler.web.site.editing.decision_words import value_in_words
from scheduler.web.site.filters.addresses import NotHere, language_for, row_number
from scheduler.web.site.rendering import page, served_by, visitor_of
from storage import queries
from storage.curated_cards import curated_card
from storage.database.session import Session
from storage.records import Card
from storage.register.records import Agreement
from storage.search import document_rows
from storage.search.document_rows import DocumentRow
from storage.search.neighbours import neighbours

router = APIRouter(include_in_schema=False)


@router.get("/documents/{number}/edit")
def edit(request: Request, number: str) -> Response:
    """The forms about a report."""
    with served_by(request).database.read() as s:
        return _form(request, s, *_there(s, number))


@router.post("/documents/{number}/correct")
async def correct(request: Request, number: str) -> Response:
    """Fields that differ from what the report says are corrected, a decision each."""
    async with request.form(max_fields=50, max_part_size=64 * 1024) as form:
        return await run_in_threadpool(_correct, request, number, form)


def _correct(request: Request, number: str, form: FormData) -> Response:
    words, given = words_of(language_for(request)), row_number(number) or 0
    why, seen, token = (str(form.get(name, "")) for name in ("why", "seen", "token"))
    action = f"/documents/{number}/correct"
    check_token(request, action, token)
    written = card_form.read_card(form, words)
    faults = dict(written.faults)
    if len(why) > LONGEST_REASON:
        faults["why"] = words.say("page.edit.faults.why", n=words.number(LONGEST_REASON))
    elif not written.changes and not faults:
        faults["correct"] = words.say("page.edit.faults.unchanged")
    if faults:
        return _again(request, number, faults, values=written.values)
    wanted = [_wanted(given, field, value, words) for field, value in written.changes.items()]
    said = words.say("page.edit.and").join(wanted)
    wish = Wish(
        action=action,
        said=said,
        token=token,
        seen=[seen],
        why=why,
        fields=[*written.changes.items()],
    )

    def take(s: Session, curator: Curator) -> list[Decided]:
        return [
            curation.correct(s, given, field, value, curator)
            for field, value in written.changes.items()
        ]

    return decide_unless_changed(request, wish, take)


@router.post("/documents/{number}/move")
def move(
    request: Request,
    number: str,
    target: str = Form("", max_length=20),
    target_id: str = Form("", max_length=20),
    why: str = Form("", max_length=LONGEST_REASON),
    seen: str = Form("", max_length=100),
    token: str = Form("", max_length=64),
) -> Response:
    """The report is about another agreement: one that was picked, or else whose id was written."""
    words, wanted = words_of(language_for(request)), (clean(target_id) or clean(target)).upper()
    given = row_number(number) or 0
    said = words.say("page.edit.wish_move", document=given, target=wanted)
    wish = Wish(
        action=f"/documents/{number}/move",
        said=said,
        token=token,
        seen=[seen],
        why=why,
        fields=[("target", wanted)],
    )

    def take(s: Session, curator: Curator) -> list[Decided]:
        found = queries.agreement(s, wanted)
        if found is None:
            said = "no_agreement" if wanted else "no_target"
            raise FormFault(move=words.say(f"page.edit.faults.{said}", id=wanted))
        if queries.agreements_of(s, [given]).get(given) == found.id:
            raise FormFault(move=words.say("page.edit.faults.same_home", id=found.id))
        return [curation.move(s, given, wanted, curator)]

    try:
        return decide_unless_changed(request, wish, take)
    except FormFault as fault:
        return _again(request, number, fault.faults, target=clean(target), written=clean(target_id))


@router.post("/documents/{number}/irrelevant")
def rule_out(
    request: Request,
    number: str,
    why: str = Form("", max_length=LONGEST_REASON),
    seen: str = Form("", max_length=100),
    token: str = Form("", max_length=64),
) -> Response:
    """The document reports no agreement."""
    given = row_number(number) or 0
    said = words_of(language_for(request)).say("page.decided.irrelevant", document=given)
    wish = Wish(f"/documents/{number}/irrelevant", said, token, [seen], why)

    def take(s: Session, curator: Curator) -> list[Decided]:
        former = queries.agreements_of(s, [given]).get(given, "")
        decided = curation.set_irrelevant(s, given, curator)
        # The agreement may be gone with its last report.
        home = queries.agreement(s, former)
        return [decided._replace(home=home.id if home else "")]

    return decide_unless_changed(request, wish, take)


def _again(request: Request, number: str, faults: Mapping[str, str], **typed: Any) -> Response:
    """The forms once more, with what was typed and what is wrong with it."""
    with served_by(request).database.read() as s:
        return _form(request, s, *_there(s, number), faults, code=422, **typed)


def _there(s: Session, number: str) -> tuple[DocumentRow, Card]:
    document_id = row_number(number)
    row = document_rows.report_rows(s, [document_id]).get(document_id) if document_id else None
    card = curated_card(s, row.id) if row else None
    if row is None or card is None:
        raise NotHere
    return row, card


def _form(
    request: Request,
    s: Session,
    row: DocumentRow,
    card: Card,
    faults: Mapping[str, str] | None = None,
    *,
    values: Mapping[str, str] | None = None,
    target: str = "",
    written: str = "",
    code: int = 200,
) -> Response:
    words, visitor = words_of(language_for(request)), visitor_of(request)
    home = queries.agreement(s, row.agreement_id) if row.agreement_id else None
    was = card_form.as_written(card)
    acts = ("correct", "move", "irrelevant")
    shown: dict[str, Any] = {
        "report": report_in_words(row, words),
        "home": home.id if home else None,
        "seen": str(seen_now(s, home, served_by(request).now())) if home else "",
        "tokens": {act: visitor.form_token(f"/documents/{row.id}/{act}") for act in acts},
        "faults": faults or {},
        "card": card_form.inputs(was | dict(values or {}), faults or {}, words),
        "was": was,
        "candidates": _candidates(s, home, card, words) if home else [],
        "target": target,
        "target_id": written,
    }
    return page(request, s, "editing/report.html.j2", code, **shown)


def _candidates(s: Session, home: Agreement, card: Card, words: Labels) -> list[EntryLine]:
    """Other agreements of the parties that the report names, the nearest first."""
    parties = card.parties or home.parties
    near = neighbours(s, parties, card.event_date or home.event_date, without=home.id)
    return entry_lines(s, near, words)


def _wanted(document_id: int, field: str, value: str, words: Labels) -> str:
    return words.say(
        "page.decided.correct",
        document=document_id,
        field=words.say(f"page.fields.{field}"),
        value=value_in_words(field, value, words),
    )
