"""A curator's decisions: stored as pins on reports, an input of every later partition, until somebody undoes them."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, NamedTuple

from crawler.clustering import cluster, look_up
from crawler.judgement.judge import Rules, load_rules
from crawler.process import judge_document
from crawler.replacement import replace_judgement
from scheduler.configuration.party_codes import party_fault
from scheduler.digest.lines import clean
from storage import queries
from storage.database.session import Session
from storage.documents.judgeable import load_judgeable
from storage.documents.parts import parts_of
from storage.errors import AccordwatchError
from storage.queries import DocumentRow
from storage.records import Card, Instrument, Judged, Status, Topic
from storage.register.corrections import FIELDS
from storage.register.decisions import (
    add_decision,
    add_homes,
    decision,
    decisions,
    set_undone,
    standing_of,
)
from storage.register.records import Agreement, Decision, DecisionKind, Pin, PinKind
from storage.review_queue import is_waiting
from storage.telling.outbox import owe
from storage.telling.records import Subscription

_LONGEST_NAME = 160  # as much as digests show of a headline


@dataclass(frozen=True, slots=True)
class Curator:
    """Who decides, when and why; all three are kept with the decision. `subscriptions` hear what it brings to light;
    `rules` read documents that they missed."""

    who: str
    why: str
    at: datetime
    subscriptions: tuple[Subscription, ...] = ()
    rules: Callable[[], Rules] = load_rules

    def pin(self, kind: PinKind, document_id: int, **values: Any) -> Pin:
        return Pin(kind, document_id, who=self.who, why=self.why, at=self.at, **values)

    def decision(
        self,
        kind: DecisionKind,
        pins: Sequence[Pin],
        agreement_id: str | None = None,
        other: str | None = None,
    ) -> Decision:
        return Decision(kind, tuple(pins), self.who, self.why, self.at, agreement_id, other)


class Decided(NamedTuple):
    """The number by which a decision can be undone, and the agreements that it was about, as they are called now."""

    number: int
    home: str = ""
    other: str = ""


def merge(s: Session, first: str, second: str, curator: Curator) -> Decided:
    """Two agreements become one; `home` is the id that remains."""
    one, other = _agreement(s, first), _agreement(s, second)
    if one.id == other.id:
        raise AccordwatchError(f"{first} and {second} are one agreement already")
    pinned = curator.pin(PinKind.MUST_LINK, _first(one), other_document_id=_first(other))
    decided = curator.decision(DecisionKind.MERGE, [pinned], one.id, other.id)
    number = _decide(s, decided, curator, {*one.document_ids, *other.document_ids})
    return Decided(number, _home(s, _first(one)))


def split(s: Session, agreement_id: str, document_ids: Sequence[int], curator: Curator) -> Decided:
    """These reports (mentions too) become an agreement of their own, `other`; the rest stays `home`."""
    whole = _agreement(s, agreement_id)
    held = (*whole.document_ids, *whole.mentions)
    leaving = list(dict.fromkeys(document_ids))
    staying = [document for document in held if document not in leaving]
    strangers = set(leaving) - set(held)
    if strangers or not leaving or not staying:
        wrong = (
            f"document {min(strangers)} is no report of {whole.id}"
            if strangers
            else "no report would stay"
        )
        wrong = wrong if leaving else "say which documents leave"
        raise AccordwatchError(f"{wrong}; see: accordwatch show {whole.id}")
    pinned = [
        curator.pin(PinKind.MUST_LINK, leaving[0], other_document_id=other) for other in leaving[1:]
    ]
    pinned += [
        curator.pin(PinKind.CANNOT_LINK, left, other_document_id=stayed)
        for left in leaving
        for stayed in staying
    ]
    number = _decide(s, curator.decision(DecisionKind.SPLIT, pinned, whole.id), curator, set(held))
    return Decided(number, _home(s, staying[0]), _home(s, leaving[0]))


def move(s: Session, document_id: int, target_id: str, curator: Curator) -> Decided:
    """A report leaves its agreement for another; `home` is where it stands now."""
    target = _agreement(s, target_id)
    home = _agreement(s, _home(s, document_id))
    if home.id == target.id:
        raise AccordwatchError(f"document {document_id} stands in {target.id} already")
    others = [other for other in (*home.document_ids, *home.mentions) if other != document_id]
    pinned = [
        curator.pin(PinKind.CANNOT_LINK, document_id, other_document_id=other) for other in others
    ]
    pinned.append(curator.pin(PinKind.MUST_LINK, document_id, other_document_id=_first(target)))
    decided = curator.decision(DecisionKind.MOVE, pinned, home.id, target.id)
    number = _decide(s, decided, curator, {*home.document_ids, *target.document_ids})
    return Decided(number, _home(s, document_id))


def correct(s: Session, document_id: int, field: str, value: str, curator: Curator) -> Decided:
    """A field of a report's card is what the curator says; `home` is where the report stands now."""
    home = _home(s, document_id)
    pinned = curator.pin(PinKind.FIELD, document_id, field=field, value=checked(field, value))
    number = _decide(s, curator.decision(DecisionKind.CORRECT, [pinned], home), curator)
    return Decided(number, _home(s, document_id))


