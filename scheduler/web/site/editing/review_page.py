"""The queue of what the judge was unsure about, the audit of what it was silent about, and a
person's answers; and the entries that are perhaps one agreement, or perhaps two. With script, an
answer is swapped into its place; without, the page loads anew.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from fastapi import APIRouter
from starlette.exceptions import HTTPException
from starlette.responses import Response

from crawler.ingest.vouching import answered_alerts
from scheduler.decisions.curation import PartiesMissingError
from scheduler.decisions.review import AnsweredError, left_for_audit, left_for_review
from scheduler.decisions.review import answer as store_answer
from scheduler.views.decisions import decision_in_words
from scheduler.views.documents import LEAST_ALERTS, rightness
from scheduler.views.verdicts import linkage_in_words
from scheduler.views.words.labels import Labels
from scheduler.views.words.lines import line
from scheduler.views.words.page import moment
from scheduler.web.site.addresses import NotHere, row_number
from scheduler.web.site.context import Context, Fields, InContext
from scheduler.web.site.editing.decision_forms import (
    card_form,
    curator_for,
    leave,
    read_card,
    seen_now,
)
from scheduler.web.site.editing.forms import sides_of
from scheduler.web.site.gate import EDITOR, READER
from storage.database.session import Session
from storage.lists import queries
from storage.register.decisions import decision
from storage.register.entry import Agreement
from storage.review import audit, review_queue
from storage.review.duplicates import Duplicate, duplicates
from storage.search import document_rows
from storage.search.document_rows import DocumentRow

router = APIRouter(include_in_schema=False)

PAGE = 20
ACTION = "/review"


@router.get("/review", dependencies=[READER])
def review(context: InContext, after: str = "", audit: str = "") -> Response:
    """What waits, first what an answer would change most; or what was drawn for the audit."""
    words = context.words
    with context.read() as s:
        silent = drawn(context, s)
        if audit:
            rows, older = silent, None
            notes = list(left_for_audit(s, len(silent), _audit_per_week(context), words))
        else:
            waiting = review_queue.queue(s, PAGE + 1, row_number(after))
            rows, notes = waiting[:PAGE], [left_for_review(s, words)]
            older = f"?after={rows[-1].id}" if waiting[PAGE:] else None
        return context.page(
            s,
            "review/review.html.j2",
            lines=rows,
            notes=notes,
            older=older,
            is_first=not row_number(after),
            is_audit=bool(audit),
            drawn=len(silent),
            right=rightness(answered_alerts(s)),  # how often alerts were right, as answers say
            least=LEAST_ALERTS,
        )


@router.get("/review/{number}", dependencies=[EDITOR])
def one(context: InContext, number: str) -> Response:
    """One document that waits, with the fields of its card to be corrected."""
    return _item(context, row_number(number) or 0)


@router.post("/review", dependencies=[EDITOR])
def answer(context: InContext, form: Fields) -> Response:
    """Store an answer as a decision, and show what waits next."""
    words = context.words
    document, verdict = row_number(str(form.get("document", ""))), form.get("says")
    if not document or verdict not in ("yes", "no"):
        raise HTTPException(
            422, words.say("The form is incomplete, and nothing was changed. Load the page again.")
        )
    who = context.check_decider(ACTION, str(form.get("token", "")))
    values, changes, faults = read_card(form, words)
    decided, is_report = 0, verdict == "yes"
    if not is_report:
        faults = {}
    try:
        if not faults:
            decided = decide(context, document, changes if is_report else None, who)
    except AnsweredError as error:
        answered_before = words.say(
            "Somebody else already decided: {decision} ({who}, {moment}).",
            decision=decision_in_words(error.by, words),
            who=line(error.by.who, 80),
            moment=moment(error.by.at, words),
        )
        raise HTTPException(409, answered_before) from error
    except PartiesMissingError:
        faults = {"parties": words.term("page.edit.faults.parties")}
    if faults:
        # With script it takes the place of the one before: htmx swaps a 422 as it does a 200.
        return _item(context, document, values, faults)
    if context.is_partial:
        with context.read() as s:
            return _answered(context, s, document, decided)
    return leave(context, [decided], back="/review?audit=1" if form.get("audit") else ACTION)


def reopened(context: Context, number: str, undone: int) -> Response:
    """The place of a document whose answer was undone; if it waits no more, this says so."""
    document = row_number(number) or 0
    with context.read() as s:
        if _waiting(context, s, document) is None:
            return _answered(context, s, document, undone)
    return _item(context, document, undone=True)


def _answered(context: Context, s: Session, document: int, number: int) -> Response:
    """What was decided, or undone, in the place of a document."""
    decided = decision(s, number)
    if decided is None:
        raise NotHere
    return _partial(context, s, "review/answered.html.j2", answered=decided, number=document)


def _item(
    context: Context,
    document: int,
    values: Mapping[str, str] | None = None,
    faults: Mapping[str, str] | None = None,
    *,
    undone: bool = False,
) -> Response:
    """A document with its fields, as they were typed, and what is wrong with them."""
    words = context.words
    with context.read() as s:
        document_row = _waiting(context, s, document)
        if document_row is None:  # it does not wait, or no longer, and can still be read
            if not document_rows.report_rows(s, [document]):
                raise NotHere
            if context.is_partial:
                raise HTTPException(
                    409,
                    words.say(
                        "Document {document} is no longer waiting. Load the page again.",
                        document=document,
                    ),
                )
            return context.see(f"/documents/{document}", 302)
        shown: dict[str, Any] = {
            "line": document_row,
            "is_audit": review_queue.queued(s, document) is None,
            **card_form(document_row.card, words, values, faults),
            "with_fields": not undone,
            "undone": undone,
        }
        code = 422 if faults else 200
        if context.is_partial:
            return _partial(context, s, "review/item.html.j2", code, **shown)
        return context.page(s, "review/one.html.j2", code, **shown)


def _waiting(context: Context, s: Session, document: int) -> DocumentRow | None:
    """The document, if it waits for review, alone or as a report of an entry, or for the audit."""
    silent = {row.id: row for row in drawn(context, s)}
    return review_queue.queued(s, document) or silent.get(document)


def _partial(
    context: Context, s: Session, template: str, code: int = 200, **values: Any
) -> Response:
    left, waiting = left_for_review(s, context.words), review_queue.count_queue(s)
    return context.page(s, template, code, left=left, waiting=waiting, **values)


NO_REASON = "reviewed"  # stored where an editor gave none


def decide(context: Context, document: int, fields: Mapping[str, str] | None, who: str) -> int:
    """Store a person's answer as a decision, and return its number; `fields` and errors are those
    of `review.answer`.
    """
    curator, per_week = curator_for(context, who, NO_REASON), _audit_per_week(context)
    with context.begin() as s:
        return store_answer(s, document, fields, curator, per_week).number


def drawn(context: Context, s: Session) -> list[DocumentRow]:
    """What waits for the audit, in the order in which it is shown."""
    return audit.waiting(s, _audit_per_week(context), context.now())


def _audit_per_week(context: Context) -> int:
    return context.chosen.settings.alerts.audit_per_week


# --- what is perhaps one agreement, and what is perhaps two, with both sides in view --------------

_PAIRS = 10


@router.get("/duplicates", dependencies=[READER])
def show(context: InContext, skip: str = "") -> Response:
    """Pairs of entries that are perhaps one, then reports that perhaps belong elsewhere."""
    words, first = context.words, row_number(skip) or 0
    with context.read() as s:
        pairs = duplicates(s)
        shown = [
            _question(context, s, duplicate, words) for duplicate in pairs[first : first + _PAIRS]
        ]
        return context.page(
            s,
            "review/duplicates.html.j2",
            questions=[
                {**one, "skip": first + at + 1} for at, one in enumerate(shown) if one is not None
            ],
            waits=len(pairs),
            older=f"?skip={first + _PAIRS}" if pairs[first + _PAIRS :] else None,
            is_first=not first,
        )


def _question(
    context: Context, s: Session, pair: Duplicate, words: Labels
) -> dict[str, Any] | None:
    """A pair or a report as the page shows it; None if it is gone by now."""
    ids = [one for one in (pair.agreement_id, pair.other_agreement_id) if one]
    entries = [queries.agreement(s, id_) for id_ in ids]
    agreements = [entry for entry in entries if entry is not None]
    if len(agreements) < len(ids):
        return None
    now, home = context.now(), agreements[0].id
    joining, parting = ("merge", "apart") if len(ids) > 1 else ("together", "split")
    question = {
        "id": "-".join([*ids, str(pair.document_id or "")]).rstrip("-"),
        "sides": sides_of(s, agreements, words),
        "seen": [seen_now(s, each, now) for each in agreements],
        "one": f"/agreements/{home}/{joining}",
        "two": f"/agreements/{home}/{parting}",
    }
    if pair.document_id is None:
        alike = list(_alike(pair, agreements[0], agreements[1], words))
        return {
            **question,
            "other": agreements[1].id,
            "evidence": alike,
            "reasons": [],
            "report": None,
        }
    rows = document_rows.report_rows(s, [pair.document_id])
    if pair.document_id not in rows:
        return None
    return {
        **question,
        "other": "",
        "document": pair.document_id,
        "report": rows[pair.document_id],
        "evidence": [
            words.say("The assessment that added the report was close.")
            if pair.is_close
            else words.count(
                "It reports a signature {n} day after the first.",
                "It reports a signature {n} days after the first.",
                pair.days or 0,
            )
        ],
        "reasons": [
            linkage_in_words(reason, words)
            for reason in agreements[0].reasons
            if reason.document_id == pair.document_id
        ],
    }


def _alike(pair: Duplicate, agreement: Agreement, other: Agreement, words: Labels) -> Iterator[str]:
    """What two entries have in common, in sentences."""
    if agreement.parties == other.parties:
        yield words.say("Same parties.")
    if pair.days is not None:
        yield (
            words.count("{n} day apart.", "{n} days apart.", pair.days)
            if pair.days
            else words.say("Same day.")
        )
    if agreement.instrument is not None and agreement.instrument == other.instrument:
        yield words.say("Same kind: {kind}.", kind=words.instrument(agreement.instrument))
    topics = [words.term(f"topics.{topic}") for topic in agreement.topics if topic in other.topics]
    if topics:
        yield words.say("Topics in common: {topics}.", topics=words.listed(topics))
    if pair.is_close:
        yield words.say("The assessment that kept them separate was close.")
