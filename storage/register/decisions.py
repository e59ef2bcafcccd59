"""Curators' decisions: recording, undoing and reading them, and the names that they gave."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from itertools import groupby
from operator import attrgetter
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, exists, func, insert, or_, select

from storage.database import sql
from storage.database.columns import record_of
from storage.database.session import Session
from storage.register.agreements import number
from storage.register.entry import OF_READERS, Decision, DecisionKind, NamedRow, Pin, PinKind
from storage.register.tables import Aliases, Decisions, Pins, Reports


def add_decision(s: Session, decision: Decision) -> int:
    """Store a decision with its pins, and return the number by which it can be undone."""
    about, other = _row_id(decision.agreement_id), _row_id(decision.other_agreement_id)
    same = {name: getattr(decision, name) for name in ("kind", "who", "why", "at")}
    decision_id = sql.add(s, Decisions, agreement_id=about, other_agreement_id=other, **same)
    add_pins(s, decision_id, decision.pins)
    return decision_id


def add_pins(s: Session, decision_id: int, pins: Iterable[Pin]) -> None:
    columns = ("kind", "document_id", "other_document_id", "field", "value")
    rows = [{name: getattr(pin, name) for name in columns} for pin in pins]
    if rows:
        s.execute(insert(Pins), [{"decision_id": decision_id} | row for row in rows])


def rule_out_too(s: Session, like: Mapping[int, int]) -> None:
    """Rule out documents by the decision that ruled out another one (the value in `like`)."""
    for document_id, other in sorted(like.items()):
        standing = standing_of(s, other, PinKind.IRRELEVANT)
        if standing is not None:
            pin = Pin(PinKind.IRRELEVANT, document_id, other_document_id=other)
            add_pins(s, standing.id, [pin])


def listed_by(s: Session, decision_id: int) -> list[int]:
    """Return the documents that the import of a list added, changed or took off the list."""
    own = select(Pins.document_id).where(Pins.decision_id == decision_id, _OF_LISTS)
    return list(s.scalars(own.order_by(Pins.document_id)))


def still_listed(s: Session, document_ids: Iterable[int]) -> set[int]:
    """Return those of these documents that are rows of a list by the last import in force."""
    last: dict[int, tuple[int, str]] = {}
    for row in sql.rows_of(s, _LISTINGS, document_ids):
        listing = (row.decision_id, row.kind)
        last[row.document_id] = max(listing, last.get(row.document_id, listing))
    return {document_id for document_id, (_, kind) in last.items() if kind == PinKind.LISTED}


def imports_of(s: Session, list_id: str) -> list[Decision]:
    """The imports of a list, oldest first, undone ones too. `why` begins with the list's id."""
    is_import = Decisions.kind == DecisionKind.LIST
    return _read_decisions(s, is_import, Decisions.why.startswith(f"{list_id}: ", autoescape=True))


def drop_decision(s: Session, decision_id: int) -> None:
    """Forget a decision that decided nothing: the list was imported before, as it is."""
    sql.remove(s, Pins, Pins.decision_id == decision_id)
    sql.remove(s, Decisions, Decisions.id == decision_id)


_OF_LISTS = Pins.kind.in_((PinKind.LISTED, PinKind.UNLISTED))
_LISTINGS = (
    select(Pins.document_id, Pins.decision_id, Pins.kind)
    .join(Decisions, Decisions.id == Pins.decision_id)
    .where(_OF_LISTS, Decisions.undone_at.is_(None), Pins.document_id.in_(sql.IDS))
)


def rows_named(s: Session, document_ids: Iterable[int]) -> dict[int, NamedRow]:
    """Return the row of a list that each of these documents was made of, as last imported."""
    rows = sql.rows_of(s, _ROWS_NAMED, document_ids)
    return {row.document_id: NamedRow(row.value, row.field) for row in rows}


def text_pins(s: Session, document_ids: Iterable[int], kind: PinKind) -> dict[int, list[Pin]]:
    """By document, the pins of people on its agreement's text: where it stands, or was searched."""
    by_document: dict[int, list[Pin]] = {}
    for row in sql.rows_of(s, _OF_TEXTS.where(Pins.kind == kind), document_ids):
        by_document.setdefault(row.document_id, []).append(record_of(Pin, row._asdict()))
    return by_document


