"""Judged documents into the database, and what became of each of them into the report."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from crawler.ingest import ingest
from spiders.reading.polls import AnswerValidators, keep_validators
from spiders.report import RunReport
from spiders.spec import CrawlSpec
from spiders.tallies import of_settled
from storage.database.session import Session
from storage.documents.documents import Stored
from storage.records import Judged
from storage.sources.frontier import FrontierRow, done, give_up
from storage.sources.ledger import write
from storage.sources.revisits import note_seen, plan_revisit

UNSTORABLE = "unstorable"  # the database does not take the document, whatever the reason


@dataclass(frozen=True, slots=True)
class Arrival:
    """A judged document on its way to the database.

    `row` is its place on the frontier. A watched page has no row. It has the validators of its
    answer instead, which may be kept only together with the page. Nor has one `from_file`, of a
    source that lies on this machine or is a mailbox.
    """

    judged: Judged
    source_id: str
    row: FrontierRow | None = None
    validators: AnswerValidators | None = None
    from_file: bool = False

    @property
    def url(self) -> str:
        return self.row.url if self.row is not None else self.judged.document.url or ""


@dataclass(frozen=True, slots=True)
class Settled:
    """What became of an arrival: `stored`, or None and the `problem` that kept it out. `outcome` is
    stored, changed, unchanged (looked at again), duplicate or unstorable.
    """

    arrival: Arrival
    stored: Stored | None
    outcome: str
    problem: str = ""


class DocumentStore:
    """Stores batches of documents for one run. It knows the database's transactions and the report,
    and nothing of threads, the frontier or the engine.
    """

    def __init__(self, spec: CrawlSpec, run_id: int, report: RunReport) -> None:
        self.spec, self.run_id, self.report = spec, run_id, report

    def store(self, s: Session, arrivals: Sequence[Arrival]) -> list[Settled]:
        """Stores documents, their register, what is owed for them and the state of their frontier
        rows, all in the caller's transaction.
        """
        now = datetime.now(UTC)
        ingested = ingest(
            s,
            [arrival.judged for arrival in arrivals],
            self.spec.subscriptions,
            now=now,
            run_id=self.run_id,
            crawl=True,
            max_age_days=self.spec.max_age_days,
        )
        problems = {problem.index: problem.message for problem in ingested.problems}
        settled = [
            Settled(arrival, stored, _settled(s, arrival, stored, now), problems.get(index, ""))
            for index, (arrival, stored) in enumerate(zip(arrivals, ingested.stored, strict=True))
        ]
        for one in settled:
            _settle(s, one, now)
        write(s, now, of_settled(settled, now))
        return settled

    def tell(self, settled: Sequence[Settled]) -> None:
        """Writes the outcome of each document into the report; to be called after the commit."""
        for one in settled:
            arrival, url = one.arrival, one.arrival.url
            if one.stored is None:
                self.report.skipped(arrival.source_id, url, UNSTORABLE, f"{url}: {one.problem}")
                continue
            self.report.kept(
                arrival.source_id,
                url,
                arrival.judged.document.title,
                one.outcome,
                relevant=arrival.judged.has_alert,
            )


def _settle(s: Session, settled: Settled, now: datetime) -> None:
    """Ends the frontier row of a document, or keeps the validators of a watched page."""
    row, stored = settled.arrival.row, settled.stored
    if row is not None and stored is not None:
        done(s, row.id, settled.outcome, stored.document_id)
    elif row is not None:
        give_up(s, row.id, UNSTORABLE)
    found = settled.arrival.validators
    if found is not None:
        has_news = stored is not None and (stored.created or stored.changed)
        keep_validators(s, found, now, has_news=has_news)


def _settled(s: Session, arrival: Arrival, stored: Stored | None, now: datetime) -> str:
    """What became of a document. Reports, and what may be one, will be looked at again."""
    if stored is None:
        return UNSTORABLE
    verdict = arrival.judged.verdict
    was_planned = note_seen(s, stored.document_id, now, changed=stored.changed)
    if arrival.row is not None and (verdict.relevant or verdict.near_miss):
        plan_revisit(s, stored.document_id, arrival.source_id, now)
    if stored.created:
        return "stored"
    if stored.changed:
        return "changed"
    return "unchanged" if was_planned else "duplicate"
