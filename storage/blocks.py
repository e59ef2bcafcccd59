"""The part of the register that a change can touch, as reports for `partition`."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Set
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import combinations
from typing import Any

from sqlalchemy import ColumnElement, ScalarSelect, Select, bindparam, func, insert, or_, select
from sqlalchemy.orm import Session

from storage.agreements import agreement_ids
from storage.documents import voices
from storage.records import Pin, PinKind, Report
from storage.tables import Documents, Matches, MatchParties, Pins, Reports
from storage.verdicts import card_of
from storage.writing import IDS, plain, rows_of

_DOCUMENTS, _MATCHES, _PARTIES = plain(Documents), plain(Matches), plain(MatchParties)
_REPORTS, _PINS = plain(Reports), plain(Pins)


def touched_reports(s: Session, document_ids: Collection[int]) -> list[Report]:
    """The block of these documents (just stored, judged anew or pinned): every report that could share an
    agreement with one of them, and all reports of the agreements that those stand in. By document id.

    Two reports can share an agreement where both name two parties of it (or the same one, where they name
    no more), where one names a runner-up and they tell of the same days, where their texts are copies, or
    where a pin joins them.
    """
    found = set(document_ids) | _copies(s, document_ids)
    seeds = _seeds(s, document_ids)
    found |= _by_parties(s, seeds)
    for seed in seeds:
        found |= _by_days(s, seed)
    fresh: Set[int] = found
    while fresh:  # a pin may lead to another agreement, and that to another pin
        reached = set(_members(s, agreement_ids(s, fresh)))
        reached |= {other for pin in pins(s, fresh) for other in (pin.document_id, pin.other_document_id) if other}
        fresh = reached - found
        found |= fresh
    return list(_reports(s, found))


def pins(s: Session, document_ids: Iterable[int]) -> list[Pin]:
    """The curators' decisions that name one of these documents, oldest first."""
    found = {}
    for row in rows_of(s, _NAMING, document_ids):
        fields = row._asdict()
        row_id = fields.pop("id")
        found[row_id] = Pin(**fields | {"kind": PinKind(row.kind)})
    return [found[row_id] for row_id in sorted(found)]


_NAMING = select(_PINS).where(or_(_PINS.c.document_id.in_(IDS), _PINS.c.other_document_id.in_(IDS)))


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
    for document_id, party, taking_part in rows_of(s, _PARTIES_OF, document_ids):
        codes.setdefault(document_id, {})[party] = taking_part
    days = {row.document_id: row.happened_on for row in rows_of(s, _DAYS_OF, document_ids)}
    for pin in pins(s, document_ids):
        if pin.kind is PinKind.FIELD and pin.field == "parties":
            named = [code.strip() for code in (pin.value or "").split(",")]
            codes.setdefault(pin.document_id, {}).update(dict.fromkeys(filter(None, named), True))
    return {
        _Seed(frozenset(code for code, part in named.items() if part), frozenset(named), days.get(document_id))
        for document_id, named in codes.items()
    }


_PARTIES_OF = select(_PARTIES.c.document_id, _PARTIES.c.party, _PARTIES.c.taking_part).where(
    _PARTIES.c.document_id.in_(IDS)
)
_DAYS_OF = select(_MATCHES.c.document_id, _MATCHES.c.happened_on).where(_MATCHES.c.document_id.in_(IDS))


def _by_parties(s: Session, seeds: Iterable[_Seed]) -> set[int]:
    """Reports that name two parties of one of them, whenever; or, where it names one, those that name only this one."""
    asked: set[tuple[bool, tuple[str, ...]]] = set()
    for seed in seeds:
        asked |= {(len(seed.parties) > 1, pair) for pair in seed.pairs}
        if len(seed.codes) == 1:
            asked.add((False, tuple(seed.codes)))
    found: set[int] = set()
    for taking_part, codes in asked:
        statement = _WITH_ONLY if len(codes) == 1 else _WITH_BOTH if taking_part else _WITH_BOTH_AT_MOST_ONE_PARTY
        found.update(s.scalars(statement, dict(zip(("one", "other"), codes, strict=False))))
    return found


