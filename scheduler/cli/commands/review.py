"""`review`: a person decides about the documents of which the judge was unsure whether they report
a step.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated, Any, Literal

from cyclopts import Parameter
from rich.text import Text

from crawler.register.remainder import LEAST_ANSWERS, most_left
from scheduler import curation
from scheduler.cli.commands.curate import Who, curator_of
from scheduler.cli.context import configuration, opened_database
from scheduler.cli.explanation import explain, frame_in_words
from scheduler.cli.listing import TABLE_ROWS, Shape
from scheduler.cli.output import counted, print_csv, print_jsonl, print_table, say, shown, stdout
from scheduler.curated_fields import checked_field
from scheduler.digest.lines import percent
from scheduler.verdict_json import frame_row
from storage import queries, review_queue
from storage.errors import AccordwatchError, ConfigurationError
from storage.register.corrections import FIELDS
from storage.review_queue import Waiting

if TYPE_CHECKING:
    from scheduler.configuration.config import Configuration
    from storage.database.session import Database, Session

Answer = Literal["yes", "no"]

_ASK = "[y]es, a step   [n]o   [c]orrect a field   [s]kip   [q]uit: "
_TO_ANSWER = "to answer: accordwatch review --answer yes|no {number}"


def review(
    document: Annotated[
        int | None, Parameter(help="Number of a document; else the most probable that waits.")
    ] = None,
    /,
    *,
    answer: Annotated[
        Answer | None, Parameter(help="yes: it reports a step; no: it does not.")
    ] = None,
    correct: Annotated[
        tuple[str, ...],
        Parameter(negative="", help="With yes, a field that was misread: status=signed."),
    ] = (),
    why: Annotated[str, Parameter(help="The reason; kept with the decision.")] = "reviewed",
    who: Who = None,
    list: Annotated[
        bool, Parameter(negative="", help="List all that waits, and ask nothing.")
    ] = False,
    format: Shape = "table",
) -> None:
    """Show the next document that waits for review and, on a terminal, ask what it is."""
    _check(document, answer, correct, list, format)
    chosen = configuration()
    with opened_database(chosen) as database:
        if list:
            _list(database, format)
        elif answer is not None and document is not None:
            said = _answer(database, chosen, document, answer, _fields(correct), why, who)
            say(said)
        elif sys.stdin.isatty() and sys.stdout.isatty():
            _ask_on(database, chosen, document, why, who)
        elif (number := document or _next(database, ())) is not None:
            _show(database, number)
            say(_TO_ANSWER.format(number=number))
        if format == "table":
            say(_what_is_left(database))


def _check(
    document: int | None, answer: str | None, correct: tuple[str, ...], listed: bool, format: str
) -> None:
    """Raises ConfigurationError if the options do not fit together."""
    if listed and (answer or correct or document is not None):
        raise ConfigurationError(
            "--list prints all that waits; leave out the document and --answer"
        )
    if format != "table" and not listed:
        raise ConfigurationError("--format is about lists: say --list too")
    if answer and document is None:
        raise ConfigurationError(
            "--answer needs the number of a document; see: accordwatch review --list"
        )
    if correct and answer != "yes":
        raise ConfigurationError("--correct says what a report says: use it with --answer yes")


def _fields(corrections: tuple[str, ...]) -> dict[str, str]:
    fields = {}
    for one in corrections:
        field, equals, value = one.partition("=")
        if not equals:
            raise ConfigurationError(f"--correct {one!r} is not like status=signed")
        fields[field.strip()] = checked_field(field.strip(), value)
    return fields


def _answer(
    database: Database,
    chosen: Configuration,
    document_id: int,
    answer: str,
    fields: Mapping[str, str],
    why: str,
    who: str | None,
) -> str:
    """Take the decision. Returns a line that says what came of it. Raises AccordwatchError if the
    decision cannot be taken.
    """
    curator = curator_of(chosen, who, why)
    with database.begin() as s:
        _refuse_unless_waiting(s, document_id)
        if answer == "yes":
            decided = curation.set_relevant(s, document_id, fields, curator)
            said = f"document {document_id} is a report of {decided.home} now"
        else:
            decided = curation.set_irrelevant(s, document_id, curator)
            said = f"document {document_id} reports nothing"
    return f"{said}; to take it back: accordwatch curate undo {decided.number}"


def _refuse_unless_waiting(s: Session, document_id: int) -> None:
    if review_queue.is_waiting(s, document_id):
        return
    row = queries.report_rows(s, [document_id]).get(document_id)
    if row is None:
        raise AccordwatchError(
            f"no document has the number {document_id}; see: accordwatch review --list"
        )
    if row.added or row.ruled_out:
        answer = "yes" if row.added else "no"
        raise AccordwatchError(
            f"document {document_id} was answered already: {answer}; see: accordwatch curate list"
        )
    state = "was alerted" if row.relevant else "reports nothing, as the rules see it"
    command = "irrelevant" if row.relevant else "relevant"
    raise AccordwatchError(
        f"document {document_id} does not wait for review: it {state}; "
        f"to decide nevertheless: accordwatch curate {command} {document_id}"
    )


def _next(database: Database, skipped: tuple[int, ...]) -> int | None:
    """The most probable document that waits and was not skipped."""
    with database.read() as s:
        found = review_queue.waiting(s, len(skipped) + 1)
    return next((one.document_id for one in found if one.document_id not in skipped), None)


def _ask_on(
    database: Database, chosen: Configuration, first: int | None, why: str, who: str | None
) -> None:
    """Show one document after the other and ask, until none is left or the person quits."""
    skipped: tuple[int, ...] = ()
    number = first or _next(database, skipped)
    while number is not None:
        _show(database, number)
        if not _ask(database, chosen, number, why, who):
            return
        skipped = (*skipped, number)
        number = _next(database, skipped)


def _ask(database: Database, chosen: Configuration, number: int, why: str, who: str | None) -> bool:
    """Ask until there is an answer. Returns whether the person goes on."""
    fields: dict[str, str] = {}
    while True:
        try:
            said = input(_ASK).strip().lower()[:1]
            if said == "q":
                return False
            if said == "s":
                return True
            if said == "c":
                field = input(f"field ({', '.join(FIELDS)}): ").strip()
                fields[field] = checked_field(field, input(f"{field}: "))
                say(f"{field} is {fields[field] or 'unknown'}; y keeps it")
            elif said in ("y", "n"):
                answer = "yes" if said == "y" else "no"
                say(_answer(database, chosen, number, answer, fields, why, who))
                return True
        except AccordwatchError as error:
            say(str(error))
        except EOFError:
            return False


def _show(database: Database, number: int) -> None:
    out = stdout()
    with database.read() as s:
        row = queries.report_rows(s, [number]).get(number)
        found = review_queue.read_judged(s, number)
    if row is None:
        raise AccordwatchError(
            f"no document has the number {number}; see: accordwatch review --list"
        )
    parts = (str(number), row.outlet, row.published_on or "undated", row.url)
    out.print(Text(shown("   ".join(str(part) for part in parts if part)), style="dim"))
    if found is None:
        out.print(Text(shown(row.title), style="bold"))
        say(f"the text of document {number} is no longer kept; import it again to review it")
    else:
        explain(out, *found)


def _list(database: Database, format: str) -> None:
    with database.read() as s:
        found = review_queue.waiting(s, TABLE_ROWS if format == "table" else None)
    if format == "jsonl":
        print_jsonl(map(_row, found))
    elif format == "csv":
        print_csv(_row(one) | {"frame": frame_in_words(one.frame)} for one in found)
    elif found:
        columns = ("document", "likely", "published", "outlet", "title", "read")
        print_table("", columns, map(_cells, found))


def _row(one: Waiting) -> dict[str, Any]:
    return {
        "document_id": one.document_id,
        "probability": None if one.probability is None else round(one.probability, 4),
        "title": one.title,
        "outlet": one.outlet,
        "language": one.language,
        "url": one.url,
        "published": one.published_on.isoformat() if one.published_on else None,
        "parties": [*one.card.parties],
        "status": one.card.status,
        "frame": frame_row(one.frame),
    }


def _cells(one: Waiting) -> tuple[str, ...]:
    return (
        str(one.document_id),
        "" if one.probability is None else percent(one.probability),
        str(one.published_on or "undated"),
        one.outlet or "",
        one.title,
        frame_in_words(one.frame),
    )


def _what_is_left(database: Database) -> str:
    with database.read() as s:
        left, answered = review_queue.count_waiting(s), review_queue.answered(s)
    if not left:
        return "Nothing waits for review."
    said = f"{counted(left, 'document')} {'waits' if left == 1 else 'wait'} for review"
    most = most_left(answered.answers, answered.relevant, left)
    if most is None:
        answers = f"{answered.answers} of {LEAST_ANSWERS}"
        return f"{said}; not enough answers yet to say how many report a step ({answers})."
    found = f"{answered.relevant} of {answered.answers} answered ones did"
    verb = "reports" if most == 1 else "report"
    return f"{said}; with 95 % confidence at most {most} of them {verb} a step ({found})."
