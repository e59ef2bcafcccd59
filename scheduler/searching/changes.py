"""What the register has learnt since a moment, whenever it happened: the newest first."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from scheduler.words.labels import Labels
from scheduler.words.names import name_of, name_parts
from storage.database.session import Session
from storage.filter import Filter
from storage.news import learnt_of, news_since
from storage.records import NewsKind
from storage.register.given_names import given_names
from storage.register.records import Agreement, Step

DAYS = 7  # unless somebody says since when
COLUMNS = (
    *("learnt_at", "kind", "agreement_id", "name", "status", "on", "parties", "certainty"),
    *("place", "quote", "document_ids", "listed_since"),
)


@dataclass(frozen=True, slots=True)
class Learned:
    """An agreement that is new, or a new step of a known one. `step` is that step, and the present
    one of a new agreement; None if it has none.
    """

    kind: NewsKind
    agreement: Agreement
    step: Step | None
    learnt_at: datetime
    given: str | None = None
    listed_at: datetime | None = None  # when a list first had the agreement

    def news(self, labels: Labels) -> str:
        """What kind of news it is, in words."""
        return labels.say("listed.update" if self.listed_at else f"kinds.{self.kind}")

    def dates(self, labels: Labels) -> str:
        """Since when a list has it, and when it was reported; "" for what no list has."""
        if self.listed_at is None:
            return ""
        since, day = labels.day(self.listed_at.date()), labels.day(self.learnt_at.date())
        return labels.say("listed.dates", since=since, day=day)

    def name(self, labels: Labels) -> str:
        return name_of(name_parts(self.agreement, self.given), labels)


@dataclass(frozen=True, slots=True)
class Changes:
    """What is new since a moment; `more` is how much was left out."""

    since: datetime
    lines: Sequence[Learned]
    more: int = 0


def begins(since: date | None, days: int, now: datetime) -> datetime:
    """The moment since which something is new: the begin of a day, by UTC, or so many days ago."""
    if since is not None:
        return datetime.combine(since, time(), UTC)
    return now - timedelta(days=days)


def changes_since(s: Session, flt: Filter, since: datetime, most: int) -> Changes:
    """What is new of the agreements that match a filter, whose days do not count here; at most so
    many agreements, and so many steps.
    """
    wanted = flt.but(since=None, until=None, by=None)
    news = news_since(s, since, most, wanted)
    steps = [(agreement, position) for agreement, position in news.steps]
    known = {one.id: one for one in (*news.agreements, *(one for one, _ in steps))}
    learnt, given = learnt_of(s, known.values()), given_names(s, known)
    lines = [
        Learned(
            NewsKind.NEW_AGREEMENT,
            one,
            one.history[-1] if one.history else None,
            learnt[one.id].minted_at,
            given.get(one.id),
        )
        for one in news.agreements
    ]
    lines += [
        Learned(
            NewsKind.NEW_STEP,
            one,
            one.history[position],
            learnt[one.id].steps[position],
            given.get(one.id),
            learnt[one.id].listed_at,
        )
        for one, position in steps
    ]
    lines.sort(key=lambda line: line.learnt_at, reverse=True)
    return Changes(since, lines, news.more_agreements + news.more_steps)


def change_row(line: Learned, labels: Labels) -> dict[str, Any]:
    """A line as programs read it."""
    one, step = line.agreement, line.step
    return {
        "learnt_at": line.learnt_at.astimezone(UTC).isoformat(timespec="seconds"),
        "kind": line.kind,
        "agreement_id": one.id,
        "name": line.name(labels),
        "status": step.status if step else one.status,
        "on": step.on.isoformat() if step and step.on else None,
        "parties": list(one.parties),
        "certainty": one.certainty,
        "place": one.place,
        "place_key": one.place_key,
        "quote": step.quote if step else "",
        "document_ids": list(step.document_ids if step else one.mentions),
        "listed_since": line.listed_at.date().isoformat() if line.listed_at else None,
    }
