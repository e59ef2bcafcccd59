"""`/healthz`, `/metrics` and `/unsubscribe`: what programs ask of an installation, and the way out
of a subscription.

The page serves them among its other addresses, the daemon serves them alone. So this module imports
nothing of the page, which would take the daemon a second and 40 MB.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from jinja2 import Environment, PackageLoader, select_autoescape
from prometheus_client import CollectorRegistry, Gauge, generate_latest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from scheduler.configuration.config import Configuration
from scheduler.jobs.health.findings import all_fail, last_fault, of_reader
from scheduler.schedule.sources_due import count_alive, is_alive
from scheduler.views.words.labels import labels_of
from scheduler.views.words.lines import line
from storage.database.session import Database, Session, check_version
from storage.errors import DatabaseError
from storage.lists import queries
from storage.notifications import deliveries, incidents, receivers
from storage.source import Source
from storage.sources.states import last_runs, source_states
from storage.sources.tables import SourceState
from storage.workers.queue import job_counts, seen_workers

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
    read, so that it shows nothing but whether it answers.
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
    operated: Operated = request.app.state.operated
    return operated


def _healthz(request: Request) -> Response:
    served = _operated(request)
    body: dict[str, object]
    if served.jobs is None:
        try:
            with served.database.read() as s:
                check_version(s)
            code, body = 200, {"status": "ok"}
        except DatabaseError:
            code, body = 503, {"status": "failing", "database": "does not answer"}
    else:
        stuck, failing = served.jobs()
        code, body = health(served.database, served.chosen(), stuck, failing, datetime.now(UTC))
        if body["status"] == "degraded" and "strict" in request.query_params:
            code = 503
    return Response(json.dumps(body), code, _HEADERS, "application/json")


def _metrics(request: Request) -> Response:
    served = _operated(request)
    body = metrics(served.database, served.chosen(), datetime.now(UTC))
    return Response(body, 200, _HEADERS | {"Content-Type": METRICS_TYPE})


def _unsubscribe(request: Request) -> Response:
    """A GET shows a button, since programs open each link in a mail; a POST ends the subscription
    of the recipient whose mail had this token, without questions (RFC 8058).
    """
    served, token = _operated(request), request.query_params.get("t", "")
    code, html = unsubscribe(served.database, served.chosen(), token, request.method == "POST")
    return Response(html, code, _HEADERS, "text/html")


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
    body: dict[str, object] = {"status": "ok", "database": "ok", "stuck": stuck, "failing": failing}
    try:
        with database.read() as s:
            alive = count_alive(s, chosen.sources, now, chosen.settings.monitor.failing_polls)
            waiting = deliveries.waiting(s)
            degraded = list(_degraded(s, chosen, waiting, now))
    except DatabaseError as error:
        return 503, body | {"status": "failing", "database": str(error)}
    body |= {"sources_alive": alive.alive, "sources": alive.sources, "degraded": degraded}
    body["waiting"] = [
        one._asdict()
        | {"since_at": one.since_at.isoformat(), "next_try_at": one.next_try_at.isoformat()}
        for one in waiting
    ]
    if stuck or failing:
        return 503, body | {"status": "failing"}
    return 200, body | ({"status": "degraded"} if degraded else {})


def _degraded(
    s: Session, chosen: Configuration, waiting: Iterable[Any], now: datetime
) -> Iterator[str]:
    """A line for each thing that keeps news from coming in or going out."""
    if all_fail(s, chosen.enabled):
        yield "all sources failed when they were last looked at"
    if (fault := last_fault(last_runs(s, 2))) is not None:  # the newest may be at work
        yield fault
    for channel, reason in receivers.closed_channels(s).items():
        yield f"the channel {channel} is closed: {reason}"
    yield from (finding.line for finding in of_reader(s, chosen.settings.reader, now))
    for backlog in waiting:
        if backlog.failed:
            count = f"{backlog.failed} of {backlog.deliveries} deliveries by {backlog.channel}"
            yield f"{count} failed and wait: {backlog.last_error}"


def unsubscribe(
    database: Database, chosen: Configuration, token: str, is_done: bool
) -> tuple[int, str]:
    """The page of the recipient whose mail had this token, whose subscription ends if `is_done`."""
    with database.begin() if is_done else database.read() as s:
        receiver = receivers.receiver_of(s, token)
        if is_done and receiver is not None:
            receivers.unsubscribe(s, *receiver, datetime.now(UTC))
    template = Environment(
        loader=PackageLoader("scheduler.web"), autoescape=select_autoescape(("html.j2",))
    )
    page = template.get_template("unsubscribe.html.j2")
    if receiver is None:
        labels = labels_of("en")
        text = labels.say("This link is not valid. Please use the link at the foot of a digest.")
        return 404, page.render(labels=labels, text=text, token="", button="")
    subscription = next((each for each in chosen.subscriptions if each.id == receiver[0]), None)
    labels = labels_of(subscription.language if subscription else "en")
    name = line(subscription.name if subscription else "", 100) or receiver[0]
    text, button = labels.say("Unsubscribe this address from “{name}”?", name=name), ""
    if is_done:
        text = labels.say("The subscription “{name}” no longer sends to this address.", name=name)
    else:
        button = labels.say("Unsubscribe")
    return 200, page.render(labels=labels, text=text, token=token, button=button)


# --- the numbers of `/metrics` for Prometheus -----------------------------------------------------

METRICS_TYPE = "text/plain; version=0.0.4; charset=utf-8"
Samples = Mapping[Any, float]  # by a tuple of the values of its labels


def metrics(database: Database, chosen: Configuration, now: datetime) -> bytes:
    """The numbers in Prometheus's text format."""
    registry = CollectorRegistry()

    def gauge(name: str, text: str, samples: Samples, *labels: str) -> None:
        made = Gauge(f"accordwatch_{name}", text, labels, registry=registry)
        for labelled, value in samples.items():
            (made.labels(*labelled) if labels else made).set(value)

    with database.read() as s:
        failing_polls = chosen.settings.monitor.failing_polls
        alive = count_alive(s, chosen.sources, now, failing_polls)
        counted, runs, late = queries.counts(s), last_runs(s, 1), deliveries.count_undelivered(s)
        states, waiting = source_states(s), deliveries.waiting(s)
        jobs, workers = job_counts(s), seen_workers(s)
        notified = {
            (incident.name,): 1.0
            for incident in incidents.incidents(s).values()
            if incident.notified_at
        }
    for name, text, value in (
        ("documents", "Documents that are stored.", counted.documents),
        ("documents_relevant", "Documents that report an agreement.", counted.relevant),
        ("agreements", "Agreements in the register.", counted.agreements),
        ("frontier", "Addresses that wait to be fetched.", counted.frontier),
        ("notifications_pending", "Notifications not yet sent.", counted.pending),
        ("deliveries_undelivered", "Deliveries that failed, waiting or given up.", late),
        ("sources", "Sources that are watched.", alive.sources),
        ("sources_alive", "Sources that are alive.", alive.alive),
    ):
        gauge(name, text, {(): value})
    for run in runs:
        at = run.started_at.timestamp()
        gauge("last_run_timestamp_seconds", "When the last run began.", {(): at})
    gauge("incident", "Troubles that the operator was told of.", notified, "name")
    if jobs or workers:  # none where no workers are led
        of = ("kind", "state")
        gauge("jobs", "Jobs of workers.", {(job.kind, job.state): job.jobs for job in jobs}, *of)
        ages = {(job.kind, job.state): job.oldest_s for job in jobs}
        gauge("jobs_oldest_seconds", "Since when the oldest is so.", ages, *of)
        at_work = (state for state, _ in workers if not state.leads)
        takes = {(state.name,): float(state.waits_because is None) for state in at_work}
        gauge("worker_works", "Whether it takes jobs (1) or waits (0).", takes, "worker")
    for name, text, samples in _of_sources(chosen.sources, states, now, failing_polls):
        gauge(name, text, samples, "source")
    for name, text, samples in _of_channels(waiting):
        gauge(name, text, samples, "channel")
    return generate_latest(registry)


