"""Converting verdicts to rows and back. What no filter needs is stored as JSON."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from storage.records import (
    Card,
    DateBasis,
    Evidence,
    Instrument,
    ReadFrame,
    Reason,
    RuleScore,
    SecondReading,
    Status,
    Topic,
    Verdict,
    Zone,
)


def card_json(card: Card) -> dict[str, Any]:
    """Return a card as a JSON object, without the unknown fields."""
    days = {
        name: day.isoformat() if day else None
        for name, day in (("event_date", card.event_date), ("expected_on", card.expected_on))
    }
    kept = _fields(card) | days
    return {key: value for key, value in kept.items() if value not in (None, (), [])}


def card_of(kept: dict[str, Any]) -> Card:
    """Return the card from what `card_json` wrote."""
    event_date = kept.get("event_date")
    basis = kept.get("event_date_basis")
    expected_on = kept.get("expected_on")
    instrument = kept.get("instrument")
    status = kept.get("status")
    return Card(
        parties=tuple(kept.get("parties", ())),
        instrument=Instrument(instrument) if instrument else None,
        topics=tuple(map(Topic, kept.get("topics", ()))),
        status=Status(status) if status else None,
        event_date=date.fromisoformat(event_date) if event_date else None,
        event_date_basis=DateBasis(basis) if basis else None,
        expected_on=date.fromisoformat(expected_on) if expected_on else None,
        place=kept.get("place"),
        place_key=kept.get("place_key"),
        party_scores=tuple((code, score) for code, score in kept.get("party_scores", ())),
    )


def verdict_values(verdict: Verdict) -> dict[str, Any]:
    """Return the columns of `matches` that depend on the verdict alone."""
    return {
        "relevant": verdict.relevant,
        "registers": verdict.relevant and verdict.registers,
        "near_miss": verdict.near_miss,
        "score": verdict.score,
        "threshold": verdict.threshold,
        "rules": list(map(_fields, verdict.rules)),
        "evidence": list(map(_fields, verdict.evidence)),
        "vetoes": verdict.vetoes,
        "card": card_json(verdict.card),
        "status": verdict.card.status,
        "instrument": verdict.card.instrument,
        "probability": verdict.probability,
        "frame": _fields(verdict.frame) if verdict.frame else None,
        "reasons": list(map(_fields, verdict.reasons)),
        "second_reading": reading_json(verdict.second_reading) if verdict.second_reading else None,
    }


def reading_json(reading: SecondReading) -> dict[str, Any]:
    """Return a second reading as a JSON object, without what is empty."""
    kept = _fields(reading) | {
        "read_at": reading.read_at.isoformat(),
        "card": card_json(reading.card),
        "rules_card": card_json(reading.rules_card) if reading.rules_card else None,
    }
    return {key: value for key, value in kept.items() if value not in (None, "", {})}


def reading_of(kept: dict[str, Any] | None) -> SecondReading | None:
    """Return the second reading from what `reading_json` wrote; None if there was none."""
    if kept is None:
        return None
    rules_card = kept.get("rules_card")
    values = kept | {
        "read_at": datetime.fromisoformat(kept["read_at"]),
        "card": card_of(kept.get("card", {})),
        "rules_card": None if rules_card is None else card_of(rules_card),
    }
    return SecondReading(**values)


def verdict_of(row: Any, language: str) -> Verdict:
    """Return the verdict from a row of `matches`, except for what only the register asks for."""
    return Verdict(
        relevant=row.relevant,
        score=row.score,
        threshold=row.threshold,
        language=language,
        rules=tuple(RuleScore(**kept) for kept in row.rules),
        card=card_of(row.card),
        evidence=tuple(Evidence(**kept | {"zone": Zone(kept["zone"])}) for kept in row.evidence),
        vetoes=tuple(row.vetoes),
        near_miss=row.near_miss,
        probability=row.probability,
        frame=frame_of(row.frame),
        reasons=tuple(Reason(**kept) for kept in row.reasons or ()),
        second_reading=reading_of(row.second_reading),
    )


def frame_of(kept: dict[str, Any] | None) -> ReadFrame | None:
    """Return the frame from its JSON object; None where the judge was not asked."""
    if kept is None:
        return None
    return ReadFrame(**kept | {"parties": tuple(kept.get("parties", ()))})


def _fields(
    record: Card | RuleScore | Evidence | ReadFrame | Reason | SecondReading,
) -> dict[str, Any]:
    """Return the fields by name; `dataclasses.asdict` copies them and takes ten times as long."""
    return {name: getattr(record, name) for name in record.__slots__}


def party_codes(card: Card) -> dict[str, bool]:
    """Return the codes by which a report may be found: parties (True) and runners-up (False)."""
    return dict.fromkeys(card.runners_up, False) | dict.fromkeys(card.parties, True)
