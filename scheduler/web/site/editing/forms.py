"""The forms about an agreement as a whole (merging, splitting, its name and text), and about one
report: what it says, where it belongs, and whether it is one.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import Annotated

from fastapi import APIRouter, Form
from starlette.datastructures import FormData
from starlette.responses import Response

from scheduler.decisions import curation
from scheduler.decisions.curator import Curator, Decided
from scheduler.views.decisions import value_in_words
from scheduler.views.register_entries import Entry, named_entries
from scheduler.views.words.labels import Labels
from scheduler.views.words.lines import clean
from scheduler.web.site.addresses import NotHere, row_number
from scheduler.web.site.context import Context, Fields, InContext, agreement_at, document_at
from scheduler.web.site.editing.decision_forms import (
    LONGEST_REASON,
    FormFault,
    SentForm,
    action_of,
    card_form,
    decide_unless_changed,
    read_card,
    seen_now,
)
from scheduler.web.site.gate import EDITOR
from storage.database.session import Session
from storage.errors import AccordwatchError
from storage.lists import queries
from storage.lists.queries import curated_card, neighbours
from storage.records import Card
from storage.register.entry import Agreement, documents_of
from storage.search import document_rows

router = APIRouter(include_in_schema=False)

_NOTHING_TYPED = SentForm()
_MOST_REPORTS = 300  # ticks on one page; the command line has no limit


@router.get("/agreements/{agreement_id}/edit", dependencies=[EDITOR])
def edit(context: InContext, agreement_id: str) -> Response:
    with context.read() as s:
        agreement = agreement_at(s, agreement_id)
        if agreement.id != agreement_id:
            return context.see(f"/agreements/{agreement.id}/edit")
        return _form(context, s, agreement)


Sent = Annotated[SentForm, Form()]


@router.post("/agreements/{agreement_id}/split", dependencies=[EDITOR])
def split(context: InContext, agreement_id: str, form: Sent) -> Response:
    """The ticked reports become an agreement of their own."""
    words = context.words
    leaving = [number for number in map(row_number, form.document) if number]
    document = list(map(str, leaving))
    numbers = words.listed(document)
    wanted = words.count(
        "split document {documents} off {home}",
        "split documents {documents} off {home}",
        len(leaving),
        documents=numbers,
        home=agreement_id,
    )

    def take(s: Session, curator: Curator) -> list[Decided]:
        agreement = agreement_at(s, agreement_id)
        if not leaving:
            raise FormFault(split=words.say("Select at least one report."))
        if documents_of(agreement) <= set(leaving):
            raise FormFault(split=words.say("At least one report has to stay."))
        return [curation.split(s, agreement_id, leaving, curator)]

    again = partial(_again, context, agreement_id, typed=form)
    return decide_unless_changed(context, form, wanted, take, again, document=document)


@router.get("/agreements/{agreement_id}/merge", dependencies=[EDITOR])
def compare(context: InContext, agreement_id: str, other: str = "") -> Response:
    """Two agreements side by side, before an editor says that they are one."""
    words, wanted, now = context.words, clean(other.strip()[:20]), context.now()
    with context.read() as s:
        agreement = agreement_at(s, agreement_id)
        second = queries.agreement(s, wanted.upper())
        if second is None or second.id == agreement.id:
            key = "no_agreement" if second is None else "same"
            faults = {"merge": words.term(f"page.edit.faults.{key}", id=wanted)}
            return _form(context, s, agreement, faults, SentForm(other=wanted))
        return context.page(
            s,
            "editing/merge.html.j2",
            sides=sides_of(s, [agreement, second], words),
            stamps=[seen_now(s, one, now) for one in (agreement, second)],
        )


@router.post("/agreements/{agreement_id}/together", dependencies=[EDITOR])
def keep_together(context: InContext, agreement_id: str, form: Sent) -> Response:
    """A report belongs to the agreement in which it stands."""
    number = next(filter(None, map(row_number, form.document)), 0)
    wanted = context.words.term("page.decided.together", home=agreement_id, document=number)

    def take(s: Session, curator: Curator) -> list[Decided]:
        return [curation.keep_together(s, number, curator)]

    return decide_unless_changed(context, form, wanted, take, document=[str(number)])


# What can be decided about an agreement and what was written beside it (another one, a name, an
# address, places): the key of the decision in words, what decides, and the field beside which a
# refusal stands; without one it is a page of its own.
_Decide = Callable[[Session, str, str, Curator], Decided]
_DECISIONS: dict[str, tuple[str, _Decide, str]] = {
    "merge": ("edit.wish_merge", curation.merge, ""),
    "apart": ("decided.apart", curation.keep_apart, ""),
    "rename": ("decided.rename", curation.rename, "rename"),
    "text": ("decided.text", curation.attach_text, "text"),
    "searched": ("decided.searched", curation.note_search, "searched"),
    "confirm": ("decided.confirm", lambda s, id, _, by: curation.confirm(s, id, by), ""),
    # All of its reports are ruled out in one decision.
    "irrelevant": (
        "decided.no_agreement",
        lambda s, id, _, by: curation.set_no_agreement(s, id, by),
        "",
    ),
}


def decide(context: InContext, agreement_id: str, form: Sent) -> Response:
    """Take the decision after which the route is named: there is one for each of `_DECISIONS`."""
    words, act = context.words, context.request.scope["route"].path.rpartition("/")[2]
    key, decision, fault = _DECISIONS[act]
    field = "name" if fault else "other"
    typed = clean(form.name if fault else form.other)
    wanted = words.term(f"page.{key}", home=agreement_id, **{field: typed})

    def take(s: Session, curator: Curator) -> list[Decided]:
        try:
            return [decision(s, agreement_id, typed, curator)]
        except AccordwatchError as error:
            if not fault:
                raise
            most = words.number(curation.LONGEST_NAME)
            refused = words.term(f"page.edit.faults.{fault}", n=most)
            raise FormFault(**{fault: refused}) from error

    again = partial(_again, context, agreement_id)
    return decide_unless_changed(context, form, wanted, take, again, **{field: [typed]})


for _act in _DECISIONS:
    router.post(f"/agreements/{{agreement_id}}/{_act}", dependencies=[EDITOR])(decide)


@router.post("/agreements/{agreement_id}/correct", dependencies=[EDITOR])
def correct_entry(context: InContext, agreement_id: str, form: Fields) -> Response:
    """Fields that differ from what the entry says are corrected in its reports, a decision each."""
    words = context.words
    return _correct(
        context,
        form,
        lambda **said: words.say("corrected {id}: {field} is {value}", id=agreement_id, **said),
        lambda s, *decided: curation.correct_entry(s, agreement_id, *decided),
        partial(_again, context, agreement_id),
    )


def _correct(
    context: Context,
    form: FormData,
    wanted: Callable[..., str],
    decide_field: Callable[[Session, str, str, Curator], Decided],
    again: Callable[..., Response],
) -> Response:
    """Take a decision for each field that was changed; `wanted` says one in words, and `again`
    shows the form with what was typed and what is wrong with it.
    """
    words = context.words
    why, seen, token, told = (
        str(form.get(name, ""))[:2000] for name in ("why", "seen", "token", "tell")
    )
    context.check_decider(action_of(context), token)
    values, changes, faults = read_card(form, words)
    if len(why) > LONGEST_REASON:
        faults["why"] = words.say(
            "A reason has at most {n} characters.", n=words.number(LONGEST_REASON)
        )
    elif not changes and not faults:
        faults["correct"] = words.say("Nothing was changed in the form.")
    if faults:
        return again(faults, values=values)
    sentences = [
        wanted(field=words.term(f"page.columns.{field}"), value=value_in_words(field, value, words))
        for field, value in changes.items()
    ]

    def take(s: Session, curator: Curator) -> list[Decided]:
        return [decide_field(s, field, value, curator) for field, value in changes.items()]

    sent = SentForm(back="", why=why, seen=[seen[:100]], token=token[:64], tell=told[:200])
    fields = {field: [value] for field, value in changes.items()}
    return decide_unless_changed(
        context, sent, words.say("; ").join(sentences), take, None, **fields
    )


def _again(
    context: Context,
    agreement_id: str,
    faults: Mapping[str, str],
    values: Mapping[str, str] | None = None,
    typed: SentForm = _NOTHING_TYPED,
) -> Response:
    """The forms once more, with what was typed and what is wrong with it."""
    with context.read() as s:
        return _form(context, s, agreement_at(s, agreement_id), faults, typed, values)


def _form(
    context: Context,
    s: Session,
    agreement: Agreement,
    faults: Mapping[str, str] | None = None,
    typed: SentForm = _NOTHING_TYPED,
    values: Mapping[str, str] | None = None,
) -> Response:
    words = context.words
    held = [*agreement.document_ids, *agreement.mentions]
    rows = document_rows.rows_in_order(document_rows.report_rows(s, held[:_MOST_REPORTS]), held)
    return context.page(
        s,
        "editing/agreement.html.j2",
        422 if faults else 200,
        agreement=agreement,
        entry=named_entries(s, [agreement], words.language)[0],
        reports=rows,
        candidates=_candidates(s, agreement, None, words),
        more=max(len(held) - _MOST_REPORTS, 0),
        seen=seen_now(s, agreement, context.now()),
        faults=faults or {},
        **card_form(agreement, words, values, faults),
        ticked=list(map(row_number, typed.document)),
        other=typed.other,
    )


def sides_of(s: Session, agreements: Sequence[Agreement], words: Labels) -> list[Entry]:
    """Agreements that are shown beside each other, with their documents."""
    rows = document_rows.report_rows(
        s, {number for agreement in agreements for number in documents_of(agreement)}
    )
    return [
        replace(entry, documents=rows) for entry in named_entries(s, agreements, words.language)
    ]


def _candidates(s: Session, home: Agreement, card: Card | None, words: Labels) -> list[Entry]:
    """Other agreements of these parties, or of those that a report names, the nearest first."""
    parties, on = (card.parties, card.event_date) if card else ((), None)
    near = neighbours(s, parties or home.parties, on or home.event_date, without=home.id)
    return named_entries(s, near, words.language)


# --- the forms about a report ---------------------------------------------------------------------


@router.get("/documents/{number}/edit", dependencies=[EDITOR])
def edit_report(context: InContext, number: str) -> Response:
    return _report_form(context, number)


@router.post("/documents/{number}/correct", dependencies=[EDITOR])
def correct(context: InContext, number: str, form: Fields) -> Response:
    """Fields that differ from what the report says are corrected, a decision each."""
    words, report = context.words, row_number(number) or 0
    return _correct(
        context,
        form,
        lambda **said: words.count(
            "corrected document {documents}: {field} is {value}",
            "corrected documents {documents}: {field} is {value}",
            1,
            documents=report,
            **said,
        ),
        lambda s, *decided: curation.correct(s, report, *decided),
        partial(_report_form, context, number),
    )


@router.post("/documents/{number}/move", dependencies=[EDITOR])
def move(context: InContext, number: str, form: Sent) -> Response:
    """The report is about another agreement."""
    words, report = context.words, row_number(number) or 0
    target, target_id = clean(form.target), clean(form.target_id)
    agreement_id = (target_id or target).upper()
    wanted = words.say("move document {document} to {target}", document=report, target=agreement_id)

    def take(s: Session, curator: Curator) -> list[Decided]:
        agreement = queries.agreement(s, agreement_id)
        if agreement is None:
            key = "no_agreement" if agreement_id else "no_target"
            raise FormFault(move=words.term(f"page.edit.faults.{key}", id=agreement_id))
        if queries.agreements_of(s, [report]).get(report) == agreement.id:
            raise FormFault(move=words.say("It already belongs to {id}.", id=agreement.id))
        return [curation.move(s, report, agreement_id, curator)]

    again = partial(_report_form, context, number, typed=form)
    return decide_unless_changed(context, form, wanted, take, again, target=[agreement_id])


@router.post("/documents/{number}/irrelevant", dependencies=[EDITOR])
def rule_out(context: InContext, number: str, form: Sent) -> Response:
    """The document reports no agreement."""
    given = row_number(number) or 0
    wanted = context.words.term("page.decided.irrelevant", document=given)

    def take(s: Session, curator: Curator) -> list[Decided]:
        former = queries.agreements_of(s, [given]).get(given, "")
        decided = curation.set_irrelevant(s, given, curator)
        # The agreement may be gone with its last report.
        home = queries.agreement(s, former)
        return [decided._replace(home=home.id if home else "")]

    return decide_unless_changed(context, form, wanted, take)


def _report_form(
    context: Context,
    number: str,
    faults: Mapping[str, str] | None = None,
    values: Mapping[str, str] | None = None,
    typed: SentForm = _NOTHING_TYPED,
) -> Response:
    """The forms, perhaps once more: with what was typed and what is wrong with it."""
    words = context.words
    with context.read() as s:
        row = document_at(s, row_number(number))
        card = curated_card(s, row.id)
        if card is None:
            raise NotHere
        home = queries.agreement(s, row.agreement_id) if row.agreement_id else None
        return context.page(
            s,
            "editing/report.html.j2",
            422 if faults else 200,
            report=row,
            home=home.id if home else None,
            seen=seen_now(s, home, context.now()) if home else "",
            faults=faults or {},
            **card_form(card, words, values, faults),
            candidates=_candidates(s, home, card, words) if home else [],
            target=clean(typed.target),
            target_id=clean(typed.target_id),
        )
