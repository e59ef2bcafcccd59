"""The parts of one pass: crawl the sources that are due, prune, and send the digests that are due.
`run` does a whole pass, and the daemon does its parts on a schedule.
"""

from __future__ import annotations

import math
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from crawler.ingest.vouching import note_sources
from crawler.reader.question import reader_id
from crawler.worker import RulesSpec
from scheduler.configuration.config import Configuration
from scheduler.configuration.false_alarms import false_alarm_rate
from scheduler.configuration.user_subscriptions import everybody
from scheduler.jobs.crawl_process import Ended, Event, ForkedCrawl, crawl
from scheduler.jobs.health.findings import Finding, all_fail, gap
from scheduler.jobs.health.report import IncidentBook, look_around
from scheduler.jobs.locks import alone
from scheduler.notify.channels.table import subscriptions_of
from scheduler.notify.deliver import Sent, never, send_due
from scheduler.notify.direct_sending import send_directly
from scheduler.schedule.sources_due import GivenTurns, Turn, due_sources, due_turns, plan
from spiders.spec import CrawlSpec
from storage.addresses import host_and_port
from storage.database.session import Database
from storage.documents import documents
from storage.documents.second_readings import (
    calls_today,
    fault_of,
    note_reader_fault,
    unread_alerts,
)
from storage.documents.site_bands import forget_bands
from storage.errors import AccordwatchError, ConfigurationError, DatabaseError, fault_line
from storage.notifications.outbox import begin, queue_missed, queue_notice
from storage.notifications.user_subscriptions import UNCONFIRMED, forget_letters, forget_unconfirmed
from storage.phrases import Phrase, packed
from storage.records import NewsKind
from storage.register.corridors import unread_corridors
from storage.source import Source
from storage.sources import frontier
from storage.sources.ledger import fold_and_forget
from storage.sources.manners import paused_hosts
from storage.sources.states import finish_run, forget_history, last_runs, start_run
from storage.sources.tables import FAULT


@dataclass(frozen=True, slots=True)
class Passed:
    """What one pass did. `ended` is None if nothing was to be fetched, `left_over` counts what
    waited from earlier runs, `all_fail`: every source failed when it was last looked at.
    """

    ended: Ended | None
    sent: Sent
    left_over: int = 0
    all_fail: bool = False

    @property
    def report(self) -> dict[str, Any] | None:
        """The crawl's report; None if there was nothing to fetch, or the crawl died."""
        return self.ended.report if self.ended else None

    @property
    def code(self) -> int:
        """0: all well. 1: some sources or deliveries failed, or nothing was due and every source
        had failed when it was last looked at. 2: the crawl could not be done at all.
        """
        if self.ended is not None and self.ended.fault is not None:
            return 2 if self.ended.code == 2 else 1
        crawl_code = self.ended.code if self.ended else 0
        return 1 if crawl_code or self.sent.failed or self.all_fail else 0


def choose_sources(
    database: Database,
    chosen: Configuration,
    now: datetime,
    *,
    only: Sequence[str] = (),
    everything: bool = False,
) -> tuple[Source, ...]:
    """The named sources, else all enabled ones, else those that are due. Raises ConfigurationError
    if one that was named is not there.
    """
    known = {source.id: source for source in chosen.sources}
    unknown = [name for name in only if name not in known]
    if unknown:
        raise ConfigurationError(
            f"no source has the id {', '.join(unknown)}; see: accordwatch sources list"
        )
    if only:
        return tuple(known[name] for name in dict.fromkeys(only))
    enabled = [source for source in known.values() if source.enabled]
    if everything:
        return tuple(enabled)
    return due_sources(database, enabled, now)


def run_pass(
    database: Database,
    chosen: Configuration,
    due: Sequence[Source],
    on_event: Callable[[Event], None],
    *,
    forked: ForkedCrawl | None = None,
) -> Passed:
    """Crawl `due` and what earlier runs left, plan the next turns, prune, deliver, whatever fails.
    `forked` begins the crawl, if it can. Raises BusyError if another process works here.
    """
    with alone(database), _sent_directly(chosen):
        note_gap(database, chosen, datetime.now(UTC))
        waiting = left_over(database, chosen, datetime.now(UTC))
        ended: Ended | None = None
        if due or waiting:
            spec = crawl_spec(database, chosen, due, chosen.enabled, datetime.now(UTC))
            ended = crawl(spec, on_event, forked=forked)
            note_fault(database, ended, datetime.now(UTC))
        now = datetime.now(UTC)
        plan(database, chosen.enabled, now)
        prune(database, chosen, now)
        for line in (*settle(database, chosen, now), *read_again(database, chosen)):
            on_event({"event": "problem", "source": None, "line": line})
        own = []  # the trouble of this crawl that stands in no table
        if ended is not None and ended.why is not None:
            own.append(Finding("problem", "crawl:cut-short", ended.why))
        now = datetime.now(UTC)
        lines, undelivered = look_around(database, chosen, IncidentBook(), own, now)
        for line in (*lines, *undelivered):
            on_event({"event": "problem", "source": None, "line": line})
        sent = send_due(database, chosen, now=now)
        with database.read() as s:
            dead = all_fail(s, chosen.enabled)
        return Passed(ended, sent, waiting, dead)


