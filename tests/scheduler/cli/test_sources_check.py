"""`sources check` tries sources and keeps what it found; `coverage` shows the ledger."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from scheduler.cli.commands.sources.add import _chosen_sources
from scheduler.configuration.config import load_configuration
from scheduler.views.operations import ago
from spiders.catalog.packs import bundled_pack
from storage.database.session import open_database
from storage.notifications.incidents import save_open
from storage.notifications.tables import Incident
from storage.phrases import Phrase
from storage.sources.ledger import Tally, write
from tests.scheduler.command_line import accordwatch, json_lines, succeed
from tests.spiders.servers import Site, bad_site
from tests.storage.given import NOW
from tests.storage.opened import session


@pytest.fixture(scope="module")
def site() -> Iterator[Site]:
    with bad_site() as running:
        yield running


@pytest.fixture
def folder(tmp_path: Path, site: Site) -> Path:
    crawl = f"crawl: {{delay_s: 0, timeout_s: 5, allow_private: ['{site.host}']}}\n"
    sources = f"""sources:
  - {{id: good, kind: feed, url: "{site.url("/feed")}"}}
  - {{id: gone, kind: feed, url: "{site.url("/gone")}"}}
  - {{id: off, kind: feed, url: "{site.url("/empty")}", enabled: false}}
