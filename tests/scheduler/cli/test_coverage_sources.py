"""`coverage`: the ledger as people and programs read it."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

from storage.database.session import open_database
from storage.notifications.incidents import save_open
from storage.notifications.tables import Incident
from storage.phrases import Phrase
from storage.sources.ledger import Tally, write
from tests.scheduler.command_line import accordwatch
from tests.storage.opened import session

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
    listed = accordwatch("sources", "list", "--format", "jsonl", cwd=tmp_path).stdout.splitlines()
    changes = {row["id"]: row["changes"] for row in map(json.loads, listed)}
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
