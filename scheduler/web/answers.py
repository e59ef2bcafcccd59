"""What the daemon's web server answers: whether all is well, and the page that ends a subscription.

This module knows nothing of the server.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass
from datetime import datetime

from jinja2 import Environment, PackageLoader, select_autoescape

from scheduler.configuration.config import Configuration
from scheduler.health.findings import all_fail, last_fault
from scheduler.schedule.liveness import count_alive
from scheduler.words.labels import labels_of
from scheduler.words.lines import line
from storage.database.session import Database, Session
from storage.errors import DatabaseError
from storage.sources.runs import last_runs
from storage.telling import deliveries, receivers
from storage.telling.deliveries import ChannelQueue


@dataclass(frozen=True, slots=True)
class Health:
    """The HTTP status code, 200 or 503, and the JSON object of the answer."""

    code: int
    said: Mapping[str, object]


def healthz(
    database: Database,
    chosen: Configuration,
    stuck: list[str],
    failing: Mapping[str, str],
    now: datetime,
    *,
    strict: bool = False,
) -> Health:
    """503 if the database does not answer, or if a job of the daemon is stuck or keeps failing.

    `stuck` has the names of jobs, `failing` their last errors. What a restart would not repair,
    such as a mail server that is down, is "degraded": 200, or 503 if the question is `strict`.
    """
    said: dict[str, object] = {"status": "ok", "database": "ok", "stuck": stuck, "failing": failing}
    try:
        with database.read() as s:
            alive = count_alive(s, chosen.sources, now, chosen.settings.monitor.failing_polls)
            waiting = deliveries.waiting(s)
            degraded = list(_degraded(s, chosen, waiting))
    except DatabaseError as error:
        return Health(503, said | {"status": "failing", "database": str(error)})
    said |= {"sources_alive": alive.alive, "sources": alive.sources, "degraded": degraded}
    said["waiting"] = [_waiting(one) for one in waiting]
    if stuck or failing:
        return Health(503, said | {"status": "failing"})
    if degraded:
        return Health(503 if strict else 200, said | {"status": "degraded"})
    return Health(200, said)


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


@dataclass(frozen=True, slots=True)
class UnsubscribePage:
    code: int
    html: str


def ask_to_unsubscribe(database: Database, chosen: Configuration, token: str) -> UnsubscribePage:
    """A page with a button. Programs that open every link in a mail must not end a subscription."""
    with database.read() as s:
        receiver = receivers.receiver_of(s, token)
    return _page(chosen, receiver, token, done=False)


def unsubscribe(
    database: Database, chosen: Configuration, token: str, now: datetime
) -> UnsubscribePage:
    """End the subscription of the recipient whose mail had this token (RFC 8058: one POST, and no
    questions).
    """
    with database.begin() as s:
        receiver = receivers.receiver_of(s, token)
        if receiver is not None:
            receivers.unsubscribe(s, *receiver, now)
    return _page(chosen, receiver, token, done=True)


def _page(
    chosen: Configuration, receiver: tuple[str, str, str] | None, token: str, *, done: bool
) -> UnsubscribePage:
    template = Environment(
        loader=PackageLoader("scheduler.web"), autoescape=select_autoescape(("html.j2",))
    )
    page = template.get_template("unsubscribe.html.j2")
    if receiver is None:
        labels = labels_of("en")
        return UnsubscribePage(
            404,
            page.render(labels=labels, text=labels.say("unsubscribe_unknown"), token="", button=""),
        )
    subscription = next((each for each in chosen.subscriptions if each.id == receiver[0]), None)
    labels = labels_of(subscription.language if subscription else "en")
    name = line(subscription.name if subscription else "", 100) or receiver[0]
    text = labels.say("unsubscribe_done" if done else "unsubscribe_ask", name=name)
    button = "" if done else labels.say("unsubscribe_button")
    return UnsubscribePage(200, page.render(labels=labels, text=text, token=token, button=button))
