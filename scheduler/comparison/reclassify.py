"""Today's rules over all that is stored: what appears, vanishes and changes; nothing that was told is told again."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from crawler.ingest import rejudge
from crawler.judgement.judge import Rules, load_rules
from crawler.process import judge_document
from scheduler.configuration.affordable import false_alarm_rate
from scheduler.configuration.config import Configuration
from storage.database.session import Database
from storage.documents.judgeable import judgeable_ids, load_judgeable, versions
from storage.queries import DocumentRow, report_rows
from storage.records import Judged

_BATCH = (
    200  # judged in a second or two; so long a crawl's change can come between reading and writing
)


@dataclass(frozen=True, slots=True)
class Reclassified:
    """`lines` says what changed, a line a document."""

    read: int
    lines: tuple[str, ...]
    dry_run: bool

    @property
    def summary(self) -> str:
        verb = "would change" if self.dry_run else "changed"
        return f"{self.read} document{'' if self.read == 1 else 's'} judged again, {len(self.lines)} {verb}"


def reclassify(
    database: Database, chosen: Configuration, *, now: datetime, dry_run: bool = False
) -> Reclassified:
    """Judge every stored document that still has its text; store the verdicts unless `dry_run`.

    A crawl may work beside it: a document that it changed while we judged the old text is judged again.
    """
    rate = false_alarm_rate(database, chosen, now)
    rules = load_rules(chosen.settings.rules.packs, chosen.rule_files, false_alarms=rate)
    lines: list[str] = []
    read = last = 0
    while batch := _ids_after(database, last):
        last = batch[-1]
        pending = batch
        while pending:
            judged = _judge(database, pending, rules)
            pending = [] if dry_run else _store(database, chosen, judged, now)
            settled = [one for one in judged.documents if one[0] not in pending]
            lines += [
                line
                for one in settled
                if (line := difference(one[0], judged.before.get(one[0]), one[1]))
            ]
            read += len(settled)
    return Reclassified(read, tuple(lines), dry_run)


@dataclass(frozen=True, slots=True)
class _Judged:
    """Documents judged anew, how they stood when they were read, and in which version."""

    documents: tuple[tuple[int, Judged], ...]
    before: Mapping[int, DocumentRow]
    versions: Mapping[int, tuple[Any, ...]]


def _ids_after(database: Database, last: int) -> list[int]:
    with database.read() as s:
        return judgeable_ids(s, last, _BATCH)


def _judge(database: Database, ids: Collection[int], rules: Rules) -> _Judged:
    with database.read() as s:
        before, read_as = report_rows(s, ids), versions(s, ids)
        documents = list(load_judgeable(s, ids))
    judged = ((document_id, judge_document(document, rules)) for document_id, document in documents)
    return _Judged(tuple(judged), before, read_as)


def _store(database: Database, chosen: Configuration, judged: _Judged, now: datetime) -> list[int]:
    """Store the verdicts; the documents that have changed since they were read are left alone, and are the value."""
    max_age_days = chosen.settings.alerts.max_age_days
    with database.begin() as s:  # nobody else writes from here on
        today = versions(s, judged.versions.keys())
        changed = [one for one, _ in judged.documents if today.get(one) != judged.versions[one]]
        current = [one for one in judged.documents if one[0] not in changed]
        rejudge(s, current, chosen.subscriptions, now=now, max_age_days=max_age_days)
    return changed


def difference(document_id: int, before: DocumentRow | None, after: Judged) -> str | None:
    """What changed for a reader, as one line; None if nothing did."""
    if before is not None and (before.ruled_out or before.added):
        return None  # a curator's decision stands, whatever the rules say
    title, verdict = after.document.title, after.verdict
    if before is None or before.relevant != verdict.relevant:
        word = "appears" if verdict.relevant else "vanishes"
        return (
            f"{word}: [{document_id}] {title}" if before is not None or verdict.relevant else None
        )
    if not verdict.relevant:
        return None
    card = verdict.card
    pairs = (
        ("parties", before.parties, card.parties),
        ("status", before.status, card.status),
        ("topics", before.topics, card.topics),
        ("place", before.place, card.place),
        ("day", before.event_date, card.event_date),
    )
    changed = [f"{name} {_shown(old)} -> {_shown(new)}" for name, old, new in pairs if old != new]
    return f"changes: [{document_id}] {title}: {', '.join(changed)}" if changed else None


def _shown(value: object) -> str:
    if isinstance(value, tuple):
        return "+".join(map(str, value)) or "none"
    return "none" if value is None else str(value)