_OF_TEXTS = (
    select(Pins.kind, Pins.document_id, Pins.value, Decisions.who, Decisions.why, Decisions.at)
    .join(Decisions, Decisions.id == Pins.decision_id)
    .where(Pins.document_id.in_(sql.IDS), Decisions.undone_at.is_(None))
    .order_by(Pins.id)
)
_ROWS_NAMED = (
    select(Pins.document_id, Pins.value, Pins.field)
    .where(Pins.kind == PinKind.LISTED, Pins.document_id.in_(sql.IDS))
    .order_by(Pins.id)
)


def set_undone(s: Session, decision_id: int, who: str, at: datetime) -> None:
    """Mark a decision as undone: its pins lapse, but it stays in the list of decisions."""
    sql.change(s, Decisions, Decisions.id == decision_id, undone_at=at, undone_by=who)


def decisions(s: Session, who: str | None = None) -> list[Decision]:
    """Return all decisions, oldest first, undone ones too; or those that `who` took or undid."""
    return _read_decisions(s, *_by(who))


def deciders(s: Session) -> list[str]:
    found: set[str | None] = set(s.scalars(select(Decisions.who).distinct()))
    found |= set(s.scalars(select(Decisions.undone_by).distinct()))
    return sorted(filter(None, found), key=str.casefold)


def decider(s: Session, written: str) -> str | None:
    """Return the name of who decided as it is stored, whichever letters are capital; or None."""
    wanted, names = written.strip(), deciders(s)
    alike = (name for name in names if name.casefold() == wanted.casefold())
    return wanted if wanted in names else next(alike, None)


def _by(who: str | None) -> list[ColumnElement[bool]]:
    return [] if who is None else [or_(Decisions.who == who, Decisions.undone_by == who)]


def decision(s: Session, decision_id: int) -> Decision | None:
    return next(iter(_read_decisions(s, Decisions.id == decision_id)), None)


def decisions_before(
    s: Session, before: int | None, limit: int, who: str | None = None
) -> list[Decision]:
    """Return the decisions before a number (None: all), newest first; or those of `who`."""
    numbers = select(Decisions.id).where(*_by(who)).order_by(Decisions.id.desc()).limit(limit)
    if before is not None:
        numbers = numbers.where(Decisions.id < before)
    return _newest(s, numbers)


def decisions_about(s: Session, agreement_id: str, limit: int) -> list[Decision]:
    """Return the last decisions about an agreement, its aliases and its documents, newest first."""
    row_id = number(agreement_id)
    aliases = select(Aliases.alias).where(Aliases.agreement_id == row_id)
    held = select(Reports.document_id).where(Reports.agreement_id == row_id)
    pinned = select(Pins.decision_id).where(
        or_(Pins.document_id.in_(held), Pins.other_document_id.in_(held))
    )
    named = [
        or_(column == row_id, column.in_(aliases))
        for column in (Decisions.agreement_id, Decisions.other_agreement_id)
    ]
    numbers = select(Decisions.id).where(or_(*named, Decisions.id.in_(pinned)))
    return _newest(s, numbers.order_by(Decisions.id.desc()).limit(limit))


def corrections_since(s: Session, since: datetime) -> list[Decision]:
    """Return what persons corrected since then in entries, newest first."""
    found = _read_decisions(s, Decisions.at >= since, Decisions.agreement_id.is_not(None))
    return [one for one in reversed(found) if one.is_correction]


def last_decision(s: Session) -> int:
    return s.scalar(select(func.max(Decisions.id))) or 0


def _newest(s: Session, numbers: Select[int]) -> list[Decision]:
    found = list(s.scalars(numbers))
    return list(reversed(_read_decisions(s, Decisions.id.in_(found))))


def standing_of(s: Session, document_id: int, kind: PinKind) -> Decision | None:
    """Return the latest decision in force with a pin of this kind on the document."""
    pinning = select(Pins.decision_id).where(Pins.document_id == document_id, Pins.kind == kind)
    has_one = Decisions.id.in_(pinning.correlate(None))
    return next(reversed(_read_decisions(s, Decisions.undone_at.is_(None), has_one)), None)


