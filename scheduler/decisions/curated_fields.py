"""The fields of a card as a curator writes them (text, with commas between parties and topics), and
the agreements and documents that a decision is about.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from scheduler.configuration.party_names import party_fault, party_meant
from scheduler.views.words.lines import clean
from storage.database.session import Session
from storage.documents.texts import parts_of
from storage.errors import AccordwatchError
from storage.lists import queries
from storage.records import Card, Instrument, Status, Topic
from storage.register.decisions import standing_of
from storage.register.entry import FIELDS, Agreement, PinKind
from storage.search import document_rows

_LONGEST_PLACE = 200
_ALLOWED: dict[str, list[str]] = {
    "instrument": [*Instrument],
    "status": [*Status],
    "topics": [*Topic],
}


def written_field(card: Card | Agreement, field: str) -> str:
    value = getattr(card, field)
    if isinstance(value, tuple):
        return ",".join(value)
    return "" if value is None else str(value)


def checked_field(field: str, value: str) -> str:
    """The value in the form in which it is stored. Raises AccordwatchError that says what can be
    written.
    """
    if field not in FIELDS:
        raise AccordwatchError(f"{field!r} is not a field; fields are {', '.join(FIELDS)}")
    if field == "event_date":
        return _checked_day(value)
    if field == "place":
        place, most = clean(value), _LONGEST_PLACE
        if len(place) > most:
            fault = f"has at most {most} characters; this one has {len(place)}"
            raise AccordwatchError(f"place: {fault}")
        return place
    parts = list(dict.fromkeys(part.strip() for part in value.split(",") if part.strip()))
    if field == "parties":
        return _checked_parties(parts, value)
    for part in parts:
        if part not in _ALLOWED[field]:
            allowed = ", ".join(_ALLOWED[field])
            raise AccordwatchError(f"{field}: {part!r} is not one of {allowed}")
    if field != "topics" and len(parts) > 1:
        raise AccordwatchError(f"{field}: {value!r} names several; write one")
    return ",".join(parts)


def _checked_day(value: str) -> str:
    try:
        if value:
            date.fromisoformat(value)
    except ValueError as error:
        raise AccordwatchError(f"event_date: {value!r} is not a day like 2025-07-28") from error
    return value.strip()


def _checked_parties(parts: list[str], value: str) -> str:
    codes = list(dict.fromkeys(party_meant(part) or part for part in parts))
    if not codes:
        raise AccordwatchError(f"parties: {value!r} is not a list like MA,NE")
    for fault in filter(None, map(party_fault, codes)):
        raise AccordwatchError(f"parties: {fault}")
    return ",".join(codes)


def written_fields(written: Iterable[str]) -> dict[str, str]:
    """Fields that were written like status=signed, in the form in which they are stored."""
    fields = {}
    for pair in written:
        field, equals, value = pair.partition("=")
        if not equals:
            raise AccordwatchError(f"{pair!r} is not like status=signed")
        fields[field.strip()] = checked_field(field.strip(), value)
    return fields


def agreement_of(s: Session, agreement_id: str) -> Agreement:
    """The agreement with an id. Raises AccordwatchError if there is none."""
    agreement = queries.agreement(s, agreement_id.upper())
    if agreement is None:
        raise AccordwatchError(
            f"{agreement_id}: no agreement has this id; see: accordwatch agreements"
        )
    return agreement


def home_of(s: Session, document_id: int) -> str:
    """The agreement of a report. Raises AccordwatchError that says why there is none."""
    found = queries.agreements_of(s, [document_id]).get(document_id)
    if found is not None:
        return found
    refuse_no_report(s, document_id)
    hint = f"to add it: accordwatch curate relevant {document_id} parties=MA,NE"
    raise AccordwatchError(
        f"document {document_id} reports no agreement, as the rules see it; {hint}"
    )


def refuse_no_report(s: Session, document_id: int) -> None:
    """Raises AccordwatchError if a document was ruled out, is a page whose parts are the reports,
    or is not there.
    """
    out = standing_of(s, document_id, PinKind.IRRELEVANT)
    if out is not None:
        by, undo = f"by {out.who} on {out.at:%Y-%m-%d} ({clean(out.why)})", f"curate undo {out.id}"
        raise AccordwatchError(
            f"document {document_id} was ruled out {by}; undo that first: accordwatch {undo}"
        )
    parts = parts_of(s, document_id)
    if parts:
        numbers = ", ".join(map(str, parts))
        raise AccordwatchError(
            f"document {document_id} is a page whose parts are the reports: documents {numbers}"
        )
    refuse_unknown(s, document_id)


def refuse_unknown(s: Session, document_id: int) -> None:
    """Raises AccordwatchError if no document has this number."""
    if not document_rows.report_rows(s, [document_id]):
        hint = "see: accordwatch search --everything --format jsonl"
        raise AccordwatchError(f"no document has the number {document_id}; {hint}")
