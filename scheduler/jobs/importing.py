"""Stores documents from a file as if they had been collected: judges them, puts them into the
register, and queues the alerts that follow.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from operator import is_not

from crawler.ingest.ingest import ingest
from crawler.ingest.vouching import note_sources
from crawler.judgement.judge import load_rules
from crawler.process.process import judge_article
from scheduler.configuration.config import Configuration
from scheduler.configuration.false_alarms import false_alarm_rate
from scheduler.configuration.user_subscriptions import everybody
from scheduler.jobs.documents_file import read_documents
from storage.database.session import Database
from storage.database.sql import chunks
from storage.records import Document

# A batch is one transaction, and the register is read once for all of it: in batches of 500 a file
# is imported several times faster than in batches of 50. A killed import loses one batch, and
# importing the file again is harmless.
_BATCH = 500


@dataclass(slots=True)
class Imported:
    """What an import did, in numbers of documents. `pending` counts alerts."""

    alerts: bool = True  # whether any could be queued
    read: int = 0
    stored: int = 0
    relevant: int = 0
    pending: int = 0
    problems: list[str] = field(default_factory=list)
    unread: Counter[str] = field(default_factory=Counter)  # keys that no document has
    unstored: int = 0  # read, but not taken by the database
    misdated: int = 0  # dated in the future, and stored without a date

    @property
    def known(self) -> int:
        return self.read - self.stored - self.unstored

    @property
    def summary(self) -> str:
        """One line: "3 documents read, 2 stored, 1 report an agreement; 1 alert pending"."""
        plural = "" if self.read == 1 else "s"
        text = f"{self.read} document{plural} read, {self.stored} stored"
        text += f", {self.relevant} report an agreement"
        if self.known:
            text += f", {self.known} were known already"
        if self.misdated:
            text += f", {self.misdated} dated in the future and kept undated"
        if not self.alerts:
            return f"{text}; stored without alerts (--no-alerts)"
        text += f"; {self.pending} alert{'' if self.pending == 1 else 's'} pending"
        none = self.relevant and not self.pending
        return f"{text} (older than alerts.max_age_days is no news)" if none else text


def import_lines(
    database: Database,
    chosen: Configuration,
    lines: Iterable[bytes],
    name: str,
    *,
    now: datetime,
    alerts: bool = True,
) -> Imported:
    """Judge and store a JSON lines file. A line that is no document becomes a problem."""
    faults: list[str] = []
    unread = Counter[str]()
    documents = read_documents(lines, name, lambda _, fault: faults.append(fault), unread.update)
    done = import_documents(database, chosen, documents, now=now, alerts=alerts)
    done.problems, done.unread = [*faults, *done.problems], unread
    return done


def import_documents(
    database: Database,
    chosen: Configuration,
    documents: Iterable[Document],
    *,
    now: datetime,
    alerts: bool = True,
) -> Imported:
    """Judge and store documents, in batches of one transaction each. One that cannot be stored
    becomes a problem of the result. Without `alerts` nobody is notified of it, now or later.
    """
    chosen = everybody(database, chosen)
    note_sources(
        database,
        chosen.sources,
        chosen.subscriptions,
        now=now,
        max_age_days=chosen.settings.alerts.max_age_days,
    )
    rate = false_alarm_rate(database, chosen, now)
    rules = load_rules(chosen.settings.rules.packs, chosen.rule_files, false_alarms=rate)
    total = Imported(alerts)
    for batch in chunks(documents, _BATCH):
        possible = [_possibly_dated(document, now) for document in batch]
        judged = [judge_article(document, rules) for document in possible]
        with database.begin() as s:
            done = ingest(
                s,
                judged,
                chosen.subscriptions,
                now=now,
                run_id=None,
                crawl=False,
                max_age_days=chosen.settings.alerts.max_age_days,
                alerts=alerts,
            )
        total.read += len(judged)
        total.stored += sum(one is not None and one.created for one in done.stored)
        total.relevant += done.relevant
        total.pending += done.pending
        total.problems += (
            f"{_name(possible[problem.index])}: {problem.message}" for problem in done.problems
        )
        total.unstored += len(done.problems)
        total.misdated += sum(map(is_not, batch, possible))
    return total


def _possibly_dated(document: Document, now: datetime) -> Document:
    """The document, without its date if that has not come yet. Tomorrow counts as come: it is today
    already east of Greenwich.
    """
    latest = now.date() + timedelta(days=1)
    has_come = document.published_on is None or document.published_on <= latest
    return document if has_come else replace(document, published_on=None)


def _name(document: Document) -> str:
    return document.external_id or document.url or document.title