def _taking_part(document_id: ColumnElement[int]) -> ScalarSelect[int]:
    counted = _PARTIES.alias()
    mine = (counted.c.document_id == document_id) & counted.c.taking_part.is_(True)
    return select(func.count()).select_from(counted).where(mine).scalar_subquery()


def _with_both() -> tuple[Select[Any], Select[Any]]:
    """Reports that name both: two of their parties; any codes of those that have no two parties."""
    second = _PARTIES.alias()
    both = (
        select(_PARTIES.c.document_id)
        .join(second, second.c.document_id == _PARTIES.c.document_id)
        .where(_PARTIES.c.party == bindparam("one"), second.c.party == bindparam("other"))
    )
    parties = both.where(_PARTIES.c.taking_part.is_(True), second.c.taking_part.is_(True))
    return parties, both.where(_taking_part(_PARTIES.c.document_id) < 2)


_WITH_BOTH, _WITH_BOTH_AT_MOST_ONE_PARTY = _with_both()
_WITH_ONLY = select(_PARTIES.c.document_id).where(
    _PARTIES.c.party == bindparam("one"), _taking_part(_PARTIES.c.document_id) < 2
)


def _by_days(s: Session, seed: _Seed) -> set[int]:
    """Agreements with a report of the same days that name, among all their reports, two of its codes.

    In steps, from the few reports of the days: asked at once, SQLite begins with all reports of a party.
    """
    if seed.day is None:
        return set()
    days = {"first": seed.day - RUNNER_UP_DAYS, "last": seed.day + RUNNER_UP_DAYS}
    members = _members(s, s.scalars(_AGREEMENTS_OF_DAYS, days))
    named: dict[int, set[str]] = {}
    for document_id, party, _ in rows_of(s, _PARTIES_OF, members):
        named.setdefault(members[document_id], set()).add(party)
    least = min(2, len(seed.codes))
    meeting = {agreement_id for agreement_id, codes in named.items() if len(codes & seed.codes) >= least}
    return {document_id for document_id, agreement_id in members.items() if agreement_id in meeting}


def _copies(s: Session, document_ids: Collection[int]) -> set[int]:
    own = set(voices(s, document_ids).values())
    return {row.document_id for row in rows_of(s, _OF_VOICES, own)}


def _members(s: Session, ids: Iterable[int]) -> dict[int, int]:
    """The documents of these agreements: document id -> agreement's row id."""
    return {row.document_id: row.agreement_id for row in rows_of(s, _MEMBERS, ids)}


_AGREEMENTS_OF_DAYS = (
    select(_REPORTS.c.agreement_id)
    .join(_MATCHES, _MATCHES.c.document_id == _REPORTS.c.document_id)
    .where(_MATCHES.c.happened_on.between(bindparam("first"), bindparam("last")))
    .distinct()
)
_OF_VOICES = select(_MATCHES.c.document_id).where(_MATCHES.c.voice.in_(IDS))
_MEMBERS = select(_REPORTS.c.document_id, _REPORTS.c.agreement_id).where(_REPORTS.c.agreement_id.in_(IDS))


def _reports(s: Session, document_ids: Iterable[int]) -> Iterator[Report]:
    return map(_report, rows_of(s, _RELEVANT, sorted(document_ids)))


_RELEVANT = (
    select(
        _DOCUMENTS.c.id,
        _MATCHES.c.card,
        _DOCUMENTS.c.title,
        _DOCUMENTS.c.language,
        _DOCUMENTS.c.outlet,
        _DOCUMENTS.c.published_on,
        _DOCUMENTS.c.first_seen_at,
        _DOCUMENTS.c.text_hash,
        _MATCHES.c.voice,
        _MATCHES.c.quote,
        _MATCHES.c.clues,
    )
    .join(_MATCHES, _MATCHES.c.document_id == _DOCUMENTS.c.id)
    .where(_MATCHES.c.relevant.is_(True), _DOCUMENTS.c.id.in_(IDS))
    .order_by(_DOCUMENTS.c.id)
)


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