def read_again(
    database: Database,
    chosen: Configuration,
    stop: Callable[[], bool] = never,
    longest_s: float = math.inf,
) -> list[str]:
    """Let the second reader, if any, read what waits, as long as alerts may wait for it, and for
    `longest_s`. Returns a line for what went wrong: then alerts go out as the rules judged them.
    """
    settings = chosen.settings.reader
    if settings is None:
        return []
    try:
        from scheduler.jobs.reader.second_reading import read_waiting

        deadline_s = min(settings.wait_minutes * 60, longest_s)
        done = read_waiting(database, chosen, stop=stop, deadline_s=deadline_s)
        fault, line = None, done.summary if done.failed or done.problem else ""
    except Exception as error:
        # The edge of the reader: whatever goes wrong with it, what is due is sent. What is wrong
        # with its settings is not noted: it is over once they are changed, and not a pass later.
        line = fault_line(error)
        fault = None if isinstance(error, ConfigurationError) else line
    with database.read() as s:
        is_known = fault == fault_of(s, settings.model)
    if not is_known:
        with database.begin() as s:
            note_reader_fault(s, settings.model, fault)
    return [f"second reader: {line}"] if line else []


def held_back(database: Database, chosen: Configuration, now: datetime) -> frozenset[int]:
    """Reports of which nobody is notified yet: the second reader may still answer in time."""
    settings = chosen.settings.reader
    if settings is None or not settings.per_day:
        return frozenset()
    with database.read() as s:
        if calls_today(s, settings.model, now) >= settings.per_day:
            return frozenset()  # nobody will read today
        since = now - timedelta(minutes=settings.wait_minutes)
        beside = (number for corridor in unread_corridors(s, since) for number in corridor.unread)
        return unread_alerts(s, reader_id(settings.model), since).union(beside)


@contextmanager
def _sent_directly(chosen: Configuration) -> Iterator[None]:
    """If the database fails, notify the operator directly: what is pending cannot be read."""
    try:
        yield
    except DatabaseError as error:
        notice = Phrase("a run could not do its work: {why}", why=error.line)
        send_directly(chosen, [notice], datetime.now(UTC))
        raise


def note_fault(database: Database, ended: Ended, now: datetime, run_id: int | None = None) -> None:
    """Close a run whose crawl left no report, with the reason. Without its number it is the newest
    one that is open, or one is made: the crawl died before it began a run.
    """
    if ended.fault is None:
        return
    with database.begin() as s:
        if run_id is None:
            newest = next(iter(last_runs(s, 1)), None)
            is_open = newest is not None and newest.finished_at is None
            run_id = newest.id if newest is not None and is_open else start_run(s, now)
        finish_run(s, run_id, now, {FAULT: packed(ended.fault)})


def note_gap(database: Database, chosen: Configuration, now: datetime) -> None:
    """Notify the operator if nothing ran for too long: no process was there to do so earlier."""
    enabled = chosen.enabled
    with database.read() as s:
        notice = gap(last_runs(s, 1), now, enabled) if enabled else None
    if notice is not None:
        with database.begin() as s:
            queue_notice(s, subscriptions_of(chosen), NewsKind.SOURCE_HEALTH, notice, now)


def left_over(database: Database, chosen: Configuration, now: datetime) -> int:
    """How many documents that earlier runs left could be fetched now. The caller
    holds the lock, so that every lease is one of a killed run. Documents of paused hosts do not
    count: crawls would be started again and again that fetch nothing.
    """
    return sum(waiting_documents(database, chosen.enabled, now).values())


def waiting_documents(
    database: Database, sources: Iterable[Source], now: datetime
) -> dict[str, int]:
    """How many documents of each of these sources could be fetched now; see `left_over`."""
    with database.read() as s:
        waiting, asleep = frontier.left_over(s, now), paused_hosts(s, now)
    awake = (source.id for source in sources if host_and_port(source.url) not in asleep)
    return {source_id: waiting[source_id] for source_id in awake if waiting.get(source_id)}


