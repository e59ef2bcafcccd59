"""Who decides about the register, and how a decision is stored and the register brought up to date
with it.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from crawler.ingest.clustering import cluster_anew, look_up
from crawler.ingest.ingest import replace_judgement
from crawler.judgement.judge import Rules, load_rules
from scheduler.decisions.curated_fields import written_field
from storage.database.session import Session
from storage.errors import AccordwatchError
from storage.lists import queries
from storage.notifications.outbox import queue_changes
from storage.records import Judged
from storage.register.decisions import add_decision, add_pins
from storage.register.entry import FIELDS, Decision, DecisionKind, Pin, PinKind
from storage.subscription import Subscription


@dataclass(frozen=True, slots=True)
class Curator:
    """Who decides, when and why; all three are stored with the decision. `subscriptions` are
    notified of what the decision brings to light. `rules` loads the rules that read a document
    which they missed at first.
    """

    who: str
    why: str
    at: datetime
    subscriptions: tuple[Subscription, ...] = ()
    rules: Callable[[], Rules] = load_rules

    def pin(self, kind: PinKind, document_id: int, **values: Any) -> Pin:
        return Pin(kind, document_id, who=self.who, why=self.why, at=self.at, **values)

    def decision(
        self,
        kind: DecisionKind,
        pins: Sequence[Pin],
        agreement_id: str | None = None,
        other: str | None = None,
    ) -> Decision:
        return Decision(kind, tuple(pins), self.who, self.why, self.at, agreement_id, other)

    def pins(self, document_id: int, fields: Mapping[str, str]) -> list[Pin]:
        return [
            self.pin(PinKind.FIELD, document_id, field=field, value=value)
            for field, value in fields.items()
        ]


class Decided(NamedTuple):
    """The number by which a decision can be undone, and the ids that its agreements have now."""

    number: int
    home: str = ""
    other: str = ""


def decide(
    s: Session,
    curator: Curator,
    decided: Decision,
    *,
    touched: Collection[int] = (),
    judged: Mapping[int, Judged] | None = None,
) -> int:
    """Store a decision and bring the register up to date. `touched`: documents whose agreements may
    change, too; `judged`: documents judged anew for it. Returns the decision's number.
    """
    concerned = {*touched, *(pin.document_id for pin in decided.pins)}
    look_up(s, concerned)
    was = _says(s, decided.agreement_id)
    number = note(s, decided)
    for document_id, one in (judged or {}).items():
        replace_judgement(s, document_id, one, curator.at)
    stood = cluster(s, concerned, curator)
    moved = sorted(stood.items() - queries.agreements_of(s, stood).items())
    add_pins(s, number, [Pin(PinKind.HOME, document, value=home) for document, home in moved])
    became = _says(s, decided.agreement_id)
    add_pins(s, number, changed(decided.pins[0].document_id, was, became))
    return number


def _says(s: Session, agreement_id: str | None) -> dict[str, str]:
    """What the entry says by field, and how many reports it has; nothing of one that is gone."""
    agreement = queries.agreement(s, agreement_id) if agreement_id else None
    if agreement is None:
        return {}
    said = {field: written_field(agreement, field) for field in FIELDS}
    return said | {"reports": str(len(agreement.report_ids))}


def changed(document_id: int, was: Mapping[str, str], became: Mapping[str, str]) -> list[Pin]:
    """The pins that keep, for readers, what a decision changed."""
    return [
        Pin(kind, document_id, field=field, value=said[field])
        for field in became
        if field in was and was[field] != became[field]
        for kind, said in ((PinKind.WAS, was), (PinKind.BECAME, became))
    ]


def note(s: Session, decided: Decision) -> int:
    for option, value in (("--why", decided.why), ("--who", decided.who)):
        if not value.strip():
            raise AccordwatchError(
                f"{option} is empty; it is stored with the decision for those who read it later"
            )
    return add_decision(s, decided)


def cluster(
    s: Session,
    concerned: Collection[int],
    curator: Curator,
    former: Mapping[int, str] | None = None,
) -> Mapping[int, str]:
    """Bring the register up to date. Returns where the reports stood that may have moved."""
    changes, homes = cluster_anew(s, concerned, curator.at, former=former or {})
    # A person looked at these reports, so their age does not matter.
    queue_changes(s, curator.subscriptions, changes, now=curator.at, oldest=None)
    return homes
