"""One alert when a trouble begins, one when it is over."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from scheduler.jobs.health.findings import Finding
from scheduler.jobs.health.report import IncidentBook
from scheduler.notify.channels.table import subscriptions_of
from scheduler.notify.deliver import send_due
from storage.database.session import Database
from storage.notifications.incidents import save_open
from storage.notifications.tables import Incident
from storage.phrases import Phrase, reason
from tests.scheduler.given_digests import configured, opened

NOW = datetime(2026, 3, 12, 9, 0, tzinfo=UTC)
FAILS = Finding("problem", "source:fleuve:fails", "the source fleuve fails")
FULL = Finding("problem", "disk:/var", "the disk is nearly full")
MINUTE = timedelta(minutes=1)


class Watch:
    """A watch of a minute, from NOW on."""

    def __init__(self, database: Database, folder: Path) -> None:
        self.database = database
        self.chosen = configured(folder, "alerts: {operator: [file]}\n")
        self.now = NOW
        self.told: list[str] = []
        self.ledger = IncidentBook()

    def see(self, *found: Finding, minutes: int = 1) -> None:
        for _ in range(minutes):
            self.told += self.ledger.take_stock(
                self.database, subscriptions_of(self.chosen), found, self.now
            )
            self.now += MINUTE


@pytest.fixture
def watch(tmp_path: Path) -> Iterator[Watch]:
    database = opened(configured(tmp_path))
    yield Watch(database, tmp_path)
    database.close()


def test_a_trouble_that_lasts_is_told_once_and_once_when_it_is_over(watch: Watch) -> None:
    watch.see(FAILS, minutes=300)
    assert watch.told == ["the source fleuve fails"]
    watch.see(minutes=300)
    assert watch.told == ["the source fleuve fails", "over: the source fleuve fails"]


def test_a_hiccup_is_not_told(watch: Watch) -> None:
    watch.see(FAILS, minutes=9)
    watch.see(minutes=120)
    assert watch.told == []


def test_a_trouble_that_flaps_is_one_trouble(watch: Watch) -> None:
    for _ in range(20):
        watch.see(FAILS, minutes=12)
        watch.see(minutes=25)
    assert watch.told == ["the source fleuve fails"]


def test_a_trouble_that_comes_back_later_is_a_new_one(watch: Watch) -> None:
    for _ in range(2):
        watch.see(FAILS, minutes=20)
        watch.see(minutes=40)
    assert watch.told == ["the source fleuve fails", "over: the source fleuve fails"] * 2


def test_troubles_are_told_apart(watch: Watch) -> None:
    watch.see(FAILS, minutes=20)
    watch.see(FAILS, FULL, minutes=20)
    watch.see(FULL, minutes=60)
    assert watch.told == [
        "the source fleuve fails",
        "the disk is nearly full",
        "over: the source fleuve fails",
    ]


def test_a_restart_forgets_nothing(watch: Watch, tmp_path: Path) -> None:
    watch.see(FAILS, minutes=20)
    database = opened(watch.chosen)
    try:
        again = Watch(database, tmp_path)
        again.now = watch.now
        again.see(FAILS, minutes=60)
        assert again.told == []
    finally:
        database.close()


def test_a_clock_that_goes_back_a_day_ends_what_is_over(watch: Watch) -> None:
    watch.see(FAILS, minutes=20)
    watch.now -= timedelta(days=1)
    watch.see(FAILS, minutes=20)
    assert len(watch.told) == 1
    watch.see(minutes=60)
    assert watch.told[-1] == "over: the source fleuve fails"


def test_what_is_told_reaches_the_operator(watch: Watch) -> None:
    watch.see(FAILS, minutes=20)
    assert send_due(watch.database, watch.chosen, now=watch.now).delivered == 1
    (page,) = (watch.chosen.folder / "digests").glob("*operator*.html")
    assert "the source fleuve fails" in page.read_text()


@pytest.mark.parametrize(
    ("language", "said"), [("en", "the source fleuve fails"), ("fr", "échoue"), ("ar", "متعطل")]
)
def test_an_operator_is_told_in_the_language_of_the_alerts(
    watch: Watch, tmp_path: Path, language: str, said: str
) -> None:
    watch.chosen = configured(tmp_path, f"alerts: {{operator: [file], language: {language}}}\n")
    why, remedy = (
        reason("http_404: answers 404"),
        Phrase("try: accordwatch sources check {source}", source="a"),
    )
    what = Phrase(
        "fails since {at}: {why} ({remedy})", at="2026-03-12 00:00 UTC", why=why, remedy=remedy
    )
    trouble = Phrase("the source {source} {what}", source="fleuve", what=what)
    watch.see(Finding("problem", "source:fleuve:fails", trouble), minutes=20)
    watch.see(minutes=60)
    assert watch.told[0].startswith("the source fleuve fails since")  # what the log says
    send_due(watch.database, watch.chosen, now=watch.now)
    (page,) = (watch.chosen.folder / "digests").glob("*operator*.html")
    told = page.read_text()
    assert told.count(said) == 2  # when it began, and when it was over
    assert ("the source" in told) == (language == "en")


def test_a_trouble_that_an_older_version_kept_is_told_as_it_was(
    watch: Watch, tmp_path: Path
) -> None:
    watch.chosen = configured(tmp_path, "alerts: {operator: [file], language: fr}\n")
    old = Incident("source:fleuve:fails", "the source fleuve fails", NOW, NOW, NOW)
    with watch.database.begin() as s:
        save_open(s, [old])
    watch.now += 60 * MINUTE
    watch.see()
    assert watch.told == ["over: the source fleuve fails"]
    send_due(watch.database, watch.chosen, now=watch.now)
    (page,) = (watch.chosen.folder / "digests").glob("*operator*.html")
    assert "terminé : the source fleuve fails" in page.read_text()
