"""From agreements to the rows of the tables."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from itertools import chain

from scheduler.exchange import schema
from scheduler.words.labels import labels_of
from scheduler.words.names import name_of, name_parts
from storage import queries
from storage.database.session import Session
from storage.documents.official import Official, official_of
from storage.documents.voices import voices
from storage.filter import Filter
from storage.first_voices import heard_of
from storage.records import Source
from storage.register.given_names import given_names
from storage.register.records import NOTHING_HEARD, Agreement, Heard, Step, documents_of
from storage.search import document_rows
from storage.search.document_rows import DocumentRow

Row = dict[str, str | int | bool | None]

_JOINT = "; "  # as in the CSV of `agreements`


@dataclass(frozen=True, slots=True)
class AgreementEntry:
    """An agreement with all that its rows tell.

    `heard` is who reported it first, and where its text is. `documents` are its reports and
    mentions, by id. `copies`: those that repeat the text of an
    earlier one of them. `first_official_on` is the day of the first official document that tells a
    step.
    """

    agreement: Agreement
    documents: Mapping[int, DocumentRow]
    copies: frozenset[int]
    name_en: str
    name_fr: str
    first_official_on: date | None = None
    heard: Heard = NOTHING_HEARD


def entries(s: Session, flt: Filter, sources: Sequence[Source] = ()) -> Iterator[AgreementEntry]:
    """Yield the agreements that match, in the order of ids; only a page of them is in memory.

    `sources` are the configured ones, of which some are official.
    """
    official = official_of(sources)
    for page in queries.agreement_pages(s, flt):
        documents = set(chain.from_iterable(map(documents_of, page)))
        rows, said_by = document_rows.report_rows(s, documents), voices(s, documents)
        given = given_names(s, [agreement.id for agreement in page])
        heard = heard_of(s, page, rows)
        for agreement in page:
            name = given.get(agreement.id)
            entry = _entry(agreement, rows, said_by, name, official)
            yield replace(entry, heard=heard[agreement.id])


def _entry(
    agreement: Agreement,
    rows: Mapping[int, DocumentRow],
    said_by: Mapping[int, str],
    given: str | None,
    official: Official,
) -> AgreementEntry:
    parts = name_parts(agreement, given)
    ids = (*agreement.document_ids, *agreement.mentions)
    documents = {number: rows[number] for number in ids if number in rows}
    return AgreementEntry(
        agreement=agreement,
        documents=documents,
        copies=_copies(list(documents.values()), said_by),
        name_en=name_of(parts, labels_of("en")),
        name_fr=name_of(parts, labels_of("fr")),
        first_official_on=_first_official_on(
            official, (documents[one] for one in agreement.document_ids if one in documents)
        ),
    )


def _first_official_on(official: Official, documents: Iterable[DocumentRow]) -> date | None:
    """The day of publication of the first official document; None if none has a day."""
    days = (
        row.published_on
        for row in documents
        if row.published_on and official.published(row.source_id, row.url)
    )
    return min(days, default=None)


def _copies(documents: Sequence[DocumentRow], said_by: Mapping[int, str]) -> frozenset[int]:
    """The documents whose text an earlier one has. What has no date is later than what has one."""
    heard: set[str] = set()
    copies: set[int] = set()
    for row in sorted(documents, key=lambda row: (row.published_on or date.max, row.id)):
        voice = said_by.get(row.id, "")
        if voice and voice in heard:
            copies.add(row.id)
        heard.add(voice)
    return frozenset(copies)


def rows_of(entry: AgreementEntry) -> dict[str, list[Row]]:
    """The rows of an agreement, by the name of the table."""
    return {
        schema.AGREEMENTS.name: [_agreement(entry)],
        schema.STEPS.name: list(_steps(entry.agreement)),
        schema.PARTIES.name: list(_parties(entry.agreement)),
        schema.ACTIONS_TABLE.name: list(_actions(entry.agreement)),
        schema.REPORTS.name: list(_reports(entry)),
    }


def _agreement(entry: AgreementEntry) -> Row:
    one = entry.agreement
    first = one.first_reported_at
    return {
        "id": one.id,
        "name_en": entry.name_en,
        "name_fr": entry.name_fr,
        "title": one.title,
        "parties": _JOINT.join(one.parties),
        "instrument": one.instrument,
        "topics": _JOINT.join(one.topics),
        "status": one.status,
        "place": one.place,
        "place_key": one.place_key,
        "event_date": _day(one.event_date),
        "certainty": one.certainty,
        "first_reported_on": _day(first.date()) if first else None,
        "first_outlet": entry.heard.voice.outlet if entry.heard.voice else None,
        "first_official_on": _day(entry.first_official_on),
        "days_before_official": _days_before_official(entry),
        "text": one.text_state,
        "text_on": _day(entry.heard.text_on),
        "text_url": entry.heard.text_url,
        "steps": len(one.history),
        "reports": len(one.report_ids),
        "follows": _JOINT.join(other for kind, other in one.links if kind == "follows"),
        "beside": _JOINT.join(other for kind, other in one.links if kind == "beside"),
    }


def _days_before_official(entry: AgreementEntry) -> int | None:
    """How many days the first report led the first official document; None if there is none."""
    first, official_on = entry.agreement.first_reported_at, entry.first_official_on
    if first is None or official_on is None:
        return None
    return (official_on - first.date()).days


def _numbered_steps(agreement: Agreement) -> Iterator[tuple[str, int, Step]]:
    """Each step with its id and position."""
    for position, step in enumerate(agreement.history, 1):
        yield f"{agreement.id}-{position}", position, step


def _steps(agreement: Agreement) -> Iterator[Row]:
    for step_id, position, step in _numbered_steps(agreement):
        yield {
            "id": step_id,
            "agreement": agreement.id,
            "position": position,
            "status": step.status,
            "on": _day(step.on),
            "quote": step.quote,
            "documents": _JOINT.join(map(str, step.document_ids)),
        }


def _parties(agreement: Agreement) -> Iterator[Row]:
    for code in agreement.parties:
        yield {
            "agreement": agreement.id,
            "code": code,
            "name_en": labels_of("en").party(code),
            "name_fr": labels_of("fr").party(code),
        }


def _actions(agreement: Agreement) -> Iterator[Row]:
    for step_id, _, step in _numbered_steps(agreement):
        if step.status not in schema.ACTIONS:
            continue
        for code in agreement.parties:
            yield {
                "agreement": agreement.id,
                "party": code,
                "step": step_id,
                "status": step.status,
                "on": _day(step.on),
            }


def _reports(entry: AgreementEntry) -> Iterator[Row]:
    telling = {
        document: step_id
        for step_id, _, step in _numbered_steps(entry.agreement)
        for document in step.document_ids
    }
    listed = {*entry.agreement.listed}
    for row in entry.documents.values():
        yield {
            "agreement": entry.agreement.id,
            "id": row.id,
            "step": telling.get(row.id),
            "external_id": row.external_id,
            "outlet": row.outlet,
            "language": row.language,
            "url": row.url,
            "title": row.title,
            "published": _day(row.published_on),
            "source": row.source_id,
            "copy": row.id in entry.copies,
            "listed": row.id in listed,
        }


def _day(on: date | None) -> str | None:
    return None if on is None else on.isoformat()
