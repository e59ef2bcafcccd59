"""What a decision is about: found by the number or id that a person gave, or said why it is not."""

from __future__ import annotations

from scheduler.words.lines import clean
from storage import queries
from storage.database.session import Session
from storage.documents.parts import parts_of
from storage.errors import AccordwatchError
from storage.register.decisions import standing_of
from storage.register.records import Agreement, Decision, PinKind
from storage.search import document_rows


def agreement_of(s: Session, agreement_id: str) -> Agreement:
    """The agreement with an id. Raises AccordwatchError if there is none."""
    found = queries.agreement(s, agreement_id.upper())
    if found is None:
        raise AccordwatchError(
            f"{agreement_id}: no agreement has this id; see: accordwatch agreements"
        )
    return found


def home_of(s: Session, document_id: int) -> str:
    """The id of the agreement of a report. Raises AccordwatchError that says why the document is in
    none, and what to do about it.
    """
    found = queries.agreements_of(s, [document_id]).get(document_id)
    if found is not None:
        return found
    out = standing_of(s, document_id, PinKind.IRRELEVANT)
    if out is not None:
        raise AccordwatchError(ruled_out(document_id, out))
    refuse_page(s, document_id)
    refuse_unknown(s, document_id)
    hint = f'to add it: accordwatch curate relevant {document_id} --parties MA,NE --why "..."'
    raise AccordwatchError(
        f"document {document_id} reports no agreement, as the rules see it; {hint}"
    )


def refuse_page(s: Session, document_id: int) -> None:
    """Raises AccordwatchError if a document is a page whose parts are the reports."""
    parts = parts_of(s, document_id)
    if parts:
        numbers = ", ".join(map(str, parts))
        raise AccordwatchError(
            f"document {document_id} is a page whose parts are the reports: documents {numbers}"
        )


def refuse_unknown(s: Session, document_id: int) -> None:
    """Raises AccordwatchError if no document has this number."""
    if not document_rows.report_rows(s, [document_id]):
        hint = "see: accordwatch search --everything --format jsonl"
        raise AccordwatchError(f"no document has the number {document_id}; {hint}")


def ruled_out(document_id: int, out: Decision) -> str:
    """What to say of a document that a decision has ruled out."""
    decision = f"by {out.who} on {out.at:%Y-%m-%d} ({clean(out.why)})"
    undo = f"undo that first: accordwatch curate undo {out.id}"
    return f"document {document_id} was ruled out {decision}; {undo}"