"""
    (tmp_path / "accordwatch.yaml").write_text(crawl + sources, encoding="utf-8")
    return tmp_path


def states(folder: Path) -> dict[str, dict[str, object]]:
    return {row["id"]: row for row in json_lines("sources", "list", cwd=folder)}


def test_those_that_are_on_are_tried_and_the_dead_come_first(folder: Path) -> None:
    done = accordwatch("sources", "check", "--format", "jsonl", cwd=folder)
    rows = [json.loads(line) for line in done.stdout.splitlines()]
    assert done.returncode == 1
    assert [(row["id"], row["alive"]) for row in rows] == [("gone", False), ("good", True)]
    assert rows[0]["problem"] == "http_410: answers 410"
    assert rows[1]["items"] == 3
    assert "good: active: 3 documents offered" in done.stderr
    assert done.stderr.splitlines()[-1] == "1 of 2 sources active"


def test_the_list_says_what_a_check_found(folder: Path) -> None:
    assert "not looked at yet, unverified" in accordwatch("sources", "list", cwd=folder).stdout
    succeed("sources", "check", "good", cwd=folder)
    listed = accordwatch("sources", "list", cwd=folder).stdout
    assert "checked today: active" in listed
    found = states(folder)
    assert (found["good"]["check_alive"], found["gone"]["check_alive"]) == (True, None)
    assert found["good"]["verified"] is False  # that is for a person to say


def test_one_that_is_switched_off_is_tried_by_its_name(folder: Path) -> None:
    assert accordwatch("sources", "check", "off", cwd=folder).returncode == 1
    listed = accordwatch("sources", "list", cwd=folder).stdout
    assert "switched off; checked today: inactive; empty" in listed


def test_a_check_of_an_earlier_address_is_not_told(folder: Path, site: Site) -> None:
    accordwatch("sources", "check", "good", cwd=folder)
    path = folder / "accordwatch.yaml"
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace(site.url("/feed"), site.url("/many")), encoding="utf-8")
    assert states(folder)["good"]["checked_at"] is None


def test_a_look_that_came_later_is_told_instead(folder: Path) -> None:
    accordwatch("sources", "check", "good", cwd=folder)
    accordwatch("run", "--source", "good", cwd=folder)
    listed = accordwatch("sources", "list", cwd=folder).stdout
    assert "checked today" not in listed


def test_unknown_names_are_refused(folder: Path) -> None:
    done = accordwatch("sources", "check", "nobody", cwd=folder)
    assert (done.returncode, "no source has the id nobody" in done.stderr) == (2, True)
    done = accordwatch("sources", "check", "--pack", "mars", cwd=folder)
    assert (done.returncode, "'mars' is not a pack of sources; there is" in done.stderr) == (
        2,
        True,
    )


def test_a_pack_is_tried_as_the_configuration_changes_it(tmp_path: Path) -> None:
    first, second = bundled_pack("pacific")[:2]
    (tmp_path / "accordwatch.yaml").write_text(
        f"packs: [pacific]\nsources:\n  - {{id: {first.id}, enabled: false}}\n"
        f"  - {{id: {second.id}, kind: feed, url: 'https://own.example/'}}\n",
        encoding="utf-8",
    )
    wanted = {
        source.id: source
        for source in _chosen_sources(load_configuration(tmp_path, {}), (), ("pacific",))
    }
    assert first.id not in wanted
    assert wanted[second.id].url == "https://own.example/"
    on = [source for source in bundled_pack("pacific") if source.enabled]
    assert len(wanted) == len(on) - 1


def test_a_pack_that_is_not_chosen_is_tried_too(tmp_path: Path) -> None:
    (tmp_path / "accordwatch.yaml").write_text("sources: []\n", encoding="utf-8")
    chosen = load_configuration(tmp_path, {})
    on = [source.id for source in bundled_pack("gulf") if source.enabled]
    assert [source.id for source in _chosen_sources(chosen, (), ("gulf",))] == on


@pytest.mark.parametrize(
    ("before", "said"),
    [
        (timedelta(0), "today"),
        (timedelta(days=1), "yesterday"),
        (timedelta(days=3), "3 days ago"),
        (-timedelta(hours=2), "today"),
    ],
)
def test_days_are_told_in_words(before: timedelta, said: str) -> None:
    noon = datetime.combine(NOW.date(), datetime.min.time()).astimezone().replace(hour=12)
    assert ago(noon - before, noon) == said


CONFIGURATION = """
sources:
  - {id: fleuve, kind: feed, url: https://fleuve.example/feed, country: ML, language: fr}
  - {id: sahel, kind: feed, url: https://sahel.example/feed, country: NE, language: fr}
"""


def given(folder: Path) -> None:
    (folder / "accordwatch.yaml").write_text(CONFIGURATION, encoding="utf-8")
    database = open_database(f"sqlite:///{folder / 'accordwatch.db'}")
    now = datetime.now(UTC)
    outcomes = {"stored": 7, "robots": 2, "http_404": 1}
    sums = Tally(5, 1, new=10, fetched=7, matched=1, titled=7, outcomes=outcomes)
    with database.begin() as s:
        write(s, now, [("fleuve", sums + Tally(left={"later": 30}))])
        write(s, now - timedelta(days=9), [("sahel", Tally(polls=3, new=4))])
    database.close()


def test_the_sums_of_each_source_country_and_language_are_shown(tmp_path: Path) -> None:
    given(tmp_path)
    shown = accordwatch("coverage", cwd=tmp_path)
    assert "3: robots 2, http_404 1" in shown.stdout
    assert "5 (1 failed)" in shown.stdout
    assert (
        shown.stdout.count("3: robots 2, http_404 1") == 3
    )  # the source, its country, its language
    assert "7 documents stored in the last 7 days, from 2 sources, 1 of them polled" in shown.stderr


def test_what_changed_in_a_source_stands_in_the_list(tmp_path: Path) -> None:
    given(tmp_path)
    now = datetime.now(UTC)
    what = Phrase(
        "answers, but offers nothing any more; has its page moved? {address}",
        address="https://fleuve.example/rss",
    )
    line = Phrase("the source {source} {what}", source="fleuve", what=what)
    with session(f"sqlite:///{tmp_path / 'accordwatch.db'}") as s:
        save_open(s, [Incident("source:fleuve:empty", line, now, now)])
    changes = {row["id"]: row["changes"] for row in json_lines("sources", "list", cwd=tmp_path)}
    said = "answers, but offers nothing any more; has its page moved? https://fleuve.example/rss"
    assert changes == {"fleuve": [said], "sahel": []}
    assert "offers nothing any more" in accordwatch("sources", "list", cwd=tmp_path).stdout


def test_programs_get_all_that_is_counted(tmp_path: Path) -> None:
    given(tmp_path)
    arguments = ("coverage", "--days", "10", "--format")
    lines = accordwatch(*arguments, "jsonl", cwd=tmp_path).stdout.splitlines()
    first, second = map(json.loads, lines)
    assert (first["stored"], first["not_stored"], first["left"]) == (7, 3, {"later": 30})
    assert first["outcomes"] == {"http_404": 1, "robots": 2, "stored": 7}
    assert (second["source"], second["new"]) == ("sahel", 4)
    table = accordwatch(*arguments, "csv", cwd=tmp_path).stdout
    assert "http_404 1; robots 2; stored 7" in table
