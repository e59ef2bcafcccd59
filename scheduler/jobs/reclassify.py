"""Today's rules applied to all that is stored: what appears, vanishes and changes.

What was sent already is not sent again.
"""

from __future__ import annotations

import logging
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from crawler.ingest.ingest import rejudge, with_answers
from crawler.judgement.judge import Rules, load_rules
from crawler.process.process import judge_article, judge_document
from scheduler.configuration.config import Configuration
from scheduler.configuration.false_alarms import false_alarm_rate
from scheduler.configuration.user_subscriptions import with_users
from storage.database.session import Database, Session, trial
from storage.documents.texts import judgeable_ids, load_judgeable, versions
from storage.errors import FaultError
from storage.records import Document, Judged
from storage.search.document_rows import DocumentRow, report_rows

_LOG = logging.getLogger(__name__)

# Judged in a second or two. For so long a crawl can change a document between reading and writing.
_BATCH = 200


def reclassify(
    database: Database,
    chosen: Configuration,
    *,
    now: datetime,
    dry_run: bool = False,
    files: Sequence[Path] = (),
) -> tuple[int, list[str], list[str]]:
    """Judge every stored document that still has its text, and store the verdicts unless `dry_run`.
    `files` are rule files in the place of the configured ones. Returns how many were read, a line
    for each that changed, and one for each on which our code failed. What a crawl changes meanwhile
    is judged again.
    """
    rate = false_alarm_rate(database, chosen, now)
    rules = load_rules(chosen.settings.rules.packs, files or chosen.rule_files, false_alarms=rate)
    lines, problems = list[str](), list[str]()
    read = last = 0
    while True:
        with database.read() as s:
            pending = judgeable_ids(s, last, _BATCH)
        if not pending:
            return read, lines, problems
        last = pending[-1]
        while pending:
            judged, read_as, differences, faults = _judge(database, pending, rules)
            pending, unstored = [], dict[int, str]()
            if not dry_run:
                pending, unstored = _store(database, chosen, judged, read_as, now)
            problems += [*faults, *unstored.values()]
            settled = {number for number, _ in judged}.difference(pending, unstored)
            read += len(settled)
            lines += [line for number, line in differences if number in settled]


# Documents by their numbers, as they were judged anew.
_Judged = list[tuple[int, Judged]]


def _judge(
    database: Database, ids: Collection[int], rules: Rules
) -> tuple[_Judged, Mapping[int, tuple[Any, ...]], list[tuple[int, str]], list[str]]:
    """Judge documents anew: (the verdicts, the versions of what was read, a line for each that
    would change, a line for each that could not be judged).
    """
    with database.read() as s:
        before, read_as = report_rows(s, ids), versions(s, ids)
        documents = list(load_judgeable(s, ids))
    judged, faults = list[tuple[int, Judged]](), list[str]()
    for document_id, document in documents:
        try:
            again = _judge_again(document, before.get(document_id), rules)
        except Exception as error:  # what keeps out one document must not keep out others
            faults.append(f"{_named(document_id, document)}: {type(error).__name__}: {error}")
        else:
            judged.append((document_id, again))
    differences = []
    with database.read() as s:
        numbers = [number for number, _ in judged]
        answered = with_answers(s, [one for _, one in judged], numbers)
        judged = list(zip(numbers, answered, strict=True))
        for number, one in judged:
            if line := difference(number, before.get(number), one):
                differences.append((number, line))
    return judged, read_as, differences, faults


def _judge_again(document: Document, before: DocumentRow | None, rules: Rules) -> Judged:
    """A round-up that is a report, or was decided upon, stays whole: it keeps its number."""
    judged = judge_article(document, rules)
    is_settled = before is not None and (before.relevant or before.ruled_out or before.added)
    return judge_document(document, rules) if judged.parts and is_settled else judged


def _store(
    database: Database,
    chosen: Configuration,
    judged: _Judged,
    read_as: Mapping[int, tuple[Any, ...]],
    now: datetime,
) -> tuple[list[int], dict[int, str]]:
    """Store verdicts, of a batch on which our code fails one by one. Returns the documents that
    have changed since they were read, and a line for each on which it failed.
    """
    max_age_days = chosen.settings.alerts.max_age_days
    with database.begin() as s:  # from here on nobody else writes
        chosen = with_users(s, chosen)
        today = versions(s, read_as.keys())
        changed = [one for one, _ in judged if today.get(one) != read_as[one]]
        current = [one for one in judged if one[0] not in changed]
        try:
            with trial(s):
                rejudge(s, current, chosen.subscriptions, now=now, max_age_days=max_age_days)
        except FaultError:
            _LOG.warning("a batch could not be stored as one; its documents are stored one by one")
        else:
            return changed, {}
        return changed, dict(_store_alone(s, current, chosen, now))


def _store_alone(
    s: Session, documents: Iterable[tuple[int, Judged]], chosen: Configuration, now: datetime
) -> Iterator[tuple[int, str]]:
    """Store verdicts one by one. Yields each document on which our code fails, with the fault."""
    max_age_days = chosen.settings.alerts.max_age_days
    for document_id, judged in documents:
        try:
            with trial(s):
                again = [(document_id, judged)]
                rejudge(s, again, chosen.subscriptions, now=now, max_age_days=max_age_days)
        except FaultError as error:
            name = _named(document_id, judged.document)
            _LOG.error("%s could not be stored because of a bug:", name, exc_info=error)
            yield document_id, f"{name}: {error}"


def _named(document_id: int, document: Document) -> str:
    return f"[{document_id}] {document.title}"


def difference(document_id: int, before: DocumentRow | None, after: Judged) -> str | None:
    """What changed for a reader, if anything."""
    if before is not None and (before.ruled_out or before.added):
        return None  # a curator's decision stands, whatever the rules say
    named, is_relevant = _named(document_id, after.document), after.has_alert
    was_relevant = before is not None and before.relevant
    if is_relevant and not was_relevant:
        return f"appears: {named}"
    if was_relevant and not is_relevant:
        return f"vanishes: {named}"
    if before is None or not was_relevant:
        return None
    was, card = before.card, after.verdict.card
    pairs = (
        ("parties", was.parties, card.parties),
        ("status", was.status, card.status),
        ("topics", was.topics, card.topics),
        ("place", was.place, card.place),
        ("day", was.event_date, card.event_date),
    )
    changed = [f"{name} {_shown(old)} -> {_shown(new)}" for name, old, new in pairs if old != new]
    return f"changes: {named}: {', '.join(changed)}" if changed else None


def _shown(value: object) -> str:
    if isinstance(value, tuple):
        return "+".join(map(str, value)) or "none"
    return "none" if value is None else str(value)
