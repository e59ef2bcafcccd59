"""What a subscription would have told over all that is stored, to help with writing a new one."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from storage import queries
from storage.database.session import Session
from storage.notifications.desk import Witnesses
from storage.records import NewsKind, Status
from storage.register.records import Agreement, Step
from storage.search.filtering import Witness, wants
from storage.subscription import Subscription


@dataclass(frozen=True, slots=True)
class Foretold:
    """Something that would have been told on the day of its first report.

    `document_ids` are the reports that fit. `title` is a headline of the agreement, or of the
    document if it belongs to none.
    """

    on: date
    kind: NewsKind
    agreement: Agreement | None
    status: Status | None
    title: str
    step_on: date | None
    document_ids: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Rehearsal:
    """What would have been told from `since` to `until`, newest first."""

    told: tuple[Foretold, ...]
    since: date
    until: date

    @property
    def a_week(self) -> float:
        days = (self.until - self.since).days + 1
        return len(self.told) / max(1.0, days / 7)

    @property
    def fullest_week(self) -> tuple[date, int]:
        """The Monday of the week in which most was told, and how much that was. Of several such
        weeks it is the first. Raises ValueError if nothing was told.
        """
        mondays = [one.on - timedelta(days=one.on.weekday()) for one in self.told]
        fullest = max(mondays, key=lambda monday: (mondays.count(monday), -monday.toordinal()))
        return fullest, mondays.count(fullest)


def rehearse(
    s: Session, subscription: Subscription, until: date, since: date | None = None
) -> Rehearsal:
    """What would have been told from `since` on, or from the first news on.

    Each step that fits is told once, on the day of the first report that fits, as if each report
    had come on the day of its date. Documents are told if a rule found them that the filter names.
    """
    found = sorted(_told(s, subscription, since), key=lambda one: one.on, reverse=True)
    begins = since or (found[-1].on if found else until)
    return Rehearsal(tuple(one for one in found if begins <= one.on <= until), begins, until)


def _told(s: Session, subscription: Subscription, since: date | None) -> Iterator[Foretold]:
    # A status may be one that the agreement had earlier, so statuses are compared step by step.
    flt = subscription.filter.but(statuses=())
    witnesses = Witnesses(s, with_words=bool(flt.query), with_rules=bool(flt.rules))
    found = queries.agreements(s, flt, reported_since=since)
    witnesses.look_up(
        document for one in found for step in one.history for document in step.document_ids
    )
    for agreement in found:
        yield from _steps(subscription, agreement, witnesses)
    if flt.rules:
        for row in queries.search(s, subscription.filter):
            if row.agreement_id is None:
                (witness,) = witnesses.of([row.id])
                on, step_on = witness.dated_on, row.event_date
                yield Foretold(
                    on=on,
                    kind=NewsKind.NEW_DOCUMENT,
                    agreement=None,
                    status=row.status,
                    title=row.title,
                    step_on=step_on,
                    document_ids=(row.id,),
                )


def _steps(
    subscription: Subscription, agreement: Agreement, witnesses: Witnesses
) -> Iterator[Foretold]:
    fitting: list[tuple[date, Step, tuple[int, ...]]] = []
    for step in agreement.history:
        published = [one for one in step.document_ids if one not in agreement.listed]
        reports = witnesses.of(published)
        seen = [one for one in reports if _fits(subscription, agreement, step, one)]
        if seen:
            first_on = min(one.dated_on for one in seen)
            fitting.append((first_on, step, tuple(one.document_id for one in seen)))
    for index, (on, step, documents) in enumerate(sorted(fitting, key=lambda one: one[0])):
        is_known = index > 0 or bool(agreement.listed)
        kind = NewsKind.NEW_STEP if is_known else NewsKind.NEW_AGREEMENT
        if NewsKind.NEW_AGREEMENT not in subscription.news:
            kind = NewsKind.NEW_STEP
        if kind in subscription.news:
            yield Foretold(
                on=on,
                kind=kind,
                agreement=agreement,
                status=step.status,
                title=agreement.title,
                step_on=step.on,
                document_ids=documents,
            )


def _fits(subscription: Subscription, agreement: Agreement, step: Step, report: Witness) -> bool:
    return wants(subscription.filter, agreement, step, [report])
