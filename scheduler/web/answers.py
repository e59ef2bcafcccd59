"""What the small web process answers: is it well, its numbers, and the end of a subscription. Knows no server."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from jinja2 import Environment, PackageLoader, select_autoescape
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

from scheduler.config import Configuration
from scheduler.digest.labels import labels_of
from scheduler.digest.lines import line
from scheduler.health import watched
from storage import digests, incidents, queries, receivers, sources
from storage.errors import DatabaseError
from storage.session import Database

METRICS_TYPE = "text/plain; version=0.0.4; charset=utf-8"


@dataclass(frozen=True, slots=True)
class Health:
    """`code` 200 or 503, and what to say as JSON."""

    code: int
    said: Mapping[str, object]


def healthz(
    database: Database, chosen: Configuration, stuck: list[str], failing: Mapping[str, str], now: datetime
) -> Health:
    """200 as long as the database answers, and no job of the daemon is `stuck` or fails again and again (why)."""
    said: dict[str, object] = {"status": "ok", "database": "ok", "stuck": stuck, "failing": failing}
    try:
        with database.read() as s:
            alive = watched(s, chosen.sources, now)
    except DatabaseError as error:
        return Health(503, said | {"status": "failing", "database": str(error)})
    said |= {"sources_alive": alive.alive, "sources": alive.sources}
    return Health(503, said | {"status": "failing"}) if stuck or failing else Health(200, said)


def metrics(database: Database, chosen: Configuration, now: datetime) -> bytes:
    """Prometheus's text form."""
    registry = CollectorRegistry()
    registry.register(_Numbers(database, chosen, now))
    return generate_latest(registry)


class _Numbers(Collector):
    def __init__(self, database: Database, chosen: Configuration, now: datetime) -> None:
        self._database, self._chosen, self._now = database, chosen, now

    def collect(self) -> Iterator[GaugeMetricFamily]:
        with self._database.read() as s:
            counted, alive = queries.counts(s), watched(s, self._chosen.sources, self._now)
            runs, late = sources.last_runs(s, 1), digests.count_undelivered(s)
            troubles = [incident.name for incident in incidents.incidents(s).values() if incident.told_at]
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
        open_now = GaugeMetricFamily("accordwatch_incident", "Troubles that the operator was told of.", labels=["name"])
        for name in troubles:
            open_now.add_metric([name], 1)
        yield open_now


def _gauge(name: str, text: str, value: float) -> GaugeMetricFamily:
    return GaugeMetricFamily(f"accordwatch_{name}", text, value=value)


@dataclass(frozen=True, slots=True)
class Page:
    code: int
    html: str


def ask_to_unsubscribe(database: Database, chosen: Configuration, token: str) -> Page:
    """A page with a button: programs that open every link in a mail must not end a subscription by it."""
    with database.read() as s:
        receiver = receivers.receiver_of(s, token)
    return _page(chosen, receiver, token, done=False)


def unsubscribe(database: Database, chosen: Configuration, token: str, now: datetime) -> Page:
    """End the subscription for the recipient whose mail had this token (RFC 8058: one POST, no questions)."""
    with database.begin() as s:
        receiver = receivers.receiver_of(s, token)
        if receiver is not None:
            receivers.unsubscribe(s, *receiver, now)
    return _page(chosen, receiver, token, done=True)


def _page(chosen: Configuration, receiver: tuple[str, str, str] | None, token: str, *, done: bool) -> Page:
    template = Environment(loader=PackageLoader("scheduler.web"), autoescape=select_autoescape(("html.j2",)))
    page = template.get_template("unsubscribe.html.j2")
    if receiver is None:
        labels = labels_of("en")
        return Page(404, page.render(labels=labels, text=labels.say("unsubscribe_unknown"), token="", button=""))
    subscription = next((each for each in chosen.subscriptions if each.id == receiver[0]), None)
    labels = labels_of(subscription.language if subscription else "en")
    name = line(subscription.name if subscription else "", 100) or receiver[0]
    text = labels.say("unsubscribe_done" if done else "unsubscribe_ask", name=name)
    button = "" if done else labels.say("unsubscribe_button")
    return Page(200, page.render(labels=labels, text=text, token=token, button=button))
