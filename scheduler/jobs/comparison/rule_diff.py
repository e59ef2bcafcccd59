"""What another set of rules would change: verdicts on what is stored, and the alerts that
follow.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from crawler.judgement.judge import Rules
from crawler.judgement.rules.explain import Difference, compare
from crawler.process.process import judge_article
from scheduler.configuration.config import Configuration
from scheduler.configuration.people import everybody
from scheduler.jobs.comparison import rule_alerts
from storage.database.session import Database
from storage.documents.judgeable import judgeable_ids, load_judgeable
from storage.records import Judged, Verdict
from storage.search.document_rows import report_rows

COLUMNS = (
    "document_id",
    "agreement_id",
    "change",
    "old_score",
    "old_threshold",
    "new_score",
    "new_threshold",
    "title",
    "fields",
)
_BATCH = 200  # judged in a second or two; no transaction is open meanwhile


@dataclass(frozen=True, slots=True)
class Compared:
    """`differences` stand with the number of their document. `homes` has the agreements in which
    these documents are now. `alerts` has what would change for each subscription.
    """

    differences: tuple[tuple[int, Difference], ...]
    homes: Mapping[int, str | None]
    alerts: tuple[rule_alerts.AlertChange, ...]


def compared(
    database: Database, chosen: Configuration, before: Rules, after: Rules, now: datetime
) -> Compared:
    """Judge all that is stored with both rule sets. What a curator ruled out is left out, as
    `reclassify` does.
    """
    old: dict[int, Judged] = {}
    new: dict[int, Judged] = {}
    homes: dict[int, str | None] = {}
    differences: list[tuple[int, Difference]] = []
    for number, home, ours, theirs in _judged_twice(database, before, after):
        found = compare(ours.document, ours.verdict, theirs.verdict)
        if found is not None:
            differences.append((number, found))
            homes[number] = home
        for kept, one in ((old, ours), (new, theirs)):
            if one.verdict.relevant or one.verdict.near_miss:
                kept[number] = one
    # Alerts depend on all reports, so they are counted over all of them. If no verdict differs, no
    # alert can.
    may_differ = bool(differences) or old.keys() != new.keys()
    told = everybody(database, chosen)
    alerts = _alert_changes(told, old, new, now) if may_differ else []
    return Compared(tuple(differences), homes, tuple(alerts))


def row_of(numbered: tuple[int, Difference], homes: Mapping[int, str | None]) -> dict[str, Any]:
    """A difference as one line of `rules diff --format jsonl`."""
    number, found = numbered
    return {
        "document_id": number,
        "agreement_id": homes[number],
        "change": found.change,
        "old_score": found.old.score,
        "old_threshold": found.old.threshold,
        "new_score": found.new.score,
        "new_threshold": found.new.threshold,
        "title": found.document.title or "(no title)",
        "fields": [
            f"{name} {_value(found.old, name)} -> {_value(found.new, name)}"
            for name in found.fields
        ],
    }


def _judged_twice(
    database: Database, before: Rules, after: Rules
) -> Iterator[tuple[int, str | None, Judged, Judged]]:
    """(number, agreement, judged with the rules before, judged with the rules after)."""
    last = 0
    while True:
        with database.read() as s:
            ids = judgeable_ids(s, last, _BATCH)
            rows = report_rows(s, ids)
            documents = list(load_judgeable(s, ids))
        if not ids:
            return
        last = ids[-1]
        for number, document in documents:
            row = rows.get(number)
            if row is None or not row.ruled_out:
                home = row.agreement_id if row else None
                ours, theirs = judge_article(document, before), judge_article(document, after)
                yield number, home, ours, theirs


def _alert_changes(
    chosen: Configuration, old: Mapping[int, Judged], new: Mapping[int, Judged], now: datetime
) -> list[rule_alerts.AlertChange]:
    given, would_be = (
        rule_alerts.alerts_of(one.items(), chosen.subscriptions, now) for one in (old, new)
    )
    return rule_alerts.compare(given, would_be)


def _value(verdict: Verdict, name: str) -> str:
    value = getattr(verdict.card, name)
    return "+".join(map(str, value)) if isinstance(value, tuple) else str(value)
