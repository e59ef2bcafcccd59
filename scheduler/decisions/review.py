"""The review queue and the audit: a person's answer about a document that waits, and what the
answers so far say about how much is relevant and how much is missed.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import NoReturn

from crawler.register.remainder import (
    LEAST_ANSWERS,
    Interval,
    Sampled,
    missed,
    most_left,
    per_10_000,
    recall,
)
from scheduler.decisions import curation
from scheduler.decisions.curated_fields import refuse_unknown
from scheduler.decisions.curator import Curator, Decided
from scheduler.views.words.labels import Labels
from storage.database.session import Session
from storage.errors import AccordwatchError
from storage.register.decisions import standing_of
from storage.register.entry import Decision, PinKind
from storage.review import audit, review_queue
from storage.search import document_rows


class AnsweredError(AccordwatchError):
    """Somebody else answered first: `by` is their decision."""

    def __init__(self, message: str, by: Decision) -> None:
        super().__init__(message)
        self.by = by


def answer(
    s: Session,
    document_id: int,
    fields: Mapping[str, str] | None,
    curator: Curator,
    audit_per_week: int,
) -> Decided:
    """Store the answer whether a document reports a step: yes with the fields that the person
    corrected, no with None. Of an unconfirmed entry's report, yes confirms the entry. Raises
    AnsweredError or AccordwatchError if the document waits neither for review nor for the audit.
    """
    group = None
    if review_queue.unconfirmed_entry(s, document_id):
        if fields is not None:
            return curation.confirm_report(s, document_id, fields, curator)
    elif not review_queue.is_waiting(s, document_id):
        drawn = audit.waiting(s, audit_per_week, curator.at)
        groups = {row.id: audit.group_of(row) for row in drawn}
        group = groups.get(document_id) or _refuse(s, document_id)
    if fields is not None:
        return curation.set_relevant(s, document_id, fields, curator, group)
    return curation.set_irrelevant(s, document_id, curator, group)


def _refuse(s: Session, document_id: int) -> NoReturn:
    refuse_unknown(s, document_id)
    for kind in (PinKind.RELEVANT, PinKind.CONFIRMED, PinKind.IRRELEVANT):
        by = standing_of(s, document_id, kind)
        if by is not None:
            answered = "no" if kind is PinKind.IRRELEVANT else "yes"
            raise AnsweredError(
                f"document {document_id} was answered already: {answered}; "
                "see: accordwatch decisions",
                by,
            )
    state, command = "is not relevant by the rules", "relevant"
    if document_rows.report_rows(s, [document_id])[document_id].relevant:
        state, command = "was alerted", "irrelevant"
    raise AccordwatchError(
        f"document {document_id} does not wait for review: it {state}; "
        f"to decide nevertheless: accordwatch curate {command} {document_id}"
    )


def left_for_review(s: Session, words: Labels) -> str:
    """How much waits, and how many of the documents report a step at most (95 %). `words` are
    those of the page.
    """
    left, (answers, reports) = review_queue.count_waiting(s), review_queue.answered(s)
    entries = review_queue.count_entries(s)
    if not left + entries:
        return words.say("There is nothing to review.")
    waits = words.count("{n} item waiting.", "{n} items waiting.", left + entries)
    if entries:
        waits = f"{waits} {words.count_of('page.queue.entries', entries)}"
    if not left:
        return waits
    most = most_left(answers, reports, left)
    if most is None:
        least, answered = words.number(LEAST_ANSWERS), words.number(answers)
        bound = words.say(
            "Not enough answers yet to say how many are relevant ({answers} of {least}).",
            answers=answered,
            least=least,
        )
    else:
        figures = {"most": words.number(most), "relevant": words.number(reports)}
        bound = words.say(
            "With 95 % confidence at most {most} of the documents are relevant "
            "({relevant} of {answers} answered ones were).",
            answers=words.number(answers),
            **figures,
        )
    return f"{waits} {bound}"


def left_for_audit(s: Session, left: int, audit_per_week: int, words: Labels) -> Iterator[str]:
    """How many silent documents wait, and how many reports the judge misses, as answers say."""
    if left:
        yield words.count_of("page.queue.audit_left", left)
    else:
        empty = words.say("No documents of the sample are waiting.")
        off = words.say("Sampling is off: alerts.audit_per_week is 0.")
        yield empty if audit_per_week else off
    yield from missed_in_words(s, words)


def missed_in_words(s: Session, words: Labels) -> Iterator[str]:
    """How many reports the judge misses, as the answers to the audit say."""
    tally = audit.tally(s)
    sampled = [Sampled(*group) for group in tally.groups.values()]
    among_silent = missed(sampled)
    if not tally.weeks:
        yield words.say(
            "No document of the sample has been reviewed yet, so it is not known how "
            "many relevant ones are missed."
        )
    elif among_silent is None:
        yield words.count(
            "Not enough answers yet to say how many relevant documents are missed; {n} "
            "more is needed.",
            "Not enough answers yet to say how many relevant documents are missed; {n} "
            "more are needed.",
            sum(one.lacking for one in sampled),
        )
    else:
        rate, weeks = per_10_000(among_silent, tally.documents), "–".join(tally.weeks)
        yield words.say(
            "{weeks}: of 10,000 documents about {likely} are relevant and raised no "
            "alert (95 % interval {low} to {high}).",
            weeks=weeks,
            **_bounds(rate, 1),
        )
        share = recall(among_silent, tally.found)
        if share is not None:
            yield words.say(
                "Recall is {likely} (95 % interval {low} to {high}).", **_bounds(share, 2)
            )


def _bounds(found: Interval, digits: int) -> dict[str, str]:
    named = {"likely": found.likely, "low": found.low, "high": found.high}
    return {name: f"{value:.{digits}f}" for name, value in named.items()}
