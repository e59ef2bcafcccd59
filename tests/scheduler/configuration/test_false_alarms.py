"""How many false alarms a day become a rate for the judge."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from crawler.judgement.judge import load_rules
from crawler.judgement.probability.rates import FALSE_ALARMS
from scheduler.configuration.config import Configuration
from scheduler.configuration.false_alarms import false_alarm_rate, measure
from scheduler.jobs.passes import crawl_spec
from storage.database.session import Database
from storage.documents.documents import Origin, store
from tests.scheduler.given_digests import SUBSCRIPTIONS, configured
from tests.storage.given import NOW, judged


def afford(folder: Path, wanted: float | None) -> Configuration:
    alerts = "" if wanted is None else f"alerts: {{false_alarms_per_day: {wanted}}}\n"
    return configured(folder, SUBSCRIPTIONS + alerts)


def add(database: Database, count: int, days_ago: float, begin: int = 0) -> None:
    with database.begin() as s:
        for number in range(begin, begin + count):
            one = judged(number, relevant=False)
            one = replace(one, verdict=replace(one.verdict, evidence=()))
            at = NOW - timedelta(days=days_ago)
            store(s, one, Origin(at))


@pytest.fixture
def busy(database: Database) -> Database:
    """100 documents of last month, and 1,000 that came within two days."""
    add(database, 100, 30)
    add(database, 600, 2, 100)
    add(database, 400, 1, 700)
    return database


def test_the_volume_turns_a_count_into_a_rate_within_bounds(busy: Database, tmp_path: Path) -> None:
    with busy.read() as s:
        documents, days, rate = measure(s, afford(tmp_path, 0.4), NOW)
        assert (documents, days) == (1_000, 2.0)  # 500 a day
        assert rate == pytest.approx(8.0)
        assert measure(s, afford(tmp_path, 900), NOW)[2] == 20.0
        assert measure(s, afford(tmp_path, 0.001), NOW)[2] == 0.5
        assert measure(s, afford(tmp_path, None), NOW)[2] == FALSE_ALARMS


def test_few_documents_say_nothing(database: Database, tmp_path: Path) -> None:
    add(database, 999, 1)
    assert false_alarm_rate(database, afford(tmp_path, 0.1), NOW) == FALSE_ALARMS
    add(database, 1, 1, 999)
    assert false_alarm_rate(database, afford(tmp_path, 0.1), NOW) == pytest.approx(1.0)


def test_an_empty_database_keeps_the_default(database: Database, tmp_path: Path) -> None:
    assert false_alarm_rate(database, afford(tmp_path, 3), NOW) == FALSE_ALARMS


def test_a_crawl_is_told_the_rate(busy: Database, tmp_path: Path) -> None:
    found = crawl_spec(busy, afford(tmp_path, 0.4), (), (), NOW)
    assert found.rules.false_alarms == pytest.approx(8.0)


def test_the_rate_moves_the_threshold_of_alerts() -> None:
    strict, lax = (load_rules(false_alarms=rate).judge for rate in (0.5, 20.0))
    assert strict is not None
    assert lax is not None
    assert strict.thresholds("en")[0] > lax.thresholds("en")[0]
