"""The part of the register that a change can touch, as reports for `partition`."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from itertools import combinations
from typing import Any

from sqlalchemy import Select, func, insert, or_, select
from sqlalchemy.orm import Session, aliased

from storage.agreements import agreement_ids
from storage.records import Pin, PinKind, Report
from storage.tables import Documents, Matches, MatchParties, Pins, Reports
from storage.verdicts import card_of
from storage.writing import chunks


def touched_reports(s: Session, document_ids: Collection[int]) -> list[Report]:
    """The block of these documents (just stored, judged anew or pinned): every report that could share an
    agreement with one of them, and all reports of the agreements that those stand in. By document id.

    Two reports can share an agreement where they have two parties in common, runners-up among them (one,
    where a report names no more), where their texts are copies, or where a pin joins them.
    """
    found = set(document_ids)
    found |= _meeting(s, _codes(s, document_ids))
    found |= _copies(s, document_ids)
    size = -1
    while len(found) != size:  # a pin may lead to another agreement, and that to another pin
        size = len(found)
        found |= _companions(s, found)
        found |= {other for pin in pins(s, found) for other in (pin.document_id, pin.other_document_id) if other}
    return list(_reports(s, found))


def pins(s: Session, document_ids: Iterable[int]) -> list[Pin]:
    """The curators' decisions that name one of these documents, oldest first."""
    found = {}
    for chunk in chunks(document_ids):
        named = or_(Pins.document_id.in_(chunk), Pins.other_document_id.in_(chunk))
        for row in s.execute(select(*Pins.__table__.columns).where(named)):
            fields = row._asdict()
            row_id = fields.pop("id")
            found[row_id] = Pin(**fields | {"kind": PinKind(row.kind)})
    return [found[row_id] for row_id in sorted(found)]


def add_pin(s: Session, pin: Pin) -> None:
    """Keep a curator's decision. `pin.at` must be set."""
    values = {
        "kind": pin.kind,
        "document_id": pin.document_id,
        "other_document_id": pin.other_document_id,
        "field": pin.field,
        "value": pin.value,
        "who": pin.who,
        "why": pin.why,
        "at": pin.at,
    }
    s.execute(insert(Pins).values(values))


def _codes(s: Session, document_ids: Collection[int]) -> set[frozenset[str]]:
    codes: dict[int, set[str]] = {}
    for chunk in chunks(document_ids):
        rows = select(MatchParties.document_id, MatchParties.party).where(MatchParties.document_id.in_(chunk))
        for document_id, party in s.execute(rows):
            codes.setdefault(document_id, set()).add(party)
    return {frozenset(parties) for parties in codes.values()}


def _meeting(s: Session, party_sets: Iterable[frozenset[str]]) -> set[int]:
    pairs: set[tuple[str, str]] = set()
    single: set[str] = set()
    for parties in party_sets:
        if len(parties) == 1:
            single |= parties
        pairs.update(combinations(sorted(parties), 2))
    found: set[int] = set()
    for pair in sorted(pairs):
        found.update(s.scalars(_with_both(*pair)))
    for party in sorted(single):
        found.update(s.scalars(_with_only(party)))
    return found


def _with_both(one: str, other: str) -> Select[int]:
    second = aliased(MatchParties)
    return (
        select(MatchParties.document_id)
        .join(second, second.document_id == MatchParties.document_id)
        .where(MatchParties.party == one, second.party == other)
    )


def _with_only(party: str) -> Select[int]:
    count = select(func.count()).where(MatchParties.document_id == Matches.document_id).scalar_subquery()
    named = select(MatchParties.document_id).where(MatchParties.party == party)
    return select(Matches.document_id).where(Matches.document_id.in_(named), count == 1)


def _copies(s: Session, document_ids: Collection[int]) -> set[int]:
    found: set[int] = set()
    relevant = Matches.relevant.is_(True)
    for chunk in chunks(document_ids):
        voices = select(Matches.voice).where(Matches.document_id.in_(chunk), relevant)
        found.update(s.scalars(select(Matches.document_id).where(Matches.voice.in_(voices), relevant)))
    return found


def _companions(s: Session, document_ids: Collection[int]) -> set[int]:
    found: set[int] = set()
    for chunk in chunks(agreement_ids(s, document_ids)):
        found.update(s.scalars(select(Reports.document_id).where(Reports.agreement_id.in_(chunk))))
    return found


def _reports(s: Session, document_ids: Iterable[int]) -> Iterator[Report]:
    columns = (
        Documents.id,
        Matches.card,
        Documents.title,
        Documents.language,
        Documents.outlet,
        Documents.published_on,
        Documents.first_seen_at,
        Documents.text_hash,
        Matches.voice,
        Matches.quote,
        Matches.clues,
    )
    relevant = select(*columns).join(Matches, Matches.document_id == Documents.id).where(Matches.relevant.is_(True))
    for chunk in chunks(sorted(document_ids)):
        for row in s.execute(relevant.where(Documents.id.in_(chunk)).order_by(Documents.id)):
            yield _report(row)


def _report(row: Any) -> Report:
    return Report(
        document_id=row.id,
        card=card_of(row.card),
        title=row.title,
        language=row.language,
        outlet=row.outlet,
        published_on=row.published_on,
        seen_on=row.first_seen_at.date(),
        text_hash=row.text_hash,
        voice=row.voice,
        quote=row.quote,
        clues=tuple(row.clues),
    )
