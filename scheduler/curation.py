"""A curator's decisions: stored as pins on reports, an input of every later partition, never undone by one."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from crawler.clustering import cluster
from storage import queries
from storage.blocks import add_pin
from storage.errors import AccordwatchError
from storage.outbox import owe
from storage.queries import DocumentRow
from storage.records import Agreement, Instrument, Pin, PinKind, Status, Subscription, Topic
from storage.session import Session

FIELDS = ("parties", "instrument", "topics", "status", "event_date", "place")


@dataclass(frozen=True, slots=True)
class Curator:
    """Who decides, when and why; all three are kept with the decision. `subscriptions` hear what it brings to light."""

    who: str
    why: str
    at: datetime
    subscriptions: tuple[Subscription, ...] = ()

    def pin(self, kind: PinKind, document_id: int, **values: Any) -> Pin:
        return Pin(kind, document_id, who=self.who, why=self.why, at=self.at, **values)


def merge(s: Session, first: str, second: str, curator: Curator) -> str:
    """Two agreements become one; the id that remains."""
    one, other = _agreement(s, first), _agreement(s, second)
    if one.id == other.id:
        raise AccordwatchError(f"{first} and {second} are one agreement already")
    pinned = curator.pin(PinKind.MUST_LINK, one.document_ids[0], other_document_id=other.document_ids[0])
    _decide(s, [pinned], curator, {*one.document_ids, *other.document_ids})
    return _home(s, one.document_ids[0])


def split(s: Session, agreement_id: str, document_ids: Sequence[int], curator: Curator) -> tuple[str, str]:
    """These reports become an agreement of their own; the ids of both."""
    whole = _agreement(s, agreement_id)
    leaving = set(document_ids)
    staying = [document for document in whole.document_ids if document not in leaving]
    strangers = leaving - set(whole.document_ids)
    if strangers or not staying:
        wrong = f"document {min(strangers)} is no report of {whole.id}" if strangers else "no report would stay"
        raise AccordwatchError(f"{wrong}; see: accordwatch show {whole.id}")
    first = document_ids[0]
    pinned = [curator.pin(PinKind.MUST_LINK, first, other_document_id=other) for other in document_ids[1:]]
    pinned += [
        curator.pin(PinKind.CANNOT_LINK, left, other_document_id=stayed) for left in document_ids for stayed in staying
    ]
    _decide(s, pinned, curator, set(whole.document_ids))
    return _home(s, staying[0]), _home(s, first)


def move(s: Session, document_id: int, target_id: str, curator: Curator) -> str:
    """A report leaves its agreement for another; the id where it stands now."""
    target = _agreement(s, target_id)
    home = _agreement(s, _home(s, document_id))
    if home.id == target.id:
        raise AccordwatchError(f"document {document_id} stands in {target.id} already")
    others = [other for other in home.document_ids if other != document_id]
    pinned = [curator.pin(PinKind.CANNOT_LINK, document_id, other_document_id=other) for other in others]
    pinned.append(curator.pin(PinKind.MUST_LINK, document_id, other_document_id=target.document_ids[0]))
    _decide(s, pinned, curator, {*home.document_ids, *target.document_ids})
    return _home(s, document_id)


def correct(s: Session, document_id: int, field: str, value: str, curator: Curator) -> str:
    """A field of a report's card is what the curator says; the id where the report stands now."""
    _home(s, document_id)
    _decide(s, [curator.pin(PinKind.FIELD, document_id, field=field, value=_checked(field, value))], curator)
    return _home(s, document_id)


def set_irrelevant(s: Session, document_id: int, curator: Curator) -> None:
    """A document reports no agreement, whatever the rules say."""
    _home(s, document_id)
    _decide(s, [curator.pin(PinKind.IRRELEVANT, document_id)], curator)


def labelled(s: Session) -> Iterator[dict[str, Any]]:
    """Corrected documents as labelled articles, as `rules test` reads them."""
    decided = [pin for pin in queries.decisions(s) if pin.kind in (PinKind.FIELD, PinKind.IRRELEVANT)]
    rows = queries.report_rows(s, {pin.document_id for pin in decided})
    for document_id in sorted(rows):
        own = [pin for pin in decided if pin.document_id == document_id]
        yield _article(s, rows[document_id], own)


def _article(s: Session, row: DocumentRow, decided: Sequence[Pin]) -> dict[str, Any]:
    relevant = row.relevant and not any(pin.kind is PinKind.IRRELEVANT for pin in decided)
    card: dict[str, Any] = {
        "parties": list(row.parties),
        "topics": list(row.topics),
        "status": row.status,
        "event_date": row.event_date.isoformat() if row.event_date else None,
        "place": row.place,
    }
    for pin in decided:
        if pin.kind is PinKind.FIELD and pin.field:
            value = pin.value or ""
            card[pin.field] = value.split(",") if pin.field in ("parties", "topics") else value or None
    head = {"id": row.external_id or f"document-{row.id}", "lang": row.language, "relevant": relevant}
    body = {
        "title": row.title,
        "text": queries.document_text(s, row.id) or "",
        "published": row.published_on.isoformat() if row.published_on else None,
        "outlet": row.outlet,
        "source_url": row.url,
    }
    return head | body | (card if relevant else {})


def _decide(s: Session, decided: Sequence[Pin], curator: Curator, touched: Collection[int] = ()) -> None:
    for pin in decided:
        add_pin(s, pin)
    changes = cluster(s, {*touched, *(pin.document_id for pin in decided)}, curator.at)
    # A decision brings no reports, so there is nothing whose age would matter.
    owe(s, curator.subscriptions, changes, now=curator.at, crawl=False, max_age_days=0)


def _agreement(s: Session, agreement_id: str) -> Agreement:
    found = queries.agreement(s, agreement_id.upper())
    if found is None:
        raise AccordwatchError(f"{agreement_id}: no agreement has this id; see: accordwatch agreements")
    return found


def _home(s: Session, document_id: int) -> str:
    found = queries.agreements_of(s, [document_id]).get(document_id)
    if found is None:
        raise AccordwatchError(f"document {document_id} is no report of an agreement; see: accordwatch search")
    return found


def _checked(field: str, value: str) -> str:
    """The value as it is stored; raises AccordwatchError that says what can be written."""
    allowed: dict[str, list[str]] = {"instrument": [*Instrument], "status": [*Status], "topics": [*Topic]}
    parts = [part.strip() for part in value.split(",") if part.strip()]
    if field not in FIELDS:
        raise AccordwatchError(f"{field!r} is not a field; fields are {', '.join(FIELDS)}")
    for part in parts if field in allowed else ():
        if part not in allowed[field]:
            raise AccordwatchError(f"{field}: {part!r} is not one of {', '.join(allowed[field])}")
    if field == "parties" and (not parts or not all(re.fullmatch(r"[A-Z]{2,10}", part) for part in parts)):
        raise AccordwatchError(f"parties: {value!r} is not a list of codes like MA,NE")
    if field == "event_date":
        try:
            date.fromisoformat(value)
        except ValueError as error:
            raise AccordwatchError(f"event_date: {value!r} is not a day like 2025-07-28") from error
    return value.strip() if field == "place" else ",".join(parts)
