"""What a rule would change in the newest documents that are stored, before it goes live."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from crawler.judgement.judge import Rules, load_rules
from crawler.process.process import judge_article
from scheduler.configuration.affordable import false_alarm_rate
from scheduler.configuration.config import Configuration
from storage.database.session import Database, open_database
from storage.documents.judgeable import load_judgeable, newest_judgeable_ids
from storage.errors import RuleError
from storage.records import Document, Judged
from storage.search.document_rows import DocumentRow, report_rows

NEWEST = 2_000  # documents at most
JUDGING_S = 20.0  # some thousand documents of usual length, each judged twice
SHOWN = 200
_BATCH = 50
_FILE = "rule.yaml"


def rule_tried(chosen: Configuration, asked: dict[str, Any]) -> dict[str, Any]:
    """What the rules in `asked["text"]`, beside those that are configured, make of the newest
    documents: which would become alerts or wait for review, and which would cease to.
    """
    from datetime import UTC, datetime

    database = open_database(chosen.database)
    try:
        rate = false_alarm_rate(database, chosen, datetime.now(UTC))
        packs, files = chosen.settings.rules.packs, chosen.rule_files
        before = load_rules(packs, files, false_alarms=rate)
        with TemporaryDirectory() as folder:
            own = Path(folder) / _FILE
            own.write_text(asked["text"], encoding="utf-8")
            try:
                after = load_rules(packs, (*files, own), false_alarms=rate)
            except RuleError as error:
                return {"fault": "rule", "line": str(error).replace(f"{own}:", "")}
        return _compared(database, before, after)
    finally:
        database.close()


def _compared(database: Database, before: Rules, after: Rules) -> dict[str, Any]:
    began, read, rows, counts = time.monotonic(), 0, list[dict[str, Any]](), dict[str, int]()
    with database.read() as s:
        ids = newest_judgeable_ids(s, NEWEST)
    for number, document, row in _newest(database, ids):
        if time.monotonic() - began > JUDGING_S:
            break
        read += 1
        if row is not None and (row.ruled_out or row.added):
            continue  # a person's decision stands, whatever the rules say
        ours, theirs = judge_article(document, before), judge_article(document, after)
        change = _change(_outcome(ours), _outcome(theirs))
        if change:
            counts[change] = counts.get(change, 0) + 1
            home = row.agreement_id if row else None
            said = {"id": number, "title": document.title, "change": change, "agreement": home}
            rows.append(said | {"language": document.language})
    rows.sort(key=lambda row: CHANGES.index(row["change"]))
    return {"read": read, "of": len(ids), "counts": counts, "rows": rows[:SHOWN]}


CHANGES = ("alert", "review", "no_alert", "to_review", "silent")


def _change(was: str, will_be: str) -> str | None:
    """What becomes of a document: a new alert, a new item to review, an alert that ceases (to be
    reviewed, or silent), an item that need not be reviewed any more; None if nothing does.
    """
    if was == will_be:
        return None
    if will_be == "alert":
        return "alert"
    if was == "alert":
        return "to_review" if will_be == "review" else "no_alert"
    return "review" if will_be == "review" else "silent"


def _outcome(one: Judged) -> str:
    if one.has_alert:
        return "alert"
    return "review" if one.verdict.near_miss else "silent"


def _newest(
    database: Database, ids: list[int]
) -> Iterator[tuple[int, Document, DocumentRow | None]]:
    """The documents, the newest first, with what they are in the register."""
    for start in range(0, len(ids), _BATCH):
        batch = ids[start : start + _BATCH]
        with database.read() as s:
            rows = report_rows(s, batch)
            documents = list(load_judgeable(s, batch))
        for number, document in reversed(documents):
            yield number, document, rows.get(number)
