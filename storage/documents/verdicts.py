"""Storing verdicts on documents, with what filters and the register find them by."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import bindparam, delete, insert, select, update
from sqlalchemy.orm import Session

from storage.database.columns import clean_json
from storage.database.statements import IDS, for_all, plain, put, put_all
from storage.documents.tables import (
    Bands,
    Documents,
    Matches,
    MatchKeys,
    MatchParties,
    MatchRules,
    MatchTopics,
)
from storage.documents.verdict_rows import party_codes, verdict_values
from storage.records import Fingerprint, Judged, Verdict
from storage.register.block_keys import keys_of
from storage.register.corrections import as_added
from storage.register.decisions import pins, says
from storage.register.records import PinKind

_DOCUMENTS, _BANDS = plain(Documents), plain(Bands)
_PARTIES, _TOPICS, _KEYS = plain(MatchParties), plain(MatchTopics), plain(MatchKeys)
_RULES = plain(MatchRules)


def replace_verdict(
    s: Session,
    document_id: int,
    verdict: Verdict,
    fingerprint: Fingerprint,
    clues: Sequence[str],
    *,
    quote: str = "",
    now: datetime,
) -> None:
    """Replace the verdict on a document. The register is not updated here.

    A document that a curator added remains a report, whatever the verdict.
    """
    if s.scalar(select(says(document_id, PinKind.RELEVANT))):
        verdict = as_added(verdict, pins(s, [document_id]))
    for statement in _DELETE_KEYS:
        for_all(s, statement, [document_id])
    write_verdict(s, document_id, verdict, fingerprint, clues, quote=quote, now=now)


def write_verdict(
    s: Session,
    document_id: int,
    verdict: Verdict,
    fingerprint: Fingerprint,
    clues: Sequence[str],
    *,
    quote: str,
    now: datetime,
) -> None:
    """Write the verdict on a document that has none yet."""
    if verdict.relevant:
        _insert_keys(s, document_id, verdict)
        _insert_rules(s, document_id, verdict)
        _insert_bands(s, document_id, fingerprint)
    values = _row(document_id, verdict, fingerprint, clues, quote, now)
    values["happened_on"] = _happened_on(s, document_id, verdict) if verdict.relevant else None
    put(s, Matches, "document_id", values)


def write_silent(s: Session, found: Iterable[tuple[int, Judged]], now: datetime) -> None:
    """Write the verdicts on documents that are no reports and have none yet, with one statement."""
    rows = [
        _row(number, one.verdict, one.fingerprint, one.clues, one.quote, now)
        for number, one in found
    ]
    put_all(s, Matches, "document_id", rows)


def _row(
    document_id: int,
    verdict: Verdict,
    fingerprint: Fingerprint,
    clues: Sequence[str],
    quote: str,
    now: datetime,
) -> dict[str, Any]:
    return verdict_values(verdict) | {
        "document_id": document_id,
        "clues": clean_json(clues),
        "quote": quote,
        "judged_at": now,
        "voice": fingerprint.text_hash,  # until `share_voice` joins it with its copies
        "happened_on": None,
    }


_DELETE_KEYS = tuple(
    delete(table).where(table.c.document_id.in_(IDS))
    for table in (_PARTIES, _KEYS, _TOPICS, _BANDS, _RULES)
)


def _happened_on(s: Session, document_id: int, verdict: Verdict) -> date | None:
    return verdict.card.event_date or s.scalar(_PUBLISHED_ON, {"document_id": document_id})


_PUBLISHED_ON = select(_DOCUMENTS.c.published_on).where(_DOCUMENTS.c.id == bindparam("document_id"))


def _insert_keys(s: Session, document_id: int, verdict: Verdict) -> None:
    codes = party_codes(verdict.card)
    if codes:
        rows = [
            {"party": code, "document_id": document_id, "taking_part": part}
            for code, part in codes.items()
        ]
        s.execute(_INSERT_PARTIES, rows)
        keys = sorted(keys_of(codes))
        s.execute(_INSERT_KEYS, [{"key": key, "document_id": document_id} for key in keys])
    if verdict.card.topics:
        topics = verdict.card.topics
        s.execute(_INSERT_TOPICS, [{"topic": one, "document_id": document_id} for one in topics])


def _insert_rules(s: Session, document_id: int, verdict: Verdict) -> None:
    if verdict.found_by:
        rows = [{"rule": rule, "document_id": document_id} for rule in verdict.found_by]
        s.execute(_INSERT_RULES, rows)


def _insert_bands(s: Session, document_id: int, fingerprint: Fingerprint) -> None:
    bands = dict.fromkeys(fingerprint.bands)
    if bands:
        rows = [
            {"algorithm": fingerprint.algorithm, "band": band, "document_id": document_id}
            for band in bands
        ]
        s.execute(_INSERT_BANDS, rows)


_INSERT_RULES = insert(_RULES)
_INSERT_PARTIES, _INSERT_KEYS = insert(_PARTIES), insert(_KEYS)
_INSERT_TOPICS, _INSERT_BANDS = insert(_TOPICS), insert(_BANDS)


def silence(s: Session, document_ids: Sequence[int]) -> None:
    """Mark documents as no longer being reports, but keep their verdicts. The register is not
    updated here.
    """
    for statement in (*_DELETE_KEYS, _SILENCE):
        for_all(s, statement, document_ids)


_SILENCE = (
    update(plain(Matches))
    .where(plain(Matches).c.document_id.in_(IDS))
    .values(relevant=False, registers=False, near_miss=False)
)
