"""What the register has learnt since a moment, whenever it happened: the newest first."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum

from scheduler.views.agreements import GRADE, NAME, PARTIES_OF, PLACE, PLACE_KEY, status_cell
from scheduler.views.columns import Column, Table, moment
from scheduler.views.decisions import leading
from scheduler.views.register_entries import Entry, named_entries
from scheduler.views.words.labels import Labels
from storage.database.session import Session
from storage.filter import Filter
from storage.lists.news import ALWAYS, corrected_since, learnt_of, news_since
from storage.records import Status
from storage.register.entry import Agreement, Decision, Step

DAYS = 7  # unless somebody says since when


class ChangeKind(StrEnum):
    NEW_AGREEMENT = "new_agreement"
    NEW_STEP = "new_step"
    CORRECTION = "correction"


@dataclass(frozen=True, slots=True)
class Learned:
    """A new agreement with its present step, a new step of a known one, or what a person corrected
    in an entry.
    """

    kind: ChangeKind
    entry: Entry
    step: Step | None
    learnt_at: datetime
    listed_at: datetime | None = None  # when a list first had the agreement
    correction: Decision | None = None

    @property
    def agreement(self) -> Agreement:
        return self.entry.agreement

    @property
    def name(self) -> str:
        return self.entry.name

    @property
    def status(self) -> Status | None:
        return self.step.status if self.step else self.agreement.status

    @property
    def document_ids(self) -> tuple[int, ...]:
        if self.correction is not None:
            return tuple(sorted(leading(self.correction)))
        return self.step.document_ids if self.step else self.agreement.mentions

    @property
    def on(self) -> date | None:
        """The day of the step; of a correction that of the entry, as it stands."""
        if self.correction is not None:
            return self.agreement.event_date
        return self.step.on if self.step else None

    def news(self, labels: Labels) -> str:
        """What kind of news it is, in words."""
        return labels.term("listed.update" if self.listed_at else f"kinds.{self.kind}")

    def dates(self, labels: Labels) -> str:
        """Since when a list has it, and when it was reported; "" for what no list has."""
        if self.listed_at is None:
            return ""
        since, day = labels.day(self.listed_at.date()), labels.day(self.learnt_at.date())
        return labels.say("in a list since {since}, reported now: {day}", since=since, day=day)


def begins(flt: Filter, days: int, now: datetime) -> datetime:
    """The moment since which something is new: the begin of a day (UTC) that a filter names, else
    so many days before its last day, or before now.
    """
    if flt.since is not None:
        return datetime.combine(flt.since, time(), UTC)
    end = min(now, _end(flt))
    return end - min(timedelta(days=days), end - datetime.min.replace(tzinfo=UTC))


def _end(flt: Filter) -> datetime:
    return datetime.combine(flt.until, time.max, UTC) if flt.until else ALWAYS


def changes_since(
    s: Session, flt: Filter, since: datetime, most: int, language: str = "en"
) -> tuple[list[Learned], int]:
    """What is new since then of the agreements that match a filter; at most so many agreements, and
    so many steps; and how much was left out. `until` of the filter is the last day (UTC) on which
    it was learnt; other days do not count here. `language` is the reader's.
    """
    before, flt = _end(flt), flt.but(since=None, until=None, by=None)
    news = news_since(s, since, most, flt, before)
    corrected = corrected_since(s, since, flt, before)
    told = corrected[:most]
    agreements = {
        one.id: one for one in (*news.agreements, *(one for one, _ in (*news.steps, *told)))
    }
    learnt = learnt_of(s, agreements.values())
    entries = {one.agreement.id: one for one in named_entries(s, [*agreements.values()], language)}
    lines = []
    for agreement in news.agreements:
        last, minted_at = (
            agreement.history[-1] if agreement.history else None,
            learnt[agreement.id].minted_at,
        )
        lines.append(Learned(ChangeKind.NEW_AGREEMENT, entries[agreement.id], last, minted_at))
    for agreement, position in news.steps:
        step, at = agreement.history[position], learnt[agreement.id].steps[position]
        entry, listed_at = entries[agreement.id], learnt[agreement.id].listed_at
        lines.append(Learned(ChangeKind.NEW_STEP, entry, step, at, listed_at))
    for agreement, decision in told:
        entry = entries[agreement.id]
        lines.append(Learned(ChangeKind.CORRECTION, entry, None, decision.at, correction=decision))
    lines.sort(key=lambda line: line.learnt_at, reverse=True)
    more = news.more_agreements + news.more_steps + len(corrected) - len(told)
    return lines, more


def _said(line: Learned, when: str) -> dict[str, str]:
    """What the entry said before or after a correction, by field."""
    changes = line.correction.changes if line.correction else ()
    return {change.field: getattr(change, when) for change in changes}


CHANGES = Table[Learned](
    "changes",
    (
        Column(
            "learnt_at",
            "datetime",
            lambda line: line.learnt_at.astimezone(UTC).isoformat(timespec="seconds"),
            cell=lambda line, _: moment(line.learnt_at),
            title="learnt",
        ),
        Column("kind", "string", values=ChangeKind, cell=Learned.news, title="news"),
        Column("agreement_id", "string", "agreement.id", required=True, title="id"),
        NAME,
        Column(
            "status",
            "string",
            values=Status,
            cell=lambda line, labels: status_cell(line.status, line.agreement, labels),
        ),
        Column("on", "date", title="day", empty="undated"),
        Column("expected_on", "date", lambda line: line.step and line.step.expected_on),
        PARTIES_OF,
        GRADE,
        PLACE,
        PLACE_KEY,
        Column("quote", "string", lambda line: line.step.quote if line.step else ""),
        Column("document_ids", "list"),
        Column(
            "listed_since", "date", lambda line: line.listed_at.date() if line.listed_at else None
        ),
        Column("decision", "integer", lambda line: line.correction and line.correction.id),
        Column("who", "string", lambda line: line.correction and line.correction.who),
        Column("why", "string", lambda line: line.correction and line.correction.why),
        Column("before", "object", lambda line: _said(line, "before")),
        Column("after", "object", lambda line: _said(line, "after")),
    ),
    ("learnt_at", "kind", "agreement_id", "name", "status", "grade", "on"),
)
