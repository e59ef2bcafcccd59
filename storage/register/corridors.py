"""Corridors, the entries of the same parties, of which a second reader has not read a report."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import exists, false, func, select
from sqlalchemy.orm import aliased

from storage.database import sql
from storage.database.session import Session
from storage.documents.tables import Documents, Matches, Texts
from storage.register.decisions import decisions_about
from storage.register.entry import (
    OF_READERS,
    Agreement,
    Decision,
    DecisionKind,
    Pin,
    PinKind,
    documents_of,
)
from storage.register.list_rows import published
from storage.register.tables import AgreementParties, Decisions, Pins, Reports

# One report that was read as a text tells nothing more when it is read alone once again.
LEAST_REPORTS = 2


class UnreadCorridor(NamedTuple):
    """The numbers of its agreements, and of their reports that were not read with the others."""

    parties: tuple[str, ...]
    agreement_ids: tuple[int, ...]
    unread: tuple[int, ...]


def unread_corridors(s: Session, since: datetime) -> list[UnreadCorridor]:
    """Return the corridors of two reports and more with one that came in since `since` and that no
    reader has read with the others; that with the newest report first.
    """
    news: dict[int, list[int]] = {}
    for agreement_id, document_id in s.execute(_UNREAD.where(Documents.first_seen_at >= since)):
        news.setdefault(agreement_id, []).append(document_id)
    if not news:
        return []
    members: dict[tuple[str, ...], list[int]] = {}
    for agreement_id, codes in s.execute(_PARTIES):
        members.setdefault(tuple(sorted(codes.split())), []).append(agreement_id)
    held = dict(s.execute(_HELD).all())
    corridors = []
    for parties, ids in members.items():
        unread = sorted(number for id_ in ids for number in news.get(id_, ()))
        is_wanted = len(parties) > 1 and sum(held.get(id_, 0) for id_ in ids) >= LEAST_REPORTS
        if unread and is_wanted:
            corridors.append(UnreadCorridor(parties, tuple(sorted(ids)), tuple(unread)))
    return sorted(corridors, key=lambda corridor: (-corridor.unread[-1], corridor.parties))


_OWN, _COPIES = aliased(Matches), aliased(Matches)
# Who has read a text has read its copies.
_READ = (
    exists()
    .where(
        _OWN.document_id == Reports.document_id,
        _COPIES.copy_group == _OWN.copy_group,
        Pins.document_id == _COPIES.document_id,
        Pins.kind.in_(OF_READERS),
    )
    .correlate(Reports)
)
_UNREAD = (
    select(Reports.agreement_id, Reports.document_id)
    .join(Documents, Documents.id == Reports.document_id)
    .join(Texts, Texts.document_id == Documents.id)
    .where(Reports.listed == false(), published(Documents.source_id), ~_READ)
)
_PARTIES = select(
    AgreementParties.agreement_id, func.aggregate_strings(AgreementParties.party, " ")
).group_by(AgreementParties.agreement_id)
_HELD = (
    select(Reports.agreement_id, func.count())
    .where(Reports.listed == false())
    .group_by(Reports.agreement_id)
)


_OF_READER = Pins.kind.in_(OF_READERS)


def taken_back(s: Session, document_ids: Collection[int]) -> set[tuple[object, ...]]:
    """Return what persons took back of readers' answers on these documents, as `what_of` says."""
    return {tuple(row) for row in sql.rows_of(s, _TAKEN_BACK, document_ids)}


def what_of(pin: Pin) -> tuple[object, ...]:
    """Return what a pin says, without who said it and when."""
    return pin.kind, pin.document_id, pin.other_document_id, pin.field, pin.value


_TAKEN_BACK = (
    select(Pins.kind, Pins.document_id, Pins.other_document_id, Pins.field, Pins.value)
    .join(Decisions, Decisions.id == Pins.decision_id)
    .where(Pins.document_id.in_(sql.IDS), _OF_READER, Decisions.undone_at.is_not(None))
)


class EntryReading(NamedTuple):
    """A reader's answer in force on reports of an entry: of how many, and the sentence that proves
    the status.
    """

    decision: Decision
    reports: int
    quote: str


def readings_of_entry(s: Session, agreement: Agreement) -> list[EntryReading]:
    """Return what readers said of an entry when they read its corridor, the newest first."""
    held = documents_of(agreement)
    readings = []
    for decision in decisions_about(s, agreement.id, _MOST_DECISIONS):
        own = [pin for pin in decision.pins if pin.document_id in held]
        proven = {pin.document_id for pin in own if pin.kind is not PinKind.READ_DOUBT}
        if decision.kind is DecisionKind.READ and decision.undone_at is None and proven:
            quote = next((pin.value or "" for pin in own if pin.field == "quote"), "")
            readings.append(EntryReading(decision, len(proven), quote))
    return readings[:_MOST_READINGS]


_MOST_DECISIONS, _MOST_READINGS = 50, 3
