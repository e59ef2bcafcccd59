"""What a document said before stays."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from crawler.ingest.ingest import ingest
from storage.database.session import Database
from storage.documents import documents
from storage.documents.documents import Version, prune_unmatched, versions_of
from storage.records import Judged
from tests.storage.given import NOW, judged

DAY = timedelta(days=1)


def collect(database: Database, one: Judged, days: int = 0) -> None:
    with database.begin() as s:
        now = NOW + days * DAY
        ingest(s, [one], (), now=now, run_id=None, crawl=True, max_age_days=30)


def stored(database: Database) -> list[Version]:
    with database.read() as s:
        return versions_of(s, 1)


def test_a_document_that_did_not_change_has_one_version(database: Database) -> None:
    collect(database, judged(1))
    collect(database, judged(1), days=1)
    (only,) = stored(database)
    assert (only.number, only.seen_at) == (1, NOW)


def test_each_text_stays_with_the_time_at_which_it_was_seen(database: Database) -> None:
    for days, text in enumerate(("They talked.", "They signed.", "They ratified.")):
        collect(database, judged(1, text=text), days)
    assert [(one.number, one.text, one.seen_at) for one in stored(database)] == [
        (1, "They talked.", NOW),
        (2, "They signed.", NOW + DAY),
        (3, "They ratified.", NOW + 2 * DAY),
    ]


def test_the_first_and_the_last_of_very_many_stay(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(documents, "MOST_KEPT", 3)
    for number in range(1, 8):
        collect(database, judged(1, text=f"Version {number} of it."))
    assert [one.number for one in stored(database)] == [1, 5, 6, 7]


def test_with_the_text_of_what_never_matched_its_versions_go(database: Database) -> None:
    for text in ("It rained.", "It rained again."):
        collect(database, judged(1, text=text, relevant=False, published_on=date(2026, 1, 1)))
    with database.begin() as s:
        assert prune_unmatched(s, NOW + DAY) == 1
    assert stored(database) == []
