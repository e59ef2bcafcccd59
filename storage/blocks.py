"""The part of the register that a change can touch, as reports for `partition`."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import combinations
from typing import Any

from sqlalchemy import ColumnElement, ScalarSelect, Select, func, insert, or_, select
from sqlalchemy.orm import InstrumentedAttribute, Session, aliased

from storage.agreements import agreement_ids
from storage.documents import voices
from storage.records import Pin, PinKind, Report
from storage.tables import Documents, Matches, MatchParties, Pins, Reports
from storage.verdicts import card_of
from storage.writing import chunks


def touched_reports(s: Session, document_ids: Collection[int]) -> list[Report]:
    """The block of these documents (just stored, judged anew or pinned): every report that could share an
    agreement with one of them, and all reports of the agreements that those stand in. By document id.

    Two reports can share an agreement where both name two parties of it (or the same one, where they name
    no more), where one names a runner-up and they tell of the same days, where their texts are copies, or
    where a pin joins them.
    """
    found = set(document_ids) | _copies(s, document_ids)
    for seed in _seeds(s, document_ids):
        found |= _by_parties(s, seed)
        found |= _by_days(s, seed)
    size = -1
    while len(found) != size:  # a pin may lead to another agreement, and that to another pin
        size = len(found)
        found |= _members(s, agreement_ids(s, found)).keys()
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


# --- who could share an agreement -----------------------------------------------------------------

# A runner-up stands for a party only where both reports tell of the same days: anything else that two
# countries' reports mention in passing would tie the register together. The register's rule is 3 days.
RUNNER_UP_DAYS = timedelta(days=3)


@dataclass(frozen=True, slots=True)
class _Seed:
    """What a report is met by: parties that take part, all codes (runners-up too), its day."""

    parties: frozenset[str]
    codes: frozenset[str]
    day: date | None

    @property
    def pairs(self) -> list[tuple[str, str]]:
        """Two parties of it; of a report that names fewer, any two codes."""
        return list(combinations(sorted(self.parties if len(self.parties) > 1 else self.codes), 2))


def _seeds(s: Session, document_ids: Collection[int]) -> set[_Seed]:
    codes: dict[int, dict[str, bool]] = {}
    days: dict[int, date | None] = {}
    for chunk in chunks(document_ids):
        parties = select(MatchParties.document_id, MatchParties.party, MatchParties.taking_part)
        for document_id, party, taking_part in s.execute(parties.where(MatchParties.document_id.in_(chunk))):
            codes.setdefault(document_id, {})[party] = taking_part
        happened = select(Matches.document_id, Matches.happened_on).where(Matches.document_id.in_(chunk))
        days |= {row.document_id: row.happened_on for row in s.execute(happened)}
    for pin in pins(s, document_ids):
        if pin.kind is PinKind.FIELD and pin.field == "parties":
            named = [code.strip() for code in (pin.value or "").split(",")]
            codes.setdefault(pin.document_id, {}).update(dict.fromkeys(filter(None, named), True))
    return {
        _Seed(frozenset(code for code, part in named.items() if part), frozenset(named), days.get(document_id))
        for document_id, named in codes.items()
    }


def _by_parties(s: Session, seed: _Seed) -> set[int]:
    """Reports that name two of its parties, whenever; or, where it names one, those that name only this one."""
    found: set[int] = set()
    for one, other in seed.pairs:
        found.update(s.scalars(_with_both(one, other, taking_part=len(seed.parties) > 1)))
    if len(seed.codes) == 1:
        found.update(s.scalars(_with_only(*seed.codes)))
    return found


def _with_both(one: str, other: str, *, taking_part: bool) -> Select[int]:
    second = aliased(MatchParties)
    both = (
        select(MatchParties.document_id)
        .join(second, second.document_id == MatchParties.document_id)
        .where(MatchParties.party == one, second.party == other)
    )
    if taking_part:
        return both.where(MatchParties.taking_part.is_(True), second.taking_part.is_(True))
    return both.where(_taking_part(MatchParties.document_id) < 2)


def _with_only(party: str) -> Select[int]:
    return select(MatchParties.document_id).where(
        MatchParties.party == party, _taking_part(MatchParties.document_id) < 2
    )


def _taking_part(document_id: ColumnElement[int] | InstrumentedAttribute[int]) -> ScalarSelect[int]:
    counted = aliased(MatchParties)
    mine = (counted.document_id == document_id) & counted.taking_part.is_(True)
    return select(func.count()).select_from(counted).where(mine).scalar_subquery()


def _by_days(s: Session, seed: _Seed) -> set[int]:
    """Agreements with a report of the same days that name, among all their reports, two of its codes.

    In steps, from the few reports of the days: asked at once, SQLite begins with all reports of a party.
    """
    if seed.day is None:
        return set()
    same_days = Matches.happened_on.between(seed.day - RUNNER_UP_DAYS, seed.day + RUNNER_UP_DAYS)
    members = _members(s, agreement_ids(s, s.scalars(select(Matches.document_id).where(same_days))))
    named: dict[int, set[str]] = {}
    for chunk in chunks(members):
        parties = select(MatchParties.document_id, MatchParties.party).where(MatchParties.document_id.in_(chunk))
        for document_id, party in s.execute(parties):
            named.setdefault(members[document_id], set()).add(party)
    least = min(2, len(seed.codes))
    meeting = {agreement_id for agreement_id, codes in named.items() if len(codes & seed.codes) >= least}
    return {document_id for document_id, agreement_id in members.items() if agreement_id in meeting}


def _copies(s: Session, document_ids: Collection[int]) -> set[int]:
    found: set[int] = set()
    for chunk in chunks(set(voices(s, document_ids).values())):
        found.update(s.scalars(select(Matches.document_id).where(Matches.voice.in_(chunk))))
    return found


def _members(s: Session, ids: Iterable[int]) -> dict[int, int]:
    """The documents of these agreements: document id -> agreement's row id."""
    found: dict[int, int] = {}
    for chunk in chunks(ids):
        rows = select(Reports.document_id, Reports.agreement_id).where(Reports.agreement_id.in_(chunk))
        found |= {row.document_id: row.agreement_id for row in s.execute(rows)}
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