def pins(s: Session, document_ids: Iterable[int]) -> list[Pin]:
    """Return the pins in force on these documents that `partition` takes, oldest first, but those
    of second readers before all others: what a person decided counts more, whenever it was.
    """
    rows = {row.id: row for row in sql.rows_of(s, _NAMING, document_ids)}
    ordered = sorted(rows, key=lambda row_id: (rows[row_id].kind not in OF_READERS, row_id))
    return [record_of(Pin, rows[row_id]._asdict()) for row_id in ordered]


_NO_INPUT = (
    *(PinKind.NAME, PinKind.HOME, PinKind.AUDIT, PinKind.SEARCHED, PinKind.WAS, PinKind.BECAME),
    *(PinKind.LISTED, PinKind.UNLISTED, PinKind.READ_DOUBT),
)
_NAMING = (
    select(
        Pins.id,
        Pins.kind,
        Pins.document_id,
        Pins.other_document_id,
        Pins.field,
        Pins.value,
        Decisions.who,
        Decisions.why,
        Decisions.at,
    )
    .join(Decisions, Decisions.id == Pins.decision_id)
    .where(or_(Pins.document_id.in_(sql.IDS), Pins.other_document_id.in_(sql.IDS)))
    .where(Decisions.undone_at.is_(None), Pins.kind.not_in(_NO_INPUT))
)


def has_pin(document_id: Any, kind: PinKind) -> ColumnElement[bool]:
    """Return the SQL condition that a decision in force has a pin of this kind on the document."""
    return exists().where(
        Pins.document_id == document_id,
        Pins.kind == kind,
        Decisions.id == Pins.decision_id,
        Decisions.undone_at.is_(None),
    )


def _read_decisions(s: Session, *conditions: ColumnElement[bool]) -> list[Decision]:
    rows = s.execute(_WITH_PINS.where(*conditions))
    return [_decision([*of_one]) for _, of_one in groupby(rows, key=attrgetter("id"))]


_WITH_PINS = (
    select(
        sql.plain(Decisions),
        Pins.kind.label("pin_kind"),
        Pins.document_id,
        Pins.other_document_id,
        Pins.field,
        Pins.value,
    )
    .outerjoin(Pins, and_(Pins.decision_id == Decisions.id, ~_OF_LISTS))
    .order_by(Decisions.id, Pins.id)
)


def _decision(rows: Sequence[Any]) -> Decision:
    """The decision of these rows, of which each has one of its pins, or the only one none."""
    pins = [row._asdict() | {"kind": row.pin_kind} for row in rows if row.pin_kind is not None]
    values = rows[0]._asdict() | {"pins": pins}
    for name in ("agreement_id", "other_agreement_id"):
        values[name] = None if values[name] is None else f"A{values[name]}"
    return record_of(Decision, values)


def _row_id(agreement_id: str | None) -> int | None:
    return None if agreement_id is None else number(agreement_id)


# --- the names that curators gave to agreements ---------------------------------------------------


def given_names(s: Session, agreement_ids: Iterable[str]) -> dict[str, str]:
    """Return the given names of those of these agreements that have one. A name is stored with the
    reports that the agreement had then. It belongs to the agreement that holds most of them today,
    or to the oldest of several. Of two names the later one counts.
    """
    wanted = {number(agreement_id) for agreement_id in agreement_ids}
    homes: dict[int, Any] = {}
    for row in sql.rows_of(s, _HOLDING_NAMED, wanted):
        best = homes.get(row.decision_id)
        if best is None or (-row.held, row.agreement_id) < (-best.held, best.agreement_id):
            homes[row.decision_id] = row
    ordered = sorted(homes.items())
    return {f"A{row.agreement_id}": row.value for _, row in ordered if row.agreement_id in wanted}


_NAMED = (
    select(Pins.decision_id)
    .join(Reports, Reports.document_id == Pins.document_id)
    .where(Pins.kind == PinKind.NAME, Reports.agreement_id.in_(sql.IDS))
    .correlate(None)
)
_HOLDING_NAMED = (
    select(Pins.decision_id, Pins.value, Reports.agreement_id, func.count().label("held"))
    .join(Reports, Reports.document_id == Pins.document_id)
    .join(Decisions, Decisions.id == Pins.decision_id)
    .where(Pins.decision_id.in_(_NAMED), Decisions.undone_at.is_(None))
    .group_by(Pins.decision_id, Pins.value, Reports.agreement_id)
)
