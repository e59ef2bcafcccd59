"""Editing one report: what it says, where it belongs, and whether it is one."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Annotated, Any

from fastapi import APIRouter, Form, Request
from pydantic import Field
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import FormData
from starlette.responses import Response

from scheduler.configuration.party_names import party_meant
from scheduler.decisions import curation
from scheduler.decisions.curated_fields import checked_field, written_field
from scheduler.decisions.curation import Curator, Decided
from scheduler.views.decisions import value_in_words
from scheduler.views.entry import EntryLine, entry_lines, report_in_words
from scheduler.views.words.labels import Labels
from scheduler.views.words.lines import clean
from scheduler.web.site.addresses import NotHere, row_number
from scheduler.web.site.editing.acting import (
    LONGEST_REASON,
    FormFault,
    SentForm,
    action_of,
    check_token,
    decide_unless_changed,
    seen_now,
)
from scheduler.web.site.rendering import page, served_by, visitor_of, words_for
from storage import queries
from storage.database.session import Session
from storage.errors import AccordwatchError
from storage.queries import curated_card, neighbours
from storage.records import Card, Instrument, Status, Topic
from storage.register.records import FIELDS, Agreement
from storage.search import document_rows
from storage.search.document_rows import DocumentRow

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
    words, given = words_for(request), row_number(number) or 0
    why, seen, token = (str(form.get(name, "")) for name in ("why", "seen", "token"))
    check_token(request, action_of(request), token)
    values, changes, faults = read_card(form, words)
    if len(why) > LONGEST_REASON:
        faults["why"] = words.say("page.edit.faults.why", n=words.number(LONGEST_REASON))
    elif not changes and not faults:
        faults["correct"] = words.say("page.edit.faults.unchanged")
    if faults:
        return _again(request, number, faults, values=values)
    wanted = [_wanted(given, field, value, words) for field, value in changes.items()]

    def take(s: Session, curator: Curator) -> list[Decided]:
        return [
            curation.correct(s, given, field, value, curator) for field, value in changes.items()
        ]

    said, sent = (
        words.say("page.edit.and").join(wanted),
        SentForm(back="", why=why, seen=[seen], token=token),
    )
    fields = {field: [value] for field, value in changes.items()}
    return decide_unless_changed(request, sent, said, take, None, **fields)


class MoveForm(SentForm):
    """An agreement that was picked, or else whose id was written."""

    target: str = Field("", max_length=20)
    target_id: str = Field("", max_length=20)


@router.post("/documents/{number}/move")
def move(request: Request, number: str, form: Annotated[MoveForm, Form()]) -> Response:
    """The report is about another agreement."""
    words, given = words_for(request), row_number(number) or 0
    target, target_id = clean(form.target), clean(form.target_id)
    wanted = (target_id or target).upper()
    said = words.say("page.edit.wish_move", document=given, target=wanted)

    def take(s: Session, curator: Curator) -> list[Decided]:
        found = queries.agreement(s, wanted)
        if found is None:
            said = "no_agreement" if wanted else "no_target"
            raise FormFault(move=words.say(f"page.edit.faults.{said}", id=wanted))
        if queries.agreements_of(s, [given]).get(given) == found.id:
            raise FormFault(move=words.say("page.edit.faults.same_home", id=found.id))
        return [curation.move(s, given, wanted, curator)]

    again = partial(_again, request, number, target=target, written=target_id)
    return decide_unless_changed(request, form, said, take, again, target=[wanted])


@router.post("/documents/{number}/irrelevant")
def rule_out(request: Request, number: str, form: Annotated[SentForm, Form()]) -> Response:
    """The document reports no agreement."""
    given = row_number(number) or 0
    said = words_for(request).say("page.decided.irrelevant", document=given)

    def take(s: Session, curator: Curator) -> list[Decided]:
        former = queries.agreements_of(s, [given]).get(given, "")
        decided = curation.set_irrelevant(s, given, curator)
        # The agreement may be gone with its last report.
        home = queries.agreement(s, former)
        return [decided._replace(home=home.id if home else "")]

    return decide_unless_changed(request, form, said, take)


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
    words, visitor = words_for(request), visitor_of(request)
    home = queries.agreement(s, row.agreement_id) if row.agreement_id else None
    was = card_as_written(card)
    acts = ("correct", "move", "irrelevant")
    shown: dict[str, Any] = {
        "report": report_in_words(row, words),
        "home": home.id if home else None,
        "seen": str(seen_now(s, home, served_by(request).now())) if home else "",
        "tokens": {act: visitor.form_token(f"/documents/{row.id}/{act}") for act in acts},
        "faults": faults or {},
        "card": card_inputs(was | dict(values or {}), faults or {}, words),
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


# --- the six fields of a card as inputs -----------------------------------------------------------

_LONGEST_SHOWN = 300  # characters of a value that could not be read
_LISTS = frozenset({"parties", "topics"})


def card_as_written(card: Card) -> dict[str, str]:
    """The fields of a card as an editor would write them."""
    return {field: written_field(card, field) for field in FIELDS}


def read_card(
    form: FormData, words: Labels
) -> tuple[dict[str, str], dict[str, str], dict[str, str]]:
    """What a form says of a card, by field: the values as they are stored, those that differ from
    what the editor saw, and what could not be read. `was_status` is what the form
    showed as the status when it was made; a field without it counts as changed.
    """
    values, changes, faults = dict[str, str](), dict[str, str](), dict[str, str]()
    for field in FIELDS:
        was = form.get(f"was_{field}")
        if field not in form and was is None:
            continue
        raw = ",".join(str(value) for value in form.getlist(field))
        typed = _codes(raw) if field == "parties" else raw
        try:
            values[field] = checked_field(field, typed)
        except AccordwatchError:
            values[field] = clean(raw[:_LONGEST_SHOWN])
            faults[field] = words.say(f"page.edit.faults.{field}")
            continue
        if was is None or _comparable(field, values[field]) != _comparable(field, str(was)):
            changes[field] = values[field]
    return values, changes, faults


def card_inputs(
    values: Mapping[str, str], faults: Mapping[str, str], words: Labels
) -> dict[str, Any]:
    """What the template of the fields shows. `values` is what stands in them."""
    return {
        "written": dict.fromkeys(FIELDS, "") | dict(values),
        "faults": faults,
        "statuses": [(str(one), words.status(one, None)) for one in Status],
        "instruments": [(str(one), _instrument(one, words)) for one in Instrument],
        "topics": [(str(one), words.say(f"topics.{one}")) for one in Topic],
        "chosen_topics": values.get("topics", "").split(","),
        "named_parties": _named(values.get("parties", ""), words),
    }


def _instrument(one: Instrument, words: Labels) -> str:
    return words.say("topics.other") if one is Instrument.OTHER else words.instrument(one)


def _named(written: str, words: Labels) -> str:
    """The parties by their names, so that an editor sees what the codes stand for."""
    codes = [code for code in written.split(",") if code]
    return words.listed(words.short_party(code) for code in codes)


def _codes(written: str) -> str:
    """Codes with commas, from what people write: codes in small letters, names of states."""
    parts = (part.strip() for part in written.replace("،", ",").split(","))
    return ",".join(party_meant(part[:100]) or part for part in parts if part)


def _comparable(field: str, value: str) -> object:
    return frozenset(value.split(",")) if field in _LISTS else value
