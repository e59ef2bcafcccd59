"""Today's rules over all that is stored: what appears, vanishes and changes; nothing that was told is told again."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from crawler.ingest import rejudge
from crawler.judgement.judge import Rules, load_rules
from crawler.process import judge_document
from scheduler.config import Configuration
from storage.documents import load_judgeable
from storage.queries import DocumentRow, report_rows
from storage.records import Document, Judged
from storage.session import Database

_BATCH = 200


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


def reclassify(database: Database, chosen: Configuration, *, now: datetime, dry_run: bool = False) -> Reclassified:
    """Judge every stored document that still has its text; store the verdicts unless `dry_run`."""
    rules = load_rules(chosen.settings.rules.packs, chosen.rule_files)
    lines: list[str] = []
    read = 0
    with database.read() as s:
        ids = [document_id for document_id, _ in load_judgeable(s)]
    for start in range(0, len(ids), _BATCH):
        batch = ids[start : start + _BATCH]
        with database.read() as s:
            before = report_rows(s, batch)
            documents = list(load_judgeable(s, batch))
        judged = list(_judged(documents, rules))
        lines += [line for one in judged if (line := difference(one[0], before.get(one[0]), one[1]))]
        read += len(judged)
        if not dry_run:
            max_age_days = chosen.settings.alerts.max_age_days
            with database.begin() as s:
                rejudge(s, judged, chosen.subscriptions, now=now, max_age_days=max_age_days)
    return Reclassified(read, tuple(lines), dry_run)


def difference(document_id: int, before: DocumentRow | None, after: Judged) -> str | None:
    """What changed for a reader, as one line; None if nothing did."""
    title, verdict = after.document.title, after.verdict
    if before is None or before.relevant != verdict.relevant:
        word = "appears" if verdict.relevant else "vanishes"
        return f"{word}: [{document_id}] {title}" if before is not None or verdict.relevant else None
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


def _judged(documents: list[tuple[int, Document]], rules: Rules) -> Iterator[tuple[int, Judged]]:
    for document_id, document in documents:
        yield document_id, judge_document(document, rules)


def _shown(value: object) -> str:
    if isinstance(value, tuple):
        return "+".join(map(str, value)) or "none"
    return "none" if value is None else str(value)