def set_irrelevant(s: Session, document_id: int, curator: Curator) -> Decided:
    """A document reports no agreement, whatever the rules say."""
    home = None if is_waiting(s, document_id) else _home(s, document_id)
    pinned = curator.pin(PinKind.IRRELEVANT, document_id)
    return Decided(_decide(s, curator.decision(DecisionKind.IRRELEVANT, [pinned], home), curator))


def set_relevant(
    s: Session, document_id: int, fields: Mapping[str, str], curator: Curator
) -> Decided:
    """A document that the rules missed is a report, with these fields; what is not given is read from its text."""
    judged = _missed(s, document_id, curator)
    kept = {field: _written(judged.verdict.card, field) for field in FIELDS}
    kept |= {field: checked(field, value) for field, value in fields.items()}
    if not kept["parties"]:
        raise AccordwatchError(
            f"document {document_id} does not say who the parties are: give them, --parties MA,NE"
        )
    pinned = [curator.pin(PinKind.RELEVANT, document_id)]
    pinned += [
        curator.pin(PinKind.FIELD, document_id, field=field, value=value)
        for field, value in kept.items()
        if value or field in fields
    ]
    number = _decide(
        s, curator.decision(DecisionKind.RELEVANT, pinned), curator, judged={document_id: judged}
    )
    return Decided(number, _home(s, document_id))


def rename(s: Session, agreement_id: str, name: str, curator: Curator) -> Decided:
    """Every reader sees the agreement under this name; it follows most of the reports that it has now."""
    found = _agreement(s, agreement_id)
    said = clean(name)
    if not said or len(said) > _LONGEST_NAME:
        raise AccordwatchError(
            f"a name has 1 to {_LONGEST_NAME} characters; this one has {len(said)}"
        )
    _check(curator)
    named = found.document_ids or found.mentions
    pinned = [curator.pin(PinKind.NAME, document, value=said) for document in named]
    return Decided(
        add_decision(s, curator.decision(DecisionKind.RENAME, pinned, found.id)), found.id
    )


def undo(s: Session, number: int, curator: Curator) -> Decision:
    """A decision counts no more; what it did to the register is taken back, also ids. Returns it as it was."""
    found = decision(s, number)
    if found is None:
        raise AccordwatchError(f"no decision has the number {number}; see: accordwatch curate list")
    if found.undone_at is not None:
        when = f"{found.undone_at:%Y-%m-%d %H:%M}"
        raise AccordwatchError(
            f"decision {number} was undone already, by {found.undone_by} on {when}"
        )
    named = {
        document
        for pin in found.pins
        for document in (pin.document_id, pin.other_document_id)
        if document
    }
    look_up(s, named)
    set_undone(s, number, curator.who, curator.at)
    if found.kind is DecisionKind.RELEVANT:
        for document_id, document in load_judgeable(s, named):
            replace_judgement(s, document_id, judge_document(document, curator.rules()), curator.at)
    if found.kind is not DecisionKind.RENAME:
        former = {
            pin.document_id: pin.value
            for pin in found.pins
            if pin.kind is PinKind.HOME and pin.value
        }
        _cluster(s, named, curator, former=former)
    return found


def _missed(s: Session, document_id: int, curator: Curator) -> Judged:
    """The document as a report; raises AccordwatchError where it is one already, or cannot be."""
    home = queries.agreements_of(s, [document_id]).get(document_id)
    if home is not None:
        hint = f"to change what it says: accordwatch curate correct {document_id} ..."
        raise AccordwatchError(f"document {document_id} is a report of {home} already; {hint}")
    out = standing_of(s, document_id, PinKind.IRRELEVANT)
    if out is not None:
        raise AccordwatchError(_ruled_out(document_id, out))
    _refuse_page(s, document_id)
    if not queries.report_rows(s, [document_id]):
        raise AccordwatchError(_unknown(document_id))
    for _, document in load_judgeable(s, [document_id]):
        return judge_document(document, curator.rules(), with_card=True)
    raise AccordwatchError(
        f"the text of document {document_id} is no longer kept; import it again first"
    )


def _written(card: Card, field: str) -> str:
    """A field of a card as a curator would write it."""
    value = getattr(card, field)
    if isinstance(value, tuple):
        return ",".join(value)
    return "" if value is None else str(value)


def labelled(s: Session) -> Iterator[dict[str, Any]]:
    """Corrected documents as labelled articles, as `rules test` reads them."""
    standing = (one for one in decisions(s) if one.undone_at is None)
    decided = [pin for one in standing for pin in one.pins if pin.kind in _OF_ARTICLES]
    rows = queries.report_rows(s, {pin.document_id for pin in decided})
    for document_id in sorted(rows):
        own = [pin for pin in decided if pin.document_id == document_id]
        yield _article(s, rows[document_id], own)


