"""Blocks: the part of the register that a change can affect, as reports for `partition`."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Set
from datetime import date, timedelta
from typing import Any, NamedTuple

from sqlalchemy import bindparam, func, select

from storage.database import sql
from storage.database.columns import record_of
from storage.database.session import Session
from storage.documents.copies import copy_groups
from storage.documents.tables import Documents, Matches, MatchKeys, MatchParties
from storage.documents.verdicts import requested_keys
from storage.register.agreements import agreement_ids
from storage.register.decisions import pins
from storage.register.entry import Pin, PinKind, Report
from storage.register.tables import AgreementCodes, Reports


class Block(NamedTuple):
    """Its reports, ordered by document id; the documents that are no reports any more; the blocking
    keys that were looked up; and the pins on all of these, and on the documents `pinned` before.
    """

    reports: tuple[Report, ...]
    gone: frozenset[int]
    keys: frozenset[str]
    pins: list[Pin]


def read_block(
    s: Session,
    document_ids: Collection[int],
    *,
    held: Set[int] = frozenset(),
    keys: Set[str] = frozenset(),
    pinned: Set[int] = frozenset(),
) -> Block:
    """Read the block of these documents, which were just stored, judged anew or pinned.

    It holds every report that could share an agreement with one of them, and all reports of the
    agreements that those stand in. Two reports can share an agreement if both name the same two
    parties (or the same one, if they name no other), if one names a runner-up and they report the
    same days, if their texts are copies, or if a pin joins them.

    What the caller holds already is left out: the documents `held`, which are whole agreements with
    everything that the blocking keys `keys` find. The documents themselves and their copies are
    read again in any case.
    """
    own = set(document_ids) | _copies(s, document_ids)
    seeds = _seeds(s, document_ids)
    wanted_keys = {key for wanted, _, _ in seeds for key in wanted} - keys
    in_block = own | sql.values_among(s, MatchKeys.document_id, MatchKeys.key, wanted_keys)
    in_block |= _members(s, set[int]().union(*(_by_days(s, codes, day) for _, codes, day in seeds)))
    fresh: Set[int] = (in_block - held) | own
    while fresh:  # a pin may lead to another agreement, and that to another pin
        reached = _members(s, agreement_ids(s, fresh)) | _pinned(s, fresh)
        fresh = reached - in_block - held
        in_block |= fresh
    reports = tuple(map(_report, sql.rows_of(s, _RELEVANT, sorted((in_block - held) | own))))
    gone = frozenset(own - {report.document_id for report in reports})
    named = pinned | {report.document_id for report in reports} | gone
    return Block(reports, gone, frozenset(wanted_keys), pins(s, named))


def _pinned(s: Session, document_ids: Set[int]) -> set[int]:
    """Return all documents that are named in pins on these."""
    named = ((pin.document_id, pin.other_document_id) for pin in pins(s, document_ids))
    return {document_id for pair in named for document_id in pair if document_id is not None}


# --- who could share an agreement -----------------------------------------------------------------

# A runner-up counts as a party only if both reports are on the same days. Otherwise everything
# that reports mention in passing would tie the whole register together. The partition allows
# three days.
RUNNER_UP_DAYS = timedelta(days=3)


# What a report looks for others by: keys, codes (runners-up included) and its day.
_Seed = tuple[frozenset[str], frozenset[str], date | None]


def _seeds(s: Session, document_ids: Collection[int]) -> set[_Seed]:
    codes: dict[int, dict[str, bool]] = {}
    for document_id, party, taking_part in sql.rows_of(s, _PARTIES_OF, document_ids):
        codes.setdefault(document_id, {})[party] = taking_part
    days = sql.values_by(s, Matches.document_id, Matches.happened_on, document_ids)
    for pin in pins(s, document_ids):
        if pin.kind in (PinKind.FIELD, PinKind.READ_FIELD) and pin.field == "parties":
            named = [code.strip() for code in (pin.value or "").split(",")]
            codes.setdefault(pin.document_id, {}).update(dict.fromkeys(filter(None, named), True))
    return {
        (frozenset(requested_keys(named)), frozenset(named), days.get(document_id))
        for document_id, named in codes.items()
    }


_PARTIES_OF = (  # what waits for review has parties, and no part in the register
    select(MatchParties.document_id, MatchParties.party, MatchParties.taking_part)
    .join(Matches, Matches.document_id == MatchParties.document_id)
    .where(MatchParties.document_id.in_(sql.IDS), Matches.registers.is_(True))
)


def _by_days(s: Session, codes: frozenset[str], day: date | None) -> set[int]:
    """The agreements with reports of these days that name two of its codes (one if it has one)."""
    if day is None or not codes:
        return set()
    days = {"first": day - RUNNER_UP_DAYS, "last": day + RUNNER_UP_DAYS}
    named = {"ids": sorted(codes), "least": min(2, len(codes))}
    return set(s.scalars(_MET_ON_DAYS, days | named))


_OF_DAYS = (
    select(Reports.agreement_id)
    .join(Matches, Matches.document_id == Reports.document_id)
    .where(Matches.happened_on.between(bindparam("first"), bindparam("last")))
)
_MET_ON_DAYS = (
    select(AgreementCodes.agreement_id)
    .where(AgreementCodes.agreement_id.in_(_OF_DAYS), AgreementCodes.code.in_(sql.IDS))
    .group_by(AgreementCodes.agreement_id)
    .having(func.count() >= bindparam("least"))
)


def _copies(s: Session, document_ids: Collection[int]) -> set[int]:
    own = set(copy_groups(s, document_ids).values())
    return sql.values_among(s, Matches.document_id, Matches.copy_group, own)


def _members(s: Session, ids: Iterable[int]) -> set[int]:
    return sql.values_among(s, Reports.document_id, Reports.agreement_id, ids)


_RELEVANT = (
    select(
        Documents.id.label("document_id"),
        Matches.card,
        Documents.title,
        Documents.language,
        Documents.outlet,
        Documents.published_on,
        Documents.first_seen_at,
        Documents.dated_on,
        Documents.text_hash,
        Matches.copy_group,
        Matches.quote,
        Matches.clues,
        Matches.probability,
        Matches.second_reading["answer"].as_string().label("answer"),
    )
    .join(Matches, Matches.document_id == Documents.id)
    .where(Matches.registers.is_(True), Documents.id.in_(sql.IDS))
    .order_by(Documents.id)
)


def reports_of(s: Session, document_ids: Iterable[int]) -> dict[int, Report]:
    """Return those of these documents that are reports, as the rules and a reader of single texts
    see them: without the corrections of pins.
    """
    return {row.document_id: _report(row) for row in sql.rows_of(s, _RELEVANT, document_ids)}


def _report(row: Any) -> Report:
    values = row._asdict()
    first_seen_at, dated_on = values.pop("first_seen_at"), values.pop("dated_on")
    # of one that came from another installation, the day on which that one saw it first
    seen_on = first_seen_at.date() if row.published_on else dated_on
    if values.pop("answer") == "yes":
        values["probability"] = None  # as sure as if a person had looked
    return record_of(Report, values | {"seen_on": seen_on})
