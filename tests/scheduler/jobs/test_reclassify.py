"""Judging again what is stored, beside a crawl that writes."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event

from crawler.ingest.clustering import cluster
from crawler.judgement.judge import Rules
from crawler.process.process import judge_document
from scheduler.configuration.config import Configuration
from scheduler.jobs import reclassify as tool
from scheduler.jobs.reclassify import reclassify
from storage.database.session import Database, Session, open_database
from storage.filter import Filter
from storage.lists.queries import search
from storage.records import Document, Judged
from storage.register.saving import Change
from storage.search.document_rows import report_rows
from tests.scheduler.given_digests import collect, configured
from tests.storage.given import NOW

TITLE = "Morocco and Niger sign a declaration against migrant smuggling"
TEXT = (
    "Morocco and Niger signed a joint declaration on Tuesday in Rabat. The two interior ministers agreed to fight "
    "migrant smuggling and human trafficking together."
)
FOOTBALL = (
    "The second half of the match was played in the rain, and both teams left the field tired."
)


def document(number: int) -> Document:
    return Document(
        f"{TITLE} ({number})",
        f"{TEXT} Report {number}.",
        "en",
        url=f"https://news.example/{number}",
        outlet="news.example",
    )


@pytest.fixture
def chosen(tmp_path: Path, database_url: str) -> Configuration:
    return configured(tmp_path, database=database_url)


@pytest.fixture
def database(chosen: Configuration, rules: Rules) -> Iterator[Database]:
    opened = open_database(chosen.database)
    collect(
        opened,
        chosen,
        *(judge_document(document(number), rules) for number in range(1, 6)),
        now=NOW,
    )
    yield opened
    opened.close()


def test_a_text_that_changes_while_the_old_one_is_judged_keeps_the_verdict_on_the_new(
    database: Database, chosen: Configuration, monkeypatch: pytest.MonkeyPatch
) -> None:
    newer = replace(document(3), title="A match in the rain", text=FOOTBALL)

    def judge_while_a_crawl_writes(one: Document, rules: Rules) -> Judged:
        if one.text == document(3).text:
            collect(database, chosen, judge_document(newer, rules), now=NOW)
        return judge_document(one, rules)

    monkeypatch.setattr(tool, "judge_article", judge_while_a_crawl_writes)
    assert reclassify(database, chosen, now=NOW)[0] == 5
    with database.read() as s:
        row = report_rows(s, [3])[3]
        assert [found.id for found in search(s, Filter())] == [5, 4, 2, 1]
    assert (row.title, row.relevant, row.agreement_id) == ("A match in the rain", False, None)


def test_each_text_is_read_once(
    database: Database, chosen: Configuration, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tool, "_BATCH", 2)
    readings = []

    def note(connection: Any, cursor: Any, statement: str, parameters: Any, *_: Any) -> None:
        if "texts.text" in statement and "documents.author" in statement:
            readings.append(parameters)

    event.listen(database._engine, "before_cursor_execute", note)
    assert reclassify(database, chosen, now=NOW, dry_run=True)[0] == 5
    assert len(readings) == 3  # batches of two


def live_page(title: str) -> Document:
    entries = "\n".join(
        f"{hour}:30\nStory of the hour {hour}\n{FOOTBALL}" for hour in (9, 10, 11, 12)
    )
    return Document(title, f"{entries}\n13:30\n{TITLE}\n{TEXT}", "en", url="https://live.example/")


def test_a_round_up_that_is_a_report_stays_whole_and_one_that_was_missed_is_cut(
    database: Database, chosen: Configuration, rules: Rules
) -> None:
    known, missed = live_page(f"{TITLE}: the day live"), live_page("The day live")
    whole = judge_document(known, rules)
    assert whole.verdict.relevant
    silent = whole.verdict.silenced()
    missed = replace(missed, url="https://other.example/")
    before = replace(judge_document(missed, rules), verdict=silent)
    collect(database, chosen, whole, before, now=NOW)
    reclassify(database, chosen, now=NOW)
    with database.read() as s:
        found = {
            row.url: row.title for row in search(s, Filter()) if "example/#" in (row.url or "")
        }
        urls = {row.url for row in search(s, Filter())}
    assert list(found.values()) == [TITLE]
    assert known.url in urls
    assert missed.url not in urls


@pytest.mark.parametrize("stage", ["judging", "storing"])
def test_a_document_on_which_our_code_fails_is_named_and_stays_as_it_was(
    database: Database, chosen: Configuration, monkeypatch: pytest.MonkeyPatch, stage: str
) -> None:
    def as_football(one: Document, rules: Rules) -> Judged:
        if stage == "judging" and "(3)" in one.title:
            raise ZeroDivisionError("a mistake of ours")
        return replace(
            judge_document(replace(one, text=FOOTBALL, title="A match"), rules), document=one
        )

    def failing(s: Session, documents: set[int], now: datetime) -> list[Change]:
        changes = cluster(s, documents, now)
        if stage == "storing" and 3 in documents:
            raise ZeroDivisionError("a mistake of ours")
        return changes

    monkeypatch.setattr(tool, "judge_article", as_football)
    monkeypatch.setattr("crawler.ingest.ingest.cluster", failing)
    read, lines, problems = reclassify(database, chosen, now=NOW)
    assert problems == [f"[3] {TITLE} (3): ZeroDivisionError: a mistake of ours"]
    assert (read, len(lines)) == (4, 4)
    with database.read() as s:
        rows = report_rows(s, range(1, 6))
    assert [number for number, row in rows.items() if row.relevant] == [3]