def prune(
    database: Database, chosen: Configuration, now: datetime, *, dry_run: bool = False
) -> tuple[int, int]:
    """Delete what is older than its retention; return how many texts and records that were. A dry
    run does it and takes it back, so that its numbers are right.
    """
    retention = chosen.settings.retention
    with database.begin() as s:
        texts = documents.prune_unmatched(s, now - timedelta(days=retention.unmatched_days))
        history = forget_history(s, now - timedelta(days=retention.history_days))
        fold_and_forget(s, now.date())
        forget_bands(s, now)
        forget_unconfirmed(s, now - UNCONFIRMED)
        forget_letters(s, now - timedelta(days=2))  # limits look back for a day
        if dry_run:
            s.rollback()
    return texts, history


def settle(database: Database, chosen: Configuration, now: datetime) -> list[str]:
    """Begin new subscriptions, and queue agreements that were overlooked, a line each. Only a fault
    of ours, or of an older version, overlooks one; it is sent late rather than never.
    """
    since = now - timedelta(days=chosen.settings.alerts.max_age_days)
    chosen = note_official_sources(database, chosen, now)
    with database.begin() as s:
        begin(s, chosen.subscriptions, now)
        missed = queue_missed(s, chosen.subscriptions, since, now)
    return [
        f"{agreement.id} was never sent to {subscription_id}: it is pending now"
        for subscription_id, agreement, _ in missed
    ]


def settle_aloud(database: Database, chosen: Configuration, log: Any) -> None:
    """Do what is done after crawls: forget what is old, and queue and log what was overlooked."""
    prune(database, chosen, datetime.now(UTC))
    for line in settle(database, chosen, datetime.now(UTC)):
        log.warning("was never sent", line=line)


def send_aloud(
    database: Database, chosen: Configuration, stop: Callable[[], bool], log: Any
) -> None:
    """Send the digests that are due, without what waits for a second reader; log how it went."""
    now = datetime.now(UTC)
    held = held_back(database, chosen, now)
    sent = send_due(database, chosen, now=now, stop=stop, held_back=held)
    if sent.delivered or sent.failed:
        log.info("sent", delivered=sent.delivered, waiting=sent.waiting, given_up=sent.given_up)
    for problem in sent.problems:
        log.warning("not delivered", why=problem)


def note_official_sources(
    database: Database, chosen: Configuration, now: datetime
) -> Configuration:
    """Let the database know official sources; return the configuration with people's
    subscriptions.
    """
    chosen = everybody(database, chosen)
    age = chosen.settings.alerts.max_age_days
    note_sources(database, chosen.sources, chosen.subscriptions, now=now, max_age_days=age)
    return chosen


def crawl_spec(
    database: Database,
    chosen: Configuration,
    due: Sequence[Source],
    among: Sequence[Source],
    now: datetime,
    **more: Any,
) -> CrawlSpec:
    """A crawl that looks at the sources that are `due`, and fetches what is left of all `among`
    which they are. `more` are further fields of the CrawlSpec.
    """
    named = {source.id for source in due}
    chosen = note_official_sources(database, chosen, now)
    return CrawlSpec(
        database_url=chosen.database,
        sources=tuple(due),
        others=tuple(source for source in among if source.id not in named),
        subscriptions=chosen.subscriptions,
        crawl=chosen.settings.crawl,
        rules=RulesSpec(
            chosen.settings.rules.packs,
            chosen.rule_files,
            false_alarms=false_alarm_rate(database, chosen, now),
        ),
        max_age_days=chosen.settings.alerts.max_age_days,
        **more,
    )


def crawl_turns(
    database: Database,
    chosen: Configuration,
    among: Sequence[Source],
    turns: Sequence[Turn],
    log: Any,
    *,
    deadline_s: float,
    stop: threading.Event,
    goes_on: Callable[[], bool],
    **more: Any,
) -> Ended:
    """Crawl the sources that have a turn, and those `among` which they are that become due
    meanwhile, as long as it `goes_on`; log how it went. `more` are further fields of the CrawlSpec.
    """
    due, given = [turn.source for turn in turns], GivenTurns(turns)

    def newly_due() -> list[Source] | None:
        if not goes_on():
            return None
        try:
            fresh = given.fresh(due_turns(database, among, datetime.now(UTC)))
        except AccordwatchError as error:
            log.error("what became due could not be read", why=str(error))
            return []
        if fresh:
            log.info("crawl goes on", joined=len(fresh))
        return fresh

    def log_problem(event: Event) -> None:
        if event.get("event") == "problem":
            log.warning("crawl", source=event.get("source"), why=event.get("line"))

    log.info("crawl begins", due=len(due), sources=len(among))
    ended = crawl(
        crawl_spec(database, chosen, due, among, datetime.now(UTC), **more),
        log_problem,
        deadline_s=deadline_s,
        stop=stop,
        joining=newly_due,
    )
    log.info("crawl ended", exit=ended.code, totals=ended.report and ended.report["totals"])
    return ended
