"""The numbers of `/metrics` for Prometheus: the register, each source, what waits."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

from scheduler.configuration.config import Configuration
from scheduler.schedule.liveness import count_alive, is_alive
from storage import queries
from storage.database.session import Database
from storage.notifications import deliveries, incidents
from storage.notifications.deliveries import ChannelQueue
from storage.records import Source
from storage.sources.runs import last_runs
from storage.sources.states import SourceState, source_states
from storage.workers.queue import JobCount, SeenWorker, job_counts, seen_workers

METRICS_TYPE = "text/plain; version=0.0.4; charset=utf-8"


def metrics(database: Database, chosen: Configuration, now: datetime) -> bytes:
    """The numbers in Prometheus's text format."""
    registry = CollectorRegistry()
    registry.register(_Numbers(database, chosen, now))
    return generate_latest(registry)


class _Numbers(Collector):
    def __init__(self, database: Database, chosen: Configuration, now: datetime) -> None:
        self._database, self._chosen, self._now = database, chosen, now

    def collect(self) -> Iterator[GaugeMetricFamily]:
        with self._database.read() as s:
            failing_polls = self._chosen.settings.monitor.failing_polls
            alive = count_alive(s, self._chosen.sources, self._now, failing_polls)
            counted = queries.counts(s)
            runs, late = last_runs(s, 1), deliveries.count_undelivered(s)
            states, waiting = source_states(s), deliveries.waiting(s)
            jobs, workers = job_counts(s), seen_workers(s)
            troubles = [
                incident.name for incident in incidents.incidents(s).values() if incident.told_at
            ]
        yield _gauge("documents", "Documents that are stored.", counted.documents)
        yield _gauge("documents_relevant", "Documents that report an agreement.", counted.relevant)
        yield _gauge("agreements", "Agreements in the register.", counted.agreements)
        yield _gauge("frontier", "Addresses that wait to be fetched.", counted.frontier)
        yield _gauge("owed", "Items that wait to be told.", counted.owed)
        yield _gauge("deliveries_undelivered", "Deliveries that failed, waiting or given up.", late)
        yield _gauge("sources", "Sources that are watched.", alive.sources)
        yield _gauge("sources_alive", "Sources that are alive.", alive.alive)
        if runs:
            started = runs[0].started_at.timestamp()
            yield _gauge("last_run_timestamp_seconds", "When the last run began.", started)
        open_now = GaugeMetricFamily(
            "accordwatch_incident", "Troubles that the operator was told of.", labels=["name"]
        )
        for name in troubles:
            open_now.add_metric([name], 1)
        yield open_now
        yield from _worker_gauges(jobs, workers)
        yield from _source_gauges(self._chosen.sources, states, self._now, failing_polls)
        yield from _channel_gauges(waiting)


def _worker_gauges(
    jobs: Sequence[JobCount], workers: Sequence[SeenWorker]
) -> Iterator[GaugeMetricFamily]:
    """The queue of jobs and the workers; none where no workers are led."""
    if not jobs and not workers:
        return
    counts = GaugeMetricFamily("accordwatch_jobs", "Jobs of workers.", labels=["kind", "state"])
    ages = GaugeMetricFamily(
        "accordwatch_jobs_oldest_seconds", "Since when the oldest is so.", labels=["kind", "state"]
    )
    for one in jobs:
        counts.add_metric([one.kind, one.state], one.jobs)
        ages.add_metric([one.kind, one.state], one.oldest_s)
    yield from (counts, ages)
    states = {one.state.name: one.state for one in workers if not one.state.leads}
    takes = {name: float(one.waits_because is None) for name, one in states.items()}
    rates = {name: one.documents_a_minute for name, one in states.items()}
    memory = {name: (one.memory_mb or 0) * 2**20 for name, one in states.items()}
    yield _labelled("worker_works", "Whether it takes jobs (1) or waits (0).", "worker", takes)
    yield _labelled("worker_documents_a_minute", "Documents it stored.", "worker", rates)
    yield _labelled("worker_memory_bytes", "What it and its children occupy.", "worker", memory)


def _source_gauges(
    watched: Iterable[Source],
    states: Mapping[str, SourceState],
    now: datetime,
    failing_polls: int,
) -> Iterator[GaugeMetricFamily]:
    """The samples of each source. One that was never polled has only the one that it is not
    alive.
    """
    enabled = [source for source in watched if source.enabled]
    alive = {
        source.id: float(is_alive(source, states.get(source.id), now, failing_polls))
        for source in enabled
    }
    polled = [states[source.id] for source in enabled if source.id in states]
    at = {one.source_id: one.last_success_at.timestamp() for one in polled if one.last_success_at}
    asked = {one.source_id: one.last_poll_at.timestamp() for one in polled if one.last_poll_at}
    due = {one.source_id: one.due_at.timestamp() for one in polled if one.due_at}
    yield _labelled("source_alive", "Whether a source answers (1) or not (0).", "source", alive)
    yield _labelled(
        "source_last_success_timestamp_seconds", "When a source last answered well.", "source", at
    )
    yield _labelled(
        "source_last_poll_timestamp_seconds", "When a source was last asked.", "source", asked
    )
    yield _labelled(
        "source_due_timestamp_seconds", "When a source is to be asked next.", "source", due
    )
    counts = {
        "source_failures": (
            "Polls that failed in a row.",
            {one.source_id: one.failures for one in polled},
        ),
        "source_offered": (
            "Documents that the last poll offered.",
            {one.source_id: one.last_offered for one in polled},
        ),
        "source_new": (
            "New documents among them.",
            {one.source_id: one.last_new for one in polled},
        ),
    }
    for name, (text, values) in counts.items():
        yield _labelled(name, text, "source", values)


def _channel_gauges(waiting: Iterable[ChannelQueue]) -> Iterator[GaugeMetricFamily]:
    rows = list(waiting)
    counts = {one.channel: one.deliveries for one in rows}
    failed = {one.channel: one.failed for one in rows}
    oldest = {one.channel: one.since_at.timestamp() for one in rows}
    yield _labelled("deliveries_waiting", "Deliveries on their way.", "channel", counts)
    yield _labelled(
        "deliveries_failing",
        "Deliveries on their way that failed at least once.",
        "channel",
        failed,
    )
    yield _labelled(
        "deliveries_oldest_timestamp_seconds",
        "When the oldest of them was claimed.",
        "channel",
        oldest,
    )


def _labelled(name: str, text: str, label: str, values: Mapping[str, float]) -> GaugeMetricFamily:
    family = GaugeMetricFamily(f"accordwatch_{name}", text, labels=[label])
    for labelled, value in values.items():
        family.add_metric([labelled], value)
    return family


def _gauge(name: str, text: str, value: float) -> GaugeMetricFamily:
    return GaugeMetricFamily(f"accordwatch_{name}", text, value=value)
