"""What waits for review, beside the alerts of a digest: once, what fits, and never alone."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from scheduler.configuration.config import Configuration
from scheduler.notify.deliver import send_due, send_now
from scheduler.notify.digest.build import Review
from scheduler.notify.subscriptions.states import preview
from storage.database.session import Database
from storage.records import Judged
from tests.scheduler.given_digests import begun, collect, configured, opened
from tests.storage.given import NOW, card, judged

SUBSCRIPTION = """
subscriptions:
  - {id: office, channels: [file], rate: immediately, filter: {parties: [MA]}}
"""


def unsure(number: int, probability: float, *parties: str) -> Judged:
    facts = card(parties=parties or ("MA", "NE"))
    one = judged(number, card=facts, relevant=False, near_miss=True)
    return replace(one, verdict=replace(one.verdict, probability=probability))


@pytest.fixture
def chosen(tmp_path: Path) -> Configuration:
    return configured(tmp_path, SUBSCRIPTION)


@pytest.fixture
def database(chosen: Configuration) -> Iterator[Database]:
    database = opened(chosen)
    begun(database, chosen, NOW - timedelta(days=9))
    yield database
    database.close()


def review(database: Database, chosen: Configuration, days_later: int = 0) -> Review | None:
    return preview(database, chosen, "office", NOW + timedelta(days=days_later)).review


def test_the_most_probable_three_that_fit_stand_beside_an_alert(
    database: Database, chosen: Configuration
) -> None:
    doubts = [unsure(number, number / 10) for number in range(1, 6)]
    collect(database, chosen, judged(9), *doubts, unsure(6, 0.9, "IT", "TN"), now=NOW)
    found = review(database, chosen)
    assert found is not None
    waiting, best = found
    assert waiting == 5
    assert [row.probability for row in best] == [0.5, 0.4, 0.3]


def test_nothing_is_sent_for_reviews_alone(database: Database, chosen: Configuration) -> None:
    collect(database, chosen, unsure(1, 0.4), now=NOW)
    assert review(database, chosen) is None
    assert send_now(database, chosen, now=NOW).claimed == 0


def test_what_stood_in_the_last_digest_is_not_shown_again(
    database: Database, chosen: Configuration
) -> None:
    collect(database, chosen, judged(1), unsure(2, 0.4), now=NOW)
    assert send_due(database, chosen, now=NOW + timedelta(hours=1)).delivered == 1
    later = NOW + timedelta(days=1)
    libya = card(parties=("MA", "LY"))
    collect(database, chosen, judged(3, card=libya), now=later)
    assert review(database, chosen, 2) is None
    collect(database, chosen, unsure(4, 0.2), now=later)
    found = review(database, chosen, 2)
    assert found is not None
    assert [row.title[-3:] for row in found[1]] == ["(4)"]
