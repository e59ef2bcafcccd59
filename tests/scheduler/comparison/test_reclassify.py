"""Judging again what is stored, beside a crawl that writes."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event

from crawler.judgement.judge import Rules, load_rules
from crawler.process import judge_document
from scheduler.comparison import reclassify as tool
from scheduler.comparison.reclassify import reclassify
from scheduler.configuration.config import Configuration
from storage.database.session import Database, open_database
from storage.queries import report_rows, search
from storage.records import Document, Judged
from storage.telling.records import Filter
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


@pytest.fixture(scope="module")
def rules() -> Rules:
    return load_rules()


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

    monkeypatch.setattr(tool, "judge_document", judge_while_a_crawl_writes)
    assert reclassify(database, chosen, now=NOW).read == 5
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
    assert reclassify(database, chosen, now=NOW, dry_run=True).read == 5
    assert len(readings) == 3  # batches of two