def _of_sources(
    watched: Iterable[Source], states: Mapping[str, SourceState], now: datetime, failing_polls: int
) -> Iterator[tuple[str, str, Samples]]:
    """One that was never polled has only the sample that it is not alive."""
    enabled = [source for source in watched if source.enabled]
    alive = {
        (source.id,): float(is_alive(source, states.get(source.id), now, failing_polls))
        for source in enabled
    }
    yield "source_alive", "Whether a source answers (1) or not (0).", alive
    polled = [states[source.id] for source in enabled if source.id in states]
    moments = (
        ("last_success", "When a source last answered well.", "last_success_at"),
        ("last_poll", "When a source was last asked.", "last_poll_at"),
        ("due", "When a source is to be asked next.", "due_at"),
    )
    for name, text, field in moments:
        found = ((state.source_id, getattr(state, field)) for state in polled)
        at = {(source_id,): moment.timestamp() for source_id, moment in found if moment}
        yield f"source_{name}_timestamp_seconds", text, at
    counts = (
        ("failures", "Polls that failed in a row.", "failures"),
        ("offered", "Documents that the last poll offered.", "last_offered"),
        ("new", "New documents among them.", "last_new"),
    )
    for name, text, field in counts:
        yield (
            f"source_{name}",
            text,
            {(state.source_id,): getattr(state, field) for state in polled},
        )


def _of_channels(waiting: Sequence[Any]) -> Iterator[tuple[str, str, Samples]]:
    deliveries = {(one.channel,): float(one.deliveries) for one in waiting}
    yield "deliveries_waiting", "Deliveries on their way.", deliveries
    failed = {(one.channel,): float(one.failed) for one in waiting}
    yield "deliveries_failing", "Deliveries on their way that failed at least once.", failed
    oldest = {(one.channel,): one.since_at.timestamp() for one in waiting}
    yield "deliveries_oldest_timestamp_seconds", "When the oldest of them was claimed.", oldest
