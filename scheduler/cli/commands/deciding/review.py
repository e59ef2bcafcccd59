"""`review`: a person decides about the documents of which the judge was unsure whether they report
a step, and about a few on which it was silent.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated, Literal

from cyclopts import Parameter
from rich.text import Text

from crawler.ingest.vouching import answered_alerts
from scheduler.cli.commands.deciding.curate import curator_of, outcome
from scheduler.cli.context import configuration, opened_database
from scheduler.cli.explanation import explain
from scheduler.cli.output import (
    TABLE_ROWS,
    Shape,
    Who,
    Why,
    print_csv,
    print_jsonl,
    print_list,
    print_table,
    say,
    shown,
    stdout,
    words,
)
from scheduler.decisions.curated_fields import checked_field, refuse_unknown, written_fields
from scheduler.decisions.review import answer as store_answer
from scheduler.decisions.review import left_for_audit, left_for_review
from scheduler.views.columns import Door
from scheduler.views.documents import (
    DUPLICATES,
    LEAST_ALERTS,
    REVIEW,
    rightness,
    rightness_in_words,
)
from storage.errors import AccordwatchError, ConfigurationError
from storage.register.entry import FIELDS
from storage.review import audit, review_queue
from storage.review import duplicates as storage_duplicates
from storage.search import document_rows
from storage.search.document_rows import DocumentRow

if TYPE_CHECKING:
    from scheduler.configuration.config import Configuration
    from storage.database.session import Database, Session

_ASK = "[y]es, a step   [n]o   [c]orrect a field   [s]kip   [q]uit: "
_TO_ANSWER = "to answer: accordwatch review --answer yes|no {number}"


def review(
    document: Annotated[
        int | None, Parameter(help="Number of a document; else the first that waits.")
    ] = None,
    /,
    *,
    answer: Annotated[
        Literal["yes", "no"] | None, Parameter(help="yes: it is relevant; no: it is not.")
    ] = None,
    correct: Annotated[
        tuple[str, ...],
        Parameter(negative="", help="With yes, a field that was misread: status=signed."),
    ] = (),
    why: Why = "reviewed",
    who: Who = None,
    list: Annotated[
        bool, Parameter(negative="", help="List all that waits, and ask nothing.")
    ] = False,
    audit: Annotated[
        bool, Parameter(negative="", help="Ask about a sample of documents without alert.")
    ] = False,
    summary: Annotated[
        bool, Parameter(negative="", help="Say how often alerts were right, by grade and source.")
    ] = False,
    duplicates: Annotated[
        bool,
        Parameter(
            negative="",
            help="List entries that are perhaps one, and reports that perhaps belong elsewhere.",
        ),
    ] = False,
    format: Shape = "table",
) -> None:
    """Documents that would change the register most come first. A terminal is asked for answers;
    elsewhere an answer is given with the number.
    """
    _check(document, answer, correct, list or summary or duplicates, format)
    chosen = configuration()
    with opened_database(chosen) as database:
        if summary:
            _print_rightness(database, format)
            return
        if duplicates:
            _print_duplicates(database, format)
            return
        desk = _ReviewDesk(database, chosen, audit, why, who)
        if list:
            _list(desk, format)
        elif answer is not None and document is not None:
            say(_answer(desk, document, answer, written_fields(correct)))
        elif sys.stdin.isatty() and sys.stdout.isatty():
            _ask_on(desk, document)
        elif (number := document or _next(desk, ())) is not None:
            _show(desk, number)
            say(_TO_ANSWER.format(number=number))
        if format == "table":
            for line in _what_is_left(desk):
                say(line)


@dataclass(frozen=True, slots=True)
class _ReviewDesk:
    database: Database
    chosen: Configuration
    audit: bool
    why: str
    who: str | None


def _print_duplicates(database: Database, format: Shape) -> None:
    with database.read() as s:
        duplicates = storage_duplicates.duplicates(s)
    print_list(DUPLICATES, duplicates, format)
    if format == "table":
        say(
            "to answer: accordwatch curate merge|apart A1 A2, together DOCUMENT, split A1 DOCUMENT"
            if duplicates
            else "No entries look like duplicates."
        )


def _print_rightness(database: Database, format: Shape) -> None:
    """Instead of a table below thirty answers, print how many are missing."""
    with database.read() as s:
        rows, labels = rightness(answered_alerts(s)), words()
    lacking = LEAST_ALERTS - rows[0].answers
    if format == "jsonl":
        print_jsonl(row._asdict() for row in rows)
    elif format == "csv":
        print_csv(row._asdict() for row in rows)
    elif lacking > 0:
        say(
            labels.count(
                "Not enough answers yet to say how often alerts were right here; {n} more is "
                "needed. Confirming, correcting or ruling out an alert is an answer.",
                "Not enough answers yet to say how often alerts were right here; {n} more "
                "are needed. Confirming, correcting or ruling out an alert is an answer.",
                lacking,
            )
        )
    else:
        headings = ("", "", labels.term("right_alerts.right"), labels.say("Share"))
        print_table("", headings, (rightness_in_words(row, labels) for row in rows))
        say(
            labels.say(
                "By the answers that were given here. The grade is the one without persons’ "
                "decisions."
            )
        )


def _check(
    document: int | None, answer: str | None, correct: tuple[str, ...], listed: bool, format: str
) -> None:
    """Raises ConfigurationError if the options do not fit together."""
    if listed and (answer or correct or document is not None):
        raise ConfigurationError(
            "--list, --duplicates and --summary only print; leave out the document and --answer"
        )
    if format != "table" and not listed:
        raise ConfigurationError("--format is about lists: say --list or --summary too")
    if answer and document is None:
        raise ConfigurationError(
            "--answer needs the number of a document; see: accordwatch review --list"
        )
    if correct and answer != "yes":
        raise ConfigurationError("--correct says what a report says: use it with --answer yes")


def _answer(desk: _ReviewDesk, document_id: int, answer: str, fields: Mapping[str, str]) -> str:
    """Take the decision, and return it in words. A document that waits for the audit is answered
    as such, with or without `--audit`.
    """
    with desk.database.begin() as s:
        curator = curator_of(s, desk.chosen, desk.who, desk.why)
        per_week = desk.chosen.settings.alerts.audit_per_week
        corrected = fields if answer == "yes" else None
        decided = store_answer(s, document_id, corrected, curator, per_week)
        return outcome(s, decided)


def _next(desk: _ReviewDesk, skipped: Sequence[int]) -> int | None:
    found = (row.id for row, _ in _queue(desk, len(skipped) + 1))
    return next((number for number in found if number not in skipped), None)


def _ask_on(desk: _ReviewDesk, first: int | None) -> None:
    """Show one document after the other and ask, until none is left or the person quits."""
    skipped, number = list[int](), first or _next(desk, ())
    while number is not None:
        _show(desk, number)
        if not _ask(desk, number):
            return
        skipped.append(number)
        number = _next(desk, skipped)


def _ask(desk: _ReviewDesk, number: int) -> bool:
    """Ask until there is an answer. Returns whether the person goes on."""
    fields: dict[str, str] = {}
    while True:
        try:
            key = input(_ASK).strip().lower()[:1]
            if key == "q":
                return False
            if key == "s":
                return True
            if key == "c":
                field = input(f"field ({', '.join(FIELDS)}): ").strip()
                fields[field] = checked_field(field, input(f"{field}: "))
                say(f"{field} is {fields[field] or 'unknown'}; y keeps it")
            elif key in ("y", "n"):
                answer = "yes" if key == "y" else "no"
                say(_answer(desk, number, answer, fields))
                return True
        except AccordwatchError as error:
            say(str(error))
        except EOFError:
            return False


def _show(desk: _ReviewDesk, number: int) -> None:
    out = stdout()
    with desk.database.read() as s:
        drawn = _waiting_one(s, desk.chosen, number) if desk.audit else None
        refuse_unknown(s, number)
        row = document_rows.report_rows(s, [number])[number]
        judged = review_queue.read_judged(s, number)
        entry = review_queue.unconfirmed_entry(s, number)
    if drawn is not None:
        out.print(Text(f"drawn for the audit from documents of {_week(drawn)}", style="dim"))
    if entry:
        out.print(Text(f"report of {entry}, an unconfirmed entry", style="dim"))
    parts = (str(number), row.outlet, row.published_on or "undated", row.url)
    out.print(Text(shown("   ".join(str(part) for part in parts if part)), style="dim"))
    if judged is None:
        out.print(Text(shown(row.title), style="bold"))
        say(f"the text of document {number} is no longer stored; import it again to review it")
    else:
        explain(out, *judged)


def _list(desk: _ReviewDesk, format: str) -> None:
    queue, labels = _queue(desk, TABLE_ROWS if format == "table" else None), words()
    if format == "jsonl":
        print_jsonl(REVIEW.row(row) | drawn for row, drawn in queue)
    elif format == "csv":
        print_csv(REVIEW.row(row, Door.SHEET) | drawn for row, drawn in queue)
    elif queue:
        rows = ((*REVIEW.cells(row, labels), *drawn.values()) for row, drawn in queue)
        print_table("", (*REVIEW.headings(labels), *queue[0][1]), rows)


def _queue(desk: _ReviewDesk, limit: int | None) -> list[tuple[DocumentRow, dict[str, str]]]:
    """The documents that wait, in an audit each with the week and group of its draw."""
    with desk.database.read() as s:
        if not desk.audit:
            return [(row, {}) for row in review_queue.queue(s, limit)]
        drawn = _waiting(s, desk.chosen)
    return [(row, {"week": _week(row), "group": audit.group_of(row)}) for row in drawn[:limit]]


def _week(row: DocumentRow) -> str:
    """The week in which a document was seen, from which it was drawn."""
    return audit.week_of(row.first_seen_at.date()) if row.first_seen_at else ""


def _what_is_left(desk: _ReviewDesk) -> list[str]:
    labels = words()
    a_week = desk.chosen.settings.alerts.audit_per_week
    with desk.database.read() as s:
        drawn = len(_waiting(s, desk.chosen))
        if desk.audit:
            return list(left_for_audit(s, drawn, a_week, labels))
        lines = [left_for_review(s, labels)]
    if drawn:
        lines.append(
            f"{labels.count_of('page.queue.audit_left', drawn)} accordwatch review --audit"
        )
    return lines


def _waiting(s: Session, chosen: Configuration) -> list[DocumentRow]:
    """The documents of the audit that wait for an answer, in the order of the questions."""
    return audit.waiting(s, chosen.settings.alerts.audit_per_week, datetime.now(UTC))


def _waiting_one(s: Session, chosen: Configuration, document_id: int) -> DocumentRow | None:
    rows = _waiting(s, chosen)
    return next((row for row in rows if row.id == document_id), None)