_OF_ARTICLES = frozenset({PinKind.FIELD, PinKind.IRRELEVANT, PinKind.RELEVANT})


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
            card[pin.field] = (
                value.split(",") if pin.field in ("parties", "topics") else value or None
            )
    head = {
        "id": row.external_id or f"document-{row.id}",
        "lang": row.language,
        "relevant": relevant,
    }
    body = {
        "title": row.title,
        "text": queries.document_text(s, row.id) or "",
        "published": row.published_on.isoformat() if row.published_on else None,
        "outlet": row.outlet,
        "source_url": row.url,
    }
    return head | body | (card if relevant else {})


def _decide(
    s: Session,
    decided: Decision,
    curator: Curator,
    touched: Collection[int] = (),
    judged: Mapping[int, Judged] | None = None,
) -> int:
    _check(curator)
    concerned = {*touched, *(pin.document_id for pin in decided.pins)}
    look_up(s, concerned)
    stood = queries.homes(s)
    number = add_decision(s, decided)
    for document_id, one in (judged or {}).items():
        replace_judgement(s, document_id, one, curator.at)
    _cluster(s, concerned, curator)
    add_homes(s, number, dict(stood.items() - queries.homes(s).items()))
    return number


def _cluster(
    s: Session,
    concerned: Collection[int],
    curator: Curator,
    former: Mapping[int, str] | None = None,
) -> None:
    changes = cluster(s, concerned, curator.at, former=former or {})
    # A person looked at these reports, so their age does not matter.
    owe(s, curator.subscriptions, changes, now=curator.at, crawl=False, max_age_days=0)


def _check(curator: Curator) -> None:
    for option, value in (("--why", curator.why), ("--who", curator.who)):
        if not value.strip():
            raise AccordwatchError(
                f"{option} is empty; it is kept with the decision, for those who read it later"
            )


def _first(agreement: Agreement) -> int:
    return (agreement.document_ids or agreement.mentions)[0]


def _agreement(s: Session, agreement_id: str) -> Agreement:
    found = queries.agreement(s, agreement_id.upper())
    if found is None:
        raise AccordwatchError(
            f"{agreement_id}: no agreement has this id; see: accordwatch agreements"
        )
    return found


def _home(s: Session, document_id: int) -> str:
    """The agreement of a report; raises AccordwatchError that says why there is none, and what to do."""
    found = queries.agreements_of(s, [document_id]).get(document_id)
    if found is not None:
        return found
    out = standing_of(s, document_id, PinKind.IRRELEVANT)
    if out is not None:
        raise AccordwatchError(_ruled_out(document_id, out))
    _refuse_page(s, document_id)
    if not queries.report_rows(s, [document_id]):
        raise AccordwatchError(_unknown(document_id))
    hint = f'to add it: accordwatch curate relevant {document_id} --parties MA,NE --why "..."'
    raise AccordwatchError(
        f"document {document_id} reports no agreement, as the rules see it; {hint}"
    )


def _refuse_page(s: Session, document_id: int) -> None:
    parts = parts_of(s, document_id)
    if parts:
        numbers = ", ".join(map(str, parts))
        raise AccordwatchError(
            f"document {document_id} is a page whose parts are the reports: documents {numbers}"
        )


def _ruled_out(document_id: int, out: Decision) -> str:
    said = (
        f"document {document_id} was ruled out by {out.who} on {out.at:%Y-%m-%d} ({clean(out.why)})"
    )
    return f"{said}; first: accordwatch curate undo {out.id}"


def _unknown(document_id: int) -> str:
    return f"no document has the number {document_id}; see: accordwatch search --everything --format jsonl"


def checked(field: str, value: str) -> str:
    """The value as it is stored; raises AccordwatchError that says what can be written."""
    allowed: dict[str, list[str]] = {
        "instrument": [*Instrument],
        "status": [*Status],
        "topics": [*Topic],
    }
    parts = list(dict.fromkeys(part.strip() for part in value.split(",") if part.strip()))
    if field not in FIELDS:
        raise AccordwatchError(f"{field!r} is not a field; fields are {', '.join(FIELDS)}")
    for part in parts if field in allowed else ():
        if part not in allowed[field]:
            raise AccordwatchError(f"{field}: {part!r} is not one of {', '.join(allowed[field])}")
    if field in ("instrument", "status") and len(parts) > 1:
        raise AccordwatchError(f"{field}: {value!r} are several; there is one")
    if field == "parties":
        fault = (
            next(filter(None, map(party_fault, parts)), None)
            if parts
            else f"{value!r} is no list like MA,NE"
        )
        if fault:
            raise AccordwatchError(f"parties: {fault}")
    if field == "event_date" and value:
        try:
            date.fromisoformat(value)
        except ValueError as error:
            raise AccordwatchError(f"event_date: {value!r} is not a day like 2025-07-28") from error
    return value.strip() if field in ("place", "event_date") else ",".join(parts)
