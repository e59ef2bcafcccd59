"""Which reports a digest tells, and of whom."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from pathlib import Path
from random import Random

import pytest
from sqlalchemy import delete, select, text

from crawler.ingest.clustering import cluster
from crawler.ingest.ingest import ingest, rejudge
from storage.database.session import Database, Session, open_database
from storage.database.tables import METADATA
from storage.filter import Filter
from storage.lists.queries import agreements
from storage.notifications.digests import claim_digest
from storage.notifications.notifier import (
    OF_STEPS,
    STEP_NEWS,
    details_of,
    is_about,
    news_of,
    notified_among,
)
from storage.notifications.outbox import missed_notifications, oldest_news, queue_changes
from storage.notifications.tables import Notified
from storage.records import Grade, Judged, NewsKind, Status
from storage.register.agreements import load_agreements, number
from storage.register.entry import Agreement, Pin, PinKind, Step
from storage.subscription import Subscription
from tests.storage.given import NOW, add_pin, card, judged

STEP = Step(Status.SIGNED, date(2026, 3, 10), "", (1, 2, 3))
OFFICE = Subscription("office", channels=("file",))


@pytest.mark.parametrize(
    ("detail", "parties", "is_about_them"),
    [
        ("", "DE KE", True),
        ("DE-KE", "DE KE", True),
        ("DE-KE", "DE KE TZ", True),  # one was missed
        ("DE-KE-TZ", "DE KE", True),  # one was too many
        ("DE-FR-KE", "DE KE TZ", False),  # half of all
        ("DE-FR-KE-UG", "DE FR KE TZ", True),  # three of five
        ("AT-DE", "DE KE", False),
        ("AT-DE", "", True),  # unknown by now
    ],
)
def test_a_report_told_under_some_parties_has_told_of_these(
    detail: str, parties: str, is_about_them: bool
) -> None:
    assert is_about(detail, parties.split()) is is_about_them


def test_the_parties_are_kept_of_reports_that_name_others() -> None:
    named = {1: {"DE", "KE"}, 2: {"AT", "DE"}}  # 3 names nobody
    assert details_of(STEP, ("KE", "DE"), named) == {1: "", 2: "DE-KE", 3: ""}


def test_new_agreements_and_steps_are_one_kind_of_news_and_others_are_kinds_of_their_own() -> None:
    assert {kind: news_of(kind) for kind in NewsKind} == {
        NewsKind.NEW_AGREEMENT: STEP_NEWS,
        NewsKind.NEW_STEP: STEP_NEWS,
        NewsKind.NEW_REPORT: "new_report",
        NewsKind.CHANGED_DOCUMENT: "changed_document",
        NewsKind.NEW_DOCUMENT: "new_document",
        NewsKind.NEAR_MISS: "near_miss",
        NewsKind.SOURCE_HEALTH: "source_health",
    }


def test_what_was_told_says_which_digest_told_it(s: Session) -> None:
    ingest(s, [judged(1), judged(2)], [OFFICE], now=NOW, run_id=None, crawl=True, max_age_days=30)
    claimed = claim_digest(s, OFFICE, NOW)
    assert claimed is not None
    assert set(s.scalars(select(Notified.digest_id))) == {claimed.digest_id}
    assert notified_among(s, OFFICE.id, STEP_NEWS, [2, 3]) == {(2, "")}


def test_an_agreement_that_was_shown_has_told_of_its_late_reports_too(database: Database) -> None:
    """Who also wants late reports does not get those again that the first digest has listed."""
    curious = Subscription(
        "office", channels=("file",), news=(NewsKind.NEW_AGREEMENT, NewsKind.NEW_REPORT)
    )
    with database.begin() as s:
        ingest(
            s, [judged(1), judged(2)], [curious], now=NOW, run_id=None, crawl=True, max_age_days=30
        )
        assert claim_digest(s, curious, NOW) is not None
        listed = notified_among(s, curious.id, NewsKind.NEW_REPORT, [1, 2, 3])
    assert listed == {(1, ""), (2, "")}


EVERYBODY = Subscription("everybody", channels=("file",))
KENYA = replace(EVERYBODY, id="kenya", filter=Filter(parties=("KE",)))
SIGNED = replace(EVERYBODY, id="signed", filter=Filter(statuses=(Status.SIGNED,)))
STEPS = replace(EVERYBODY, id="steps", news=(NewsKind.NEW_STEP,))
SURE = (Grade.CONFIRMED, Grade.LIKELY)  # a report or a decision makes an agreement so
CAREFUL = replace(EVERYBODY, id="careful", filter=Filter(grades=SURE))
SIGNATURES = replace(EVERYBODY, id="signatures", filter=Filter(steps=(Status.SIGNED,)))
NO_VIENNA = replace(EVERYBODY, id="no-vienna", filter=Filter(not_parties=("AT",)))
RECENT = replace(EVERYBODY, id="recent", filter=Filter(since=date(2026, 3, 10)))
READERS = (EVERYBODY, KENYA, SIGNED, STEPS, CAREFUL, SIGNATURES, NO_VIENNA, RECENT)

# Partners that are easily taken for each other, and days on which two of them do the same.
PARTNERS = (("DE", "KE"), ("AT", "DE"), ("DE", "TZ"), ("AT", "KE"), ("DE",))
STATUSES = (Status.NEGOTIATING, Status.SIGNED, Status.SIGNED, Status.RATIFIED)
DAYS = (date(2026, 3, 8), date(2026, 3, 10), date(2026, 3, 11))


def reading(chance: Random) -> dict[str, object]:
    """What rules may read of a report, rightly or wrongly."""
    parties = chance.choice(PARTNERS)
    others = [code for code in ("AT", "DE", "KE", "TZ") if code not in parties]
    scores = (*((code, 3.0) for code in parties), (chance.choice(others), 1.0))
    day = chance.choice(DAYS)
    return {
        "parties": parties,
        "party_scores": scores,
        "status": chance.choice(STATUSES),
        "event_date": day,
    }


@dataclass
class World:
    """One order of events, and what each reader saw."""

    s: Session
    chance: Random
    known: int = 0
    shown: dict[str, set[int]] = field(
        default_factory=lambda: {reader.id: set() for reader in READERS}
    )
    news: dict[str, set[tuple[int, tuple[str, ...]]]] = field(
        default_factory=lambda: {subscription.id: set() for subscription in READERS}
    )

    def bring(self) -> None:
        """One to three reports come in, some of them old."""
        made = [
            self._report(number)
            for number in range(self.known + 1, self.known + 1 + self.chance.randint(1, 3))
        ]
        self.known += len(made)
        ingest(self.s, made, READERS, now=NOW, run_id=None, crawl=True, max_age_days=30)

    def read_anew(self) -> None:
        """Better rules read a report differently."""
        document = self._any()
        rejudge(self.s, [(document, self._report(document))], READERS, now=NOW, max_age_days=30)

    def decide(self) -> None:
        """Somebody puts two reports together, or apart."""
        one, other = self._any(), self._any()
        kind = self.chance.choice((PinKind.MUST_LINK, PinKind.CANNOT_LINK, PinKind.CANNOT_LINK))
        if one != other:
            add_pin(self.s, Pin(kind, one, other, at=NOW))
            queue_changes(
                self.s,
                READERS,
                cluster(self.s, {one, other}, NOW),
                now=NOW,
                oldest=oldest_news(NOW, 30),
            )

    def notify(self) -> None:
        """A digest goes to one reader, who sees each agreement with its whole history."""
        self._notify(self.chance.choice(READERS))

    def notify_all(self) -> None:
        for reader in READERS:
            self._notify(reader)

    def missed(self) -> list[tuple[str, str]]:
        """Steps that a reader should have seen a report of, and did not: (reader, agreement)."""
        return [
            (reader.id, agreement.id)
            for reader in READERS
            for agreement in agreements(self.s, Filter())
            for step in agreement.history
            if fits(reader, agreement, step)
            and any(self._is_fresh(document) for document in step.document_ids)
            and self.shown[reader.id].isdisjoint(step.document_ids)
        ]

    def _notify(self, reader: Subscription) -> None:
        claimed = claim_digest(self.s, reader, NOW)
        for item in claimed.items if claimed else ():
            assert item.kind in OF_STEPS
            assert item.agreement_id is not None
            (agreement,) = load_agreements(self.s, [number(item.agreement_id)])
            shown = {(document, agreement.parties) for document in item.document_ids}
            assert not self.news[reader.id] >= shown, (
                "the same reports of the same parties, a second time"
            )
            self.news[reader.id] |= shown
            self.shown[reader.id].update(agreement.document_ids)

    def _report(self, number: int) -> Judged:
        published_on = DAYS[-1] + timedelta(days=1) if self._is_fresh(number) else date(2025, 12, 1)
        outlet = f"paper-{number % 3}.example"
        read = card(**reading(self.chance))
        return judged(number, card=read, published_on=published_on, outlet=outlet)

    def _is_fresh(self, number: int) -> bool:
        return number % 5 != 0

    def _any(self) -> int:
        return self.chance.randint(1, self.known)


def fits(reader: Subscription, agreement: Agreement, step: Step) -> bool:
    flt = reader.filter
    return (
        set(agreement.parties) >= set(flt.parties)
        and set(agreement.parties).isdisjoint(flt.not_parties)
        and (not flt.statuses or step.status in flt.statuses)
        and (not flt.steps or step.status in flt.steps)
        and (flt.since is None or (step.on is not None and step.on >= flt.since))
        and (not flt.grades or agreement.grade in flt.grades)
    )


@pytest.fixture(scope="module")
def emptied(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[], Database]]:
    folder: Path = tmp_path_factory.mktemp("untold")
    database = open_database(f"sqlite:///{folder / 'accordwatch.db'}")

    def again() -> Database:
        with database.begin() as s:
            for table in reversed(METADATA.sorted_tables):
                s.execute(delete(table))
            s.execute(text("DELETE FROM sqlite_sequence"))  # ids begin at 1 again
        return database

    yield again
    database.close()


@pytest.mark.parametrize(
    "orders",
    [range(16), pytest.param(range(16, 1016), marks=(pytest.mark.slow, pytest.mark.timeout(3600)))],
    ids=["some", "thousand"],
)
def test_nobody_misses_a_step_and_none_is_told_twice(
    orders: range, emptied: Callable[[], Database]
) -> None:
    for seed in orders:
        with emptied().begin() as s:
            world = World(s, Random(seed))
            world.bring()
            for _ in range(25):
                event = world.chance.choice(
                    (
                        world.bring,
                        world.bring,
                        world.bring,
                        world.read_anew,
                        world.decide,
                        world.notify,
                        world.notify,
                    )
                )
                event()
                assert missed_notifications(s, READERS, NOW) == [], f"order {seed}"
            world.notify_all()
            assert world.missed() == [], f"order {seed}"
