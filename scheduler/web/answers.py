"""What the small web process answers: is it well, and the end of a subscription. Knows no server."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass
from datetime import datetime

from jinja2 import Environment, PackageLoader, select_autoescape

from scheduler.configuration.config import Configuration
from scheduler.digest.labels import labels_of
from scheduler.digest.lines import line
from scheduler.health.findings import all_fail
from scheduler.schedule.liveness import count_alive
from storage.database.session import Database, Session
from storage.errors import DatabaseError
from storage.telling import deliveries, receivers
from storage.telling.deliveries import Waiting


@dataclass(frozen=True, slots=True)
class Health:
    """`code` 200 or 503, and what to say as JSON."""

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
    """503 where the database does not answer, or a job of the daemon is `stuck` or fails again and again (why).

    What a restart would not mend (a mail server that is down, sources that all fail) is "degraded": 200, and 503 only
    for those who are `strict`.
    """
    said: dict[str, object] = {"status": "ok", "database": "ok", "stuck": stuck, "failing": failing}
    try:
        with database.read() as s:
            alive, waiting = count_alive(s, chosen.sources, now), deliveries.waiting(s)
            degraded = list(_degraded(s, chosen, waiting))
    except DatabaseError as error:
        return Health(503, said | {"status": "failing", "database": str(error)})
    said |= {"sources_alive": alive.alive, "sources": alive.sources, "degraded": degraded}
    said["waiting"] = [_waiting(one) for one in waiting]
    if stuck or failing:
        return Health(503, said | {"status": "failing"})
    return (
        Health(503 if strict else 200, said | {"status": "degraded"})
        if degraded
        else Health(200, said)
    )


def _degraded(s: Session, chosen: Configuration, waiting: Iterable[Waiting]) -> Iterator[str]:
    """What keeps news from coming in or going out, a line each."""
    if all_fail(s, [source for source in chosen.sources if source.enabled]):
        yield "all sources failed when they were last looked at"
    for channel, reason in receivers.closed_channels(s).items():
        yield f"the channel {channel} is closed: {reason}"
    for one in waiting:
        if one.failed:
            yield f"{one.failed} of {one.deliveries} deliveries by {one.channel} failed and wait: {one.last_error}"


def _waiting(one: Waiting) -> Mapping[str, object]:
    since, next_try = one.since_at.isoformat(), one.next_try_at.isoformat()
    return asdict(one) | {"since_at": since, "next_try_at": next_try}


@dataclass(frozen=True, slots=True)
class UnsubscribePage:
    code: int
    html: str


def ask_to_unsubscribe(database: Database, chosen: Configuration, token: str) -> UnsubscribePage:
    """A page with a button: programs that open every link in a mail must not end a subscription by it."""
    with database.read() as s:
        receiver = receivers.receiver_of(s, token)
    return _page(chosen, receiver, token, done=False)


def unsubscribe(
    database: Database, chosen: Configuration, token: str, now: datetime
) -> UnsubscribePage:
    """End the subscription for the recipient whose mail had this token (RFC 8058: one POST, no questions)."""
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
