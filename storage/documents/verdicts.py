"""Storing verdicts on documents, with what filters and the register find them by."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from itertools import combinations
from typing import Any

from sqlalchemy import delete, insert, select, update

from storage.database import sql
from storage.database.columns import json_of, record_of
from storage.database.session import Session
from storage.documents.tables import (
    Bands,
    Documents,
    Matches,
    MatchKeys,
    MatchParties,
    MatchRules,
    MatchTopics,
)
from storage.records import Card, Fingerprint, Judged, Judgement, SecondReading, Verdict
from storage.register.decisions import has_pin, pins
from storage.register.entry import PinKind, as_added


def replace_verdict(
    s: Session, document_id: int, judgement: Judgement, fingerprint: Fingerprint, now: datetime
) -> None:
    """Write the verdict on a document, not the register. What a curator added stays a report."""
    verdict = judgement.verdict
    if s.scalar(select(has_pin(document_id, PinKind.RELEVANT))):
        verdict = as_added(verdict, pins(s, [document_id]))
    for statement in _DELETE_KEYS:
        sql.for_all(s, statement, [document_id])
    values = _row(document_id, judgement._replace(verdict=verdict), fingerprint, now)
    _insert_keys(s, [(document_id, verdict, fingerprint)])
    if verdict.relevant:
        published_on = s.scalar(select(Documents.published_on).where(Documents.id == document_id))
        values["happened_on"] = verdict.card.event_date or published_on
    sql.put(s, Matches, **values)


def write_verdicts(s: Session, numbered: Sequence[tuple[int, Judged]], now: datetime) -> None:
    """Write the verdicts on documents that have none yet, with a statement for each table."""
    rows = []
    for number, judged in numbered:
        row = _row(number, judged.judgement, judged.fingerprint, now)
        if judged.verdict.relevant:
            row["happened_on"] = judged.verdict.card.event_date or judged.document.published_on
        rows.append(row)
    _insert_keys(s, ((number, one.verdict, one.fingerprint) for number, one in numbered))
    sql.put_all(s, Matches, rows)


def _row(
    document_id: int, judgement: Judgement, fingerprint: Fingerprint, now: datetime
) -> dict[str, Any]:
    return verdict_values(judgement.verdict) | {
        "document_id": document_id,
        "clues": judgement.clues,
        "quote": judgement.quote,
        "judged_at": now,
        "copy_group": fingerprint.text_hash,  # until `join_copies` joins it with its copies
        "happened_on": None,
    }


_DELETE_KEYS = tuple(
    delete(table).where(table.document_id.in_(sql.IDS))
    for table in (MatchParties, MatchKeys, MatchTopics, Bands, MatchRules)
)


def _insert_keys(s: Session, judged: Iterable[tuple[int, Verdict, Fingerprint]]) -> None:
    """Write what filters find relevant documents by, and those that wait for review; and what other
    reports find the relevant ones by.
    """
    rows: list[list[dict[str, Any]]] = [[] for _ in _INSERT_KEYS]
    parties, keys, topics, rules, bands = rows
    for number, verdict, fingerprint in judged:
        if not (verdict.relevant or verdict.near_miss):
            continue
        of_document: dict[str, Any] = {"document_id": number}
        codes = party_codes(verdict.card)
        found_by = verdict.found_by or [rule.id for rule in verdict.rules if verdict.near_miss]
        parties += [of_document | {"party": code, "taking_part": codes[code]} for code in codes]
        topics += [of_document | {"topic": topic} for topic in verdict.card.topics]
        rules += [of_document | {"rule": rule} for rule in dict.fromkeys(found_by)]
        if not verdict.relevant:
            continue
        keys += [of_document | {"key": key} for key in sorted(keys_of(codes))]
        of_document["algorithm"] = fingerprint.algorithm
        bands += [of_document | {"band": band} for band in dict.fromkeys(fingerprint.bands)]
    for statement, found in zip(_INSERT_KEYS, rows, strict=True):
        if found:
            s.execute(statement, found)


_INSERT_KEYS = tuple(map(insert, (MatchParties, MatchKeys, MatchTopics, MatchRules, Bands)))


def silence(s: Session, document_ids: Sequence[int]) -> None:
    """Mark documents as no reports any more; their verdicts and the register stay."""
    for statement in (*_DELETE_KEYS, _SILENCE):
        sql.for_all(s, statement, document_ids)


_SILENCE = (
    update(Matches)
    .where(Matches.document_id.in_(sql.IDS))
    .values(relevant=False, registers=False, near_miss=False)
)


# --- the keys by which reports of one block are found ---------------------------------------------
#
# A report that names at least two parties has a key for each pair of them ("IT-TN"), and so is
# compared with all reports that name two of the same parties. A report that names fewer is compared
# with others of its kind, by each pair of its codes, runners-up included ("~IT-TN"), or by its only
# code ("~IT").


def keys_of(codes: Mapping[str, bool]) -> set[str]:
    """The keys by which others find a report; `codes` are those of `party_codes`."""
    keys = _pairs(codes)
    return keys if _names_two(codes) else keys | {f"~{code}" for code in codes}


def requested_keys(codes: Mapping[str, bool]) -> set[str]:
    """Return the keys that a report looks for: a single code only if it names no other."""
    return _pairs(codes) or {f"~{code}" for code in codes}


def _pairs(codes: Mapping[str, bool]) -> set[str]:
    if _names_two(codes):
        parties = sorted(code for code, is_party in codes.items() if is_party)
        return {"-".join(pair) for pair in combinations(parties, 2)}
    return {"~" + "-".join(pair) for pair in combinations(sorted(codes), 2)}


def _names_two(codes: Mapping[str, bool]) -> bool:
    return sum(codes.values()) > 1


# --- verdicts as rows, and back; what no filter needs is stored as JSON ---------------------------


# The fields of a verdict that have a column of their name; the card has several more.
_OF_VERDICT = (
    *("relevant", "near_miss", "score", "threshold", "rules", "evidence", "vetoes"),
    *("card", "probability", "frame", "reasons", "second_reading"),
)


def card_of(stored: dict[str, Any]) -> Card:
    return record_of(Card, stored)


def verdict_values(verdict: Verdict) -> dict[str, Any]:
    """Return the columns of `matches` that depend on the verdict alone."""
    stored = json_of(verdict)
    reading = verdict.second_reading
    return {name: stored[name] for name in _OF_VERDICT} | {
        "registers": verdict.relevant and verdict.registers,
        "card": _without_empty(stored["card"]),
        "status": verdict.card.status,
        "instrument": verdict.card.instrument,
        "second_reading": reading_json(reading) if reading else None,
    }


def reading_json(reading: SecondReading) -> dict[str, Any]:
    stored = json_of(reading)
    cards = {name: _without_empty(stored[name] or {}) for name in ("card", "rules_card")}
    return _without_empty(stored | cards)


def _without_empty(stored: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in stored.items() if value not in (None, "", [], {})}


def reading_of(stored: dict[str, Any] | None) -> SecondReading | None:
    """Return the second reading from what `reading_json` wrote; None if there was none."""
    return None if stored is None else record_of(SecondReading, stored)


def verdict_of(row: Any, language: str) -> Verdict:
    """Return the verdict from a row of `matches`, except for what only the register needs."""
    stored = {name: getattr(row, name) for name in _OF_VERDICT}
    given = {name: value for name, value in stored.items() if value is not None}
    return record_of(Verdict, given | {"language": language})


def party_codes(card: Card) -> dict[str, bool]:
    """Return the codes by which a report may be found: parties (True) and runners-up (False)."""
    return dict.fromkeys(card.runners_up, False) | dict.fromkeys(card.parties, True)
