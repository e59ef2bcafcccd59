"""`/healthz`, `/metrics` and `/unsubscribe`: what programs ask of an installation, and the way out
of a subscription.

The page serves them among its other addresses, the daemon serves them alone. So this module imports
nothing of the page, which would take the daemon a second and 40 MB.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime

from jinja2 import Environment, PackageLoader, select_autoescape
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from scheduler.configuration.config import Configuration
from scheduler.jobs.health.findings import all_fail, last_fault
from scheduler.schedule.liveness import count_alive
from scheduler.views.words.labels import labels_of
from scheduler.views.words.lines import line
from scheduler.web.metrics import METRICS_TYPE, metrics
from storage.database.session import Database, Session, check_version
from storage.errors import DatabaseError
from storage.notifications import deliveries, receivers
from storage.notifications.deliveries import ChannelQueue
from storage.sources.runs import last_runs

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
