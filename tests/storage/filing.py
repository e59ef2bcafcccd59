"""A register that storage alone makes, for tests of what reads it: all reports of the same parties
are one agreement, and those of one status and day one step of it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from random import Random

from sqlalchemy import select

from storage.database.session import Session
from storage.documents.documents import Origin, Stored, store
from storage.documents.tables import Matches
from storage.notifications.outbox import oldest_news, queue_changes
from storage.provision import provisions_in
from storage.records import GradeBasis, Instrument, Judged, NewsKind, Status, TextState, Topic
from storage.register.agreements import restamp
from storage.register.blocks import reports_of
from storage.register.entry import Agreement, Report, Step, agreement_of_card
from storage.register.saving import Change, save
from storage.subscription import Subscription
from tests.storage.given import NOW, card, judged

STATES = ("IT", "TN", "LY", "DE", "MA", "NE", "FR", "EU", "GH", "KE")
_CITIES = (("Rome", "rome"), ("تونس", "tunis"), (None, None))


def made_reports(rng: Random, count: int) -> Iterator[Judged]:
    """Yield reports by several outlets, in several languages, of steps that a few partners take;
    some name no place, no topic or no step.
    """
    for number in range(count):
        place, place_key = rng.choice(_CITIES)
        on = date(2017, 1, 1) + timedelta(days=rng.randrange(2000))
        said = card(
            parties=tuple(rng.sample(STATES, rng.choice((2, 2, 3)))),
            instrument=rng.choice((*Instrument, None)),
            topics=tuple(rng.sample(list(Topic), rng.choice((0, 1, 2)))),
            status=rng.choice((*Status, None)),
            event_date=rng.choice((on, None)),
            place=place,
            place_key=place_key,
        )
        yield judged(
            number + 1,
            card=said,
            language=rng.choice(("en", "fr", "ar")),
            outlet=f"paper{rng.randrange(5)}.example",
            published_on=rng.choice((on, on + timedelta(days=1), None)),
        )


def put(
    s: Session,
    documents: Iterable[Judged],
    subscriptions: Sequence[Subscription] = (),
    *,
    now: datetime = NOW,
    max_age_days: int | None = None,
) -> int:
    """Store documents, file them in the register, and queue what is news; how much that is."""
    stored = [(store(s, document, Origin(now)), document) for document in documents]
    changes = file_reports(s, now)
    changes += (change for pair in stored for change in _news_of(*pair))
    return queue_changes(s, subscriptions, changes, now=now, oldest=oldest_news(now, max_age_days))


def _news_of(stored: Stored, one: Judged) -> Iterator[Change]:
    """Yield what is news of a document itself: it waits for review, or has a new text."""
    alone = agreement_of_card(one.document.title, one.verdict.card)
    if stored.created and one.verdict.near_miss:
        yield Change(alone, NewsKind.NEAR_MISS, None, (stored.document_id,))
    elif stored.changed and one.verdict.relevant:
        changed = (stored.document_id,), one.fingerprint.text_hash
        yield Change(alone, NewsKind.CHANGED_DOCUMENT, None, *changed)


def file_reports(s: Session, now: datetime) -> list[Change]:
    """Write the agreements of all stored reports."""
    numbers = s.scalars(select(Matches.document_id).where(Matches.registers.is_(True)))
    reports = list(reports_of(s, numbers.all()).values())
    together: dict[tuple[str, ...], list[Report]] = {}
    for report in reports:
        together.setdefault(tuple(sorted(report.card.parties)), []).append(report)
    changes = save(s, reports, [_agreement(*pair) for pair in together.items()], now)
    restamp(s)
    return changes


def _agreement(parties: tuple[str, ...], reports: list[Report]) -> Agreement:
    of_steps: dict[tuple[object, date | None, date | None], list[Report]] = {}
    for one in sorted(reports, key=lambda report: (_day(report) or date.max, report.document_id)):
        key = (one.card.status, _day(one), one.card.expected_on)
        of_steps.setdefault(key, []).append(one)
    history = tuple(
        Step(
            step[0].card.status,
            _day(step[0]),
            step[0].quote,
            tuple(report.document_id for report in step),
            step[0].card.expected_on,
        )
        for step in of_steps.values()
    )
    last = next(
        (step for step in reversed(of_steps.values()) if step[0].card.status), [reports[0]]
    )[0]
    made = agreement_of_card(reports[0].title, last.card, history)
    first = min((report.published_on or report.seen_on for report in reports), default=None)
    return replace(
        made,
        parties=parties,
        event_date=_day(last),
        topics=tuple(dict.fromkeys(topic for report in reports for topic in report.card.topics)),
        first_reported_at=datetime.combine(first, time(), UTC) if first else None,
        grade_basis=_basis_of(reports),
        text_state=TextState.MISSING if made.is_signed else None,
        provisions=tuple(
            provision for report in reports for provision in provisions_in(report.clues)
        ),
    )


def _basis_of(reports: list[Report]) -> GradeBasis:
    if len({report.outlet for report in reports}) > 1:
        return GradeBasis.SEVERAL
    doubted = [report for report in reports if report.probability is not None]
    return GradeBasis.DOUBTFUL if doubted else GradeBasis.SINGLE


def _day(report: Report) -> date | None:
    """The day of a step: of what is announced none, unless the text has one."""
    announced = report.card.expected_on is not None
    return report.card.event_date or (None if announced else report.published_on)
