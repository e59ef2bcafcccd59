"""Which reports a digest tells, and of whom."""

from __future__ import annotations

from datetime import date

import pytest
from sqlalchemy import select

from crawler.ingest.ingest import ingest
from storage.database.session import Database
from storage.notifications.digests import claim_digest
from storage.notifications.notifier import (
    STEP_NEWS,
    details_of,
    news_of,
    notified_among,
    tells_of,
)
from storage.notifications.tables import Notified
from storage.records import NewsKind, Status
from storage.register.records import Step
from storage.subscription import Subscription
from tests.storage.given import NOW, judged

STEP = Step(Status.SIGNED, date(2026, 3, 10), "", (1, 2, 3))
OFFICE = Subscription("office", channels=("file",))


@pytest.mark.parametrize(
    ("told_under", "parties", "is_told"),
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
    told_under: str, parties: str, is_told: bool
) -> None:
    assert tells_of(told_under, parties.split()) is is_told


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


def test_what_was_told_says_which_digest_told_it(database: Database) -> None:
    with database.begin() as s:
        ingest(
            s, [judged(1), judged(2)], [OFFICE], now=NOW, run_id=None, crawl=True, max_age_days=30
        )
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
