"""Stores judged documents in the database, and tells the report what became of each."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime

from crawler.ingest.ingest import Unstored, ingest
from spiders.reading.polls import keep_validators
from spiders.reading.records import Arrival, Settled
from spiders.report import RunReport
from spiders.spec import CrawlSpec
from spiders.tallies import of_settled
from storage.database.session import Session
from storage.documents.documents import Stored
from storage.documents.set_aside import set_aside, take_back
from storage.sources.frontier import all_done, give_up
from storage.sources.ledger import write
from storage.sources.revisits import note_seen, plan_revisits, planned_among

UNSTORABLE = "unstorable"  # the database does not take the document, whatever the reason
SET_ASIDE = "set_aside"  # our own code could not store it; a later version may


class DocumentStore:
    """Stores batches of documents for one run. It knows the database's transactions and the report,
    and nothing of threads, the frontier or the engine.
    """

    def __init__(self, spec: CrawlSpec, run_id: int, report: RunReport) -> None:
        self.spec, self.run_id, self.report = spec, run_id, report

    def store(self, s: Session, arrivals: Sequence[Arrival]) -> list[Settled]:
        """Stores documents, their register, the news that they are and the state of their frontier
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
        problems = {problem.index: problem for problem in ingested.problems}
        revisited = planned_among(s, (one.document_id for one in ingested.stored if one))
        arrived = list(zip(arrivals, ingested.stored, strict=True))
        plan_revisits(s, _to_revisit(arrived), now)
        settled = [
            _settled(s, arrival, stored, problems.get(index), revisited, now)
            for index, (arrival, stored) in enumerate(arrived)
        ]
        all_done(s, _rows_done(settled))
        for one in settled:
            _settle(s, one, now)
        take_back(s, [one.arrival.url for one in settled if one.stored is not None])
        write(s, now, of_settled(settled))
        return settled

    def tell(self, settled: Sequence[Settled]) -> None:
        """Writes the outcome of each document into the report; to be called after the commit."""
        for one in settled:
            arrival, url = one.arrival, one.arrival.url
            if one.stored is None:
                self.report.skipped(arrival.source_id, url, one.outcome, f"{url}: {one.problem}")
                continue
            self.report.kept(
                arrival.source_id,
                url,
                arrival.judged.document.title,
                one.outcome,
                relevant=arrival.judged.has_alert,
            )


def _to_revisit(
    arrived: Iterable[tuple[Arrival, Stored | None]],
) -> Iterator[tuple[int, str]]:
    """Yields the documents that will be looked at again, with their sources."""
    for arrival, stored in arrived:
        if stored is not None and _may_report(arrival):
            yield stored.document_id, arrival.source_id


def _rows_done(settled: Iterable[Settled]) -> Iterator[tuple[int, str, int]]:
    """Yields the frontier rows of documents that are stored, with their outcomes."""
    for one in settled:
        if one.arrival.row is not None and one.stored is not None:
            yield one.arrival.row.id, one.outcome, one.stored.document_id


def _settle(s: Session, settled: Settled, now: datetime) -> None:
    """Gives up the frontier row of a document that is not stored. Keeps the validators of a watched
    page.
    """
    arrival, stored = settled.arrival, settled.stored
    if arrival.row is not None and stored is None:
        give_up(s, arrival.row.id, settled.outcome)
    found = arrival.validators
    if settled.outcome == SET_ASIDE:
        # A watched page is read again at the next look, because its validators are not kept.
        document = arrival.judged.document if found is None else None
        set_aside(s, arrival.url, arrival.source_id, document, settled.problem, now)
    elif found is not None:
        has_news = stored is not None and (stored.created or stored.changed)
        keep_validators(s, found, now, has_news=has_news)


def _settled(
    s: Session,
    arrival: Arrival,
    stored: Stored | None,
    problem: Unstored | None,
    revisited: set[int],
    now: datetime,
) -> Settled:
    """What became of a document. `revisited` are those that are looked at again."""
    if problem is not None or stored is None:
        outcome = SET_ASIDE if problem is not None and problem.is_fault else UNSTORABLE
        return Settled(arrival, None, outcome, problem.message if problem is not None else "")
    return Settled(arrival, stored, _outcome(s, arrival, stored, revisited, now))


def _outcome(
    s: Session, arrival: Arrival, stored: Stored, revisited: set[int], now: datetime
) -> str:
    """How a document was stored. Reports, and what may be one, will be looked at again."""
    was_planned = stored.document_id in revisited
    if was_planned:
        note_seen(s, stored.document_id, now, changed=stored.changed)
    if _may_report(arrival):
        revisited.add(stored.document_id)
    if stored.created:
        return "stored"
    if stored.changed:
        return "changed"
    return "unchanged" if was_planned else "duplicate"


def _may_report(arrival: Arrival) -> bool:
    """Whether a document is a report or may be one, and came by the frontier."""
    verdict = arrival.judged.verdict
    return arrival.row is not None and (verdict.relevant or verdict.near_miss)
