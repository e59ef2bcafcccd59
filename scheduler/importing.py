"""Documents from a file, as if they had been collected: judge, cluster, owe."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import islice
from typing import TextIO

from crawler.ingest import ingest
from crawler.judgement.judge import load_rules
from crawler.process import judge_document
from scheduler.config import Configuration
from scheduler.documents_file import read_documents
from storage.records import Document
from storage.session import Database

# A batch is one transaction, and the register is looked at once for all of it: in batches of 500 a file is imported
# several times faster than in batches of 50. A killed import loses one batch, and importing again is harmless.
_BATCH = 500


@dataclass(frozen=True, slots=True)
class Imported:
    read: int
    stored: int
    relevant: int
    owed: int
    problems: tuple[str, ...] = ()
    misdated: int = 0  # said to be of the future, and kept without a date

    @property
    def summary(self) -> str:
        known = self.read - self.stored - len(self.problems)
        said = f"{self.read} documents read, {self.stored} stored, {self.relevant} report an agreement"
        if known:
            said += f", {known} were known already"
        if self.misdated:
            said += f", {self.misdated} dated in the future and kept undated"
        return f"{said}; {self.owed} alerts owed"


def import_lines(database: Database, chosen: Configuration, lines: TextIO, name: str, *, now: datetime) -> Imported:
    """Judge and store every document of a JSON lines file, in batches of one transaction each."""
    rules = load_rules(chosen.settings.rules.packs, chosen.rule_files)
    read = stored = relevant = owed = misdated = 0
    latest = now.date() + timedelta(days=1)  # tomorrow is today east of Greenwich
    problems: list[str] = []
    for batch in _batches(lines, name):
        possible = [
            replace(document, published_on=None)
            if document.published_on and document.published_on > latest
            else document
            for document in batch
        ]
        misdated += sum(one is not other for one, other in zip(batch, possible, strict=True))
        judged = [judge_document(document, rules) for document in possible]
        with database.begin() as s:
            done = ingest(
                s,
                judged,
                chosen.subscriptions,
                now=now,
                run_id=None,
                crawl=False,
                max_age_days=chosen.settings.alerts.max_age_days,
            )
        read += len(judged)
        stored += sum(one is not None and one.created for one in done.stored)
        problems += [problem.message for problem in done.problems]
        relevant += done.relevant
        owed += done.owed
    return Imported(read, stored, relevant, owed, tuple(problems), misdated)


def _batches(lines: TextIO, name: str) -> Iterator[list[Document]]:
    documents = read_documents(lines, name)
    while batch := list(islice(documents, _BATCH)):
        yield batch
