"""`/healthz`, `/metrics` and `/unsubscribe`: what programs ask of an installation, and the way out
of a subscription.

The page serves them among its other addresses, the daemon serves them alone. So this module imports
nothing of the page, which would take the daemon a second and 40 MB.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime

from jinja2 import Environment, PackageLoader, select_autoescape
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from scheduler.configuration.config import Configuration
from scheduler.jobs.health.findings import all_fail, last_fault
from scheduler.schedule.liveness import count_alive, is_alive
from scheduler.views.words.labels import labels_of
from scheduler.views.words.lines import line
from storage import queries
from storage.database.session import Database, Session, check_version
from storage.errors import DatabaseError
from storage.notifications import deliveries, incidents, receivers
from storage.notifications.deliveries import ChannelQueue
from storage.records import Source
from storage.sources.runs import last_runs
from storage.sources.states import SourceState, source_states
from storage.workers.queue import JobCount, SeenWorker, job_counts, seen_workers

_HEADERS = {
    "Content-Security-Policy": "default-src 'none'; form-action 'self'; base-uri 'none'; "
    "frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
}
Jobs = tuple[list[str], Mapping[str, str]]


@dataclass(frozen=True, slots=True)
class Operated:
    """What the answers are made of. `jobs` gives the names of the daemon's jobs that are stuck, and
    the last errors of those that keep failing; it is None in the page, whose /healthz strangers may
    ask, so that it says nothing but whether it answers.
    """

    database: Database
    chosen: Callable[[], Configuration]
    jobs: Callable[[], Jobs] | None = None


def daemon_application(operated: Operated) -> Starlette:
    """The part of the page that the daemon serves."""

    def not_here(request: Request, error: Exception) -> Response:
        return PlainTextResponse("not here\n", 404, _HEADERS)

    def no_database(request: Request, error: Exception) -> Response:
        return PlainTextResponse(f"{error}\n", 503, _HEADERS)

    app = Starlette(
        routes=routes(),
        exception_handlers={404: not_here, 405: not_here, DatabaseError: no_database},
    )
    app.state.operated = operated
    return app


def routes() -> list[Route]:
    """The three addresses, for an application whose `state.operated` is an Operated."""
    return [
        Route("/healthz", _healthz, methods=["GET"]),
        Route("/metrics", _metrics, methods=["GET"]),
        Route("/unsubscribe", _unsubscribe, methods=["GET", "POST"]),
    ]


def _operated(request: Request) -> Operated:
    found: Operated = request.app.state.operated
    return found


def _healthz(request: Request) -> Response:
    served = _operated(request)
    if served.jobs is None:
        code, said = _answers(served.database)
    else:
        stuck, failing = served.jobs()
        code, said = health(served.database, served.chosen(), stuck, failing, datetime.now(UTC))
        if said["status"] == "degraded" and "strict" in request.query_params:
            code = 503
    return Response(json.dumps(said), code, _HEADERS, "application/json")


def _metrics(request: Request) -> Response:
    served = _operated(request)
    body = metrics(served.database, served.chosen(), datetime.now(UTC))
    return Response(body, 200, _HEADERS | {"Content-Type": METRICS_TYPE})


def _unsubscribe(request: Request) -> Response:
    """A GET asks by a button, since programs open each link in a mail; a POST ends the subscription
    of the recipient whose mail had this token, without questions (RFC 8058).
    """
    served, token = _operated(request), request.query_params.get("t", "")
    answer = unsubscribe if request.method == "POST" else ask_to_unsubscribe
    code, html = answer(served.database, served.chosen(), token)
    return Response(html, code, _HEADERS, "text/html")


def _answers(database: Database) -> tuple[int, dict[str, object]]:
    try:
        with database.read() as s:
            check_version(s)
    except DatabaseError:
        return 503, {"status": "failing", "database": "does not answer"}
    return 200, {"status": "ok"}


def health(
    database: Database,
    chosen: Configuration,
    stuck: list[str],
    failing: Mapping[str, str],
    now: datetime,
) -> tuple[int, dict[str, object]]:
    """The status code and the JSON object of the daemon's /healthz.

    It is 503 if the database does not answer, or if a job is stuck or keeps failing. What a restart
    would not repair, such as a mail server that is down, is "degraded": 200, or 503 if the question
    is strict.
    """
    said: dict[str, object] = {"status": "ok", "database": "ok", "stuck": stuck, "failing": failing}
    try:
        with database.read() as s:
            alive = count_alive(s, chosen.sources, now, chosen.settings.monitor.failing_polls)
            waiting = deliveries.waiting(s)
            degraded = list(_degraded(s, chosen, waiting))
    except DatabaseError as error:
        return 503, said | {"status": "failing", "database": str(error)}
    said |= {"sources_alive": alive.alive, "sources": alive.sources, "degraded": degraded}
    said["waiting"] = [_waiting(one) for one in waiting]
    if stuck or failing:
        return 503, said | {"status": "failing"}
    return 200, said | ({"status": "degraded"} if degraded else {})


def _degraded(s: Session, chosen: Configuration, waiting: Iterable[ChannelQueue]) -> Iterator[str]:
    """A line for each thing that keeps news from coming in or going out."""
    if all_fail(s, [source for source in chosen.sources if source.enabled]):
        yield "all sources failed when they were last looked at"
    if (fault := last_fault(last_runs(s, 2))) is not None:  # the newest may be at work
        yield fault
    for channel, reason in receivers.closed_channels(s).items():
        yield f"the channel {channel} is closed: {reason}"
    for one in waiting:
        if one.failed:
            count = f"{one.failed} of {one.deliveries} deliveries by {one.channel}"
            yield f"{count} failed and wait: {one.last_error}"


def _waiting(one: ChannelQueue) -> Mapping[str, object]:
    since, next_try = one.since_at.isoformat(), one.next_try_at.isoformat()
    return asdict(one) | {"since_at": since, "next_try_at": next_try}


def ask_to_unsubscribe(database: Database, chosen: Configuration, token: str) -> tuple[int, str]:
    """The status code and the page with a button."""
    with database.read() as s:
        receiver = receivers.receiver_of(s, token)
    return _page(chosen, receiver, token, is_done=False)


def unsubscribe(database: Database, chosen: Configuration, token: str) -> tuple[int, str]:
    """End the subscription of the recipient whose mail had this token."""
    with database.begin() as s:
        receiver = receivers.receiver_of(s, token)
        if receiver is not None:
            receivers.unsubscribe(s, *receiver, datetime.now(UTC))
    return _page(chosen, receiver, token, is_done=True)


def _page(
    chosen: Configuration, receiver: tuple[str, str, str] | None, token: str, *, is_done: bool
) -> tuple[int, str]:
    template = Environment(
        loader=PackageLoader("scheduler.web"), autoescape=select_autoescape(("html.j2",))
    )
    page = template.get_template("unsubscribe.html.j2")
    if receiver is None:
        labels = labels_of("en")
        text = labels.say("unsubscribe_unknown")
        return 404, page.render(labels=labels, text=text, token="", button="")
    subscription = next((each for each in chosen.subscriptions if each.id == receiver[0]), None)
    labels = labels_of(subscription.language if subscription else "en")
    name = line(subscription.name if subscription else "", 100) or receiver[0]
    text = labels.say("unsubscribe_done" if is_done else "unsubscribe_ask", name=name)
    button = "" if is_done else labels.say("unsubscribe_button")
    return 200, page.render(labels=labels, text=text, token=token, button=button)


# --- the numbers of `/metrics` for Prometheus -----------------------------------------------------

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
                incident.name
                for incident in incidents.incidents(s).values()
                if incident.notified_at
            ]
        yield _gauge("documents", "Documents that are stored.", counted.documents)
        yield _gauge("documents_relevant", "Documents that report an agreement.", counted.relevant)
        yield _gauge("agreements", "Agreements in the register.", counted.agreements)
        yield _gauge("frontier", "Addresses that wait to be fetched.", counted.frontier)
        yield _gauge("notifications_pending", "Notifications not yet sent.", counted.pending)
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
