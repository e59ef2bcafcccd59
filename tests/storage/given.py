"""Documents as the pure stages would hand them over, for tests of the store."""

from __future__ import annotations

import hashlib
import re
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

from storage.database.session import Session
from storage.letters import fold_text
from storage.notifications.deliveries import Delivery, read_deliveries
from storage.notifications.digests import Claimed
from storage.notifications.tables import Deliveries, UserSubscription
from storage.records import (
    Card,
    DateBasis,
    Document,
    Evidence,
    Fingerprint,
    Instrument,
    Judged,
    RuleScore,
    SecondReading,
    Status,
    Topic,
    Verdict,
    Zone,
)
from storage.register.decisions import add_decision
from storage.register.entry import Decision, DecisionKind, Pin, PinKind
from storage.subscription import SubscriptionKind

NOW = datetime(2026, 3, 12, 9, 30, tzinfo=UTC)
CARD = Card(
    parties=("MA", "NE"),
    instrument=Instrument.DECLARATION,
    topics=(Topic.TRAFFICKING,),
    status=Status.SIGNED,
    event_date=date(2026, 3, 10),
    event_date_basis=DateBasis.TEXT,
    place="Rabat",
    place_key="rabat",
    party_scores=(("MA", 3.0), ("NE", 2.5), ("FR", 0.5)),
)


def judged(
    number: int = 1,
    *,
    card: Card = CARD,
    relevant: bool = True,
    near_miss: bool = False,
    **document: Any,
) -> Judged:
    """A judged document; `number` makes its text, id and address its own."""
    fields: dict[str, Any] = {
        "title": f"Rabat and Niamey sign a declaration ({number})",
        "text": f"The two ministers signed it on Tuesday. Copy number {number} of the agency's report.",
        "language": "en",
        "published_on": date(2026, 3, 11),
        "url": f"https://news.example/{number}",
        "outlet": "news.example",
        "external_id": f"doc-{number}",
    }
    made = Document(**fields | document)
    evidence = Evidence(
        rule="signing",
        concept="act.sign",
        zone=Zone.BODY,
        start=18,
        end=24,
        text=made.text[18:24],
        weight=2.0,
    )
    verdict = Verdict(
        relevant=relevant,
        score=7.5 if relevant else 1.0,
        threshold=5.0,
        language=made.language,
        rules=(RuleScore("signing", "1", 7.5),),
        card=card if relevant or near_miss else Card(),
        evidence=(evidence,),
        near_miss=near_miss,
    )
    return Judged(
        made,
        verdict,
        fingerprint(made.text),
        folded=fold_text(f"{made.title}\n{made.text}"),
        quote=_sentence_at(made.text, evidence.start),
        clues=("year:2026",),
    )


def _sentence_at(text: str, place: int) -> str:
    starts = [0, *(match.end() for match in re.finditer(r"(?<=[.!?])\s+", text))]
    start = max(one for one in starts if one <= place)
    return re.split(r"(?<=[.!?])\s", text[start:], maxsplit=1)[0].strip()


def kept_mail(**changed: Any) -> UserSubscription:
    """One by mail that was confirmed."""
    values: dict[str, Any] = {
        "kind": SubscriptionKind.MAIL,
        "filter": {},
        "name": "Border talks",
        "rate": "immediately",
        "timezone": "UTC",
        "language": "en",
        "made_by": "edda",
        "made_at": NOW,
        "page": "https://watch.example",
        "address": "amina@ngo.example",
        "link_key": "k" * 43,
        "confirmed_at": NOW,
    }
    return UserSubscription(**{**values, **changed})


def read_by_second(one: Judged, reading: SecondReading) -> Judged:
    """A document whose text a second reader has read; the answer changes nothing else of it."""
    verdict = one.verdict
    answer = replace(reading, rules_card=verdict.card, rules_outcome=verdict.outcome)
    return replace(one, verdict=replace(verdict, second_reading=answer))


def fingerprint(text: str, *bands: int) -> Fingerprint:
    """The hash of a text, with bands where copies matter."""
    return Fingerprint(
        hashlib.sha256(text.encode("utf-8", "replace")).hexdigest(),
        bands,
        "test-1" if bands else "",
    )


def card(**changes: Any) -> Card:
    """The card of the documents above, with these changes; no runners-up where the parties change."""
    if "parties" in changes:
        changes.setdefault("party_scores", tuple((code, 1.0) for code in changes["parties"]))
    return replace(CARD, **changes)


_DECIDED = {
    PinKind.MUST_LINK: DecisionKind.MERGE,
    PinKind.CANNOT_LINK: DecisionKind.SPLIT,
    PinKind.FIELD: DecisionKind.CORRECT,
    PinKind.IRRELEVANT: DecisionKind.IRRELEVANT,
    PinKind.RELEVANT: DecisionKind.RELEVANT,
    PinKind.CONFIRMED: DecisionKind.CONFIRM,
    PinKind.NAME: DecisionKind.RENAME,
}


def add_pin(s: Session, pin: Pin) -> int:
    """A decision of this pin alone; its number."""
    return add_decision(s, Decision(_DECIDED[pin.kind], (pin,), pin.who, pin.why, pin.at or NOW))


def deliveries_of(s: Session, claimed: Claimed) -> list[Delivery]:
    return read_deliveries(s, Deliveries.digest_id == claimed.digest_id)
