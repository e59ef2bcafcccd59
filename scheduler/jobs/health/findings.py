"""Troubles that the tables and the machine show: a sentence for each, which is worded later, in the
language of its reader. What a function is `of`, it finds troubles of.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import takewhile
from pathlib import Path
from typing import Literal

from crawler.reader.question import reader_id
from scheduler.configuration.sections import ReaderSettings
from scheduler.notify.subscriptions.states import SubscriptionState, lines_of_left
from scheduler.schedule.sources_due import SHORTEST_SILENCE, is_adaptive, turns_later
from scheduler.views.words.lines import line
from spiders.catalog.secrets import Secret
from storage.database.session import Session
from storage.disk_room import lacks_room, room
from storage.documents.quarantine import all_set_aside
from storage.documents.second_readings import fault_of, reading_counts
from storage.errors import ConfigurationError
from storage.lists import queries
from storage.notifications import deliveries, outbox, receivers
from storage.phrases import Phrase
from storage.source import Source
from storage.sources.frontier import oldest_offer_at
from storage.sources.states import source_states
from storage.sources.tables import Run
from storage.subscription import Subscription
from storage.workers.queue import job_counts, seen_workers

Level = Literal["well", "warning", "problem"]
# A delivery that failed twice may still arrive by itself; a third failure is worth a look.
_FAILED_TRIES = 3
# A delivery that was given up is no finding after a month: it was sent again, or is not wanted.
_RECENT = timedelta(days=30)
READ_LATELY = timedelta(days=1)  # nobody waits for the second reading of older texts


@dataclass(frozen=True, slots=True)
class Finding:
    """`name` stays the same as long as the trouble lasts. `line`: what it is and what to do."""

    level: Level
    name: str
    line: str


def problem(name: str, form: str, plural: str = "", /, **values: object) -> Finding:
    return Finding("problem", name, Phrase(form, plural, **values))


def warning(name: str, form: str, plural: str = "", /, **values: object) -> Finding:
    return Finding("warning", name, Phrase(form, plural, **values))


def well(name: str, form: str, plural: str = "", /, **values: object) -> Finding:
    return Finding("well", name, Phrase(form, plural, **values))


def at_minute(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d %H:%M} UTC"


def of_deliveries(s: Session, now: datetime) -> Iterator[Finding]:
    """Channels that are closed, and channels on which digests do not arrive."""
    for channel, reason in receivers.closed_channels(s).items():
        yield problem(
            f"channel:{channel}:closed",
            "the channel {channel} is closed: {why} (open it and send again: "
            "accordwatch digest send)",
            channel=channel,
            why=reason,
        )
    failing = defaultdict(list)
    for delivery in deliveries.not_arriving(s, now - _RECENT, _FAILED_TRIES):
        failing[delivery.channel].append(delivery)
    for channel, missed in failing.items():
        why = missed[-1].last_error or ""
        yield problem(
            f"channel:{channel}:fails",
            "{n} delivery by {channel} did not arrive: {why} (send again: accordwatch digest send)",
            "{n} deliveries by {channel} did not arrive: {why} (send again: accordwatch"
            " digest send)",
            n=len(missed),
            channel=channel,
            why=why,
        )


def of_waiting(s: Session) -> Iterator[Finding]:
    """What waits, and since when: deliveries, items for a digest, documents to fetch."""
    for backlog in deliveries.waiting(s):
        name = f"waiting:channel:{backlog.channel}"
        since = at_minute(backlog.since_at)
        waits = Phrase(
            "{n} delivery by {channel} waits since {at}",
            "{n} deliveries by {channel} wait since {at}",
            n=backlog.deliveries,
            channel=backlog.channel,
            at=since,
        )
        if backlog.failed:
            time = f"{backlog.next_try_at:%H:%M}"
            yield warning(
                name,
                "{waits}: {why} (next try at {time} UTC; at once: accordwatch digest send)",
                waits=waits,
                why=backlog.last_error or "",
                time=time,
            )
        else:
            yield well(name, "{waits}, not tried yet", waits=waits)
    for subscription_id, (items, since_at) in sorted(outbox.waiting_since(s).items()):
        since = at_minute(since_at)
        yield well(
            f"waiting:items:{subscription_id}",
            "{n} item for {subscription} waits for the next digest since {at}",
            "{n} items for {subscription} wait for the next digest since {at}",
            n=items,
            subscription=subscription_id,
            at=since,
        )
    documents, offered_at = queries.counts(s).frontier, oldest_offer_at(s)
    if offered_at is not None:
        yield well(
            "waiting:documents",
            "{n} document waits to be fetched since {at}",
            "{n} documents wait to be fetched since {at}",
            n=documents,
            at=at_minute(offered_at),
        )


def all_fail(s: Session, enabled: Sequence[Source]) -> bool:
    """Whether each of these sources failed when it was last looked at."""
    states = source_states(s)
    return bool(enabled) and all(
        source.id in states and states[source.id].failures > 0 for source in enabled
    )


def gap(runs: Sequence[Run], now: datetime, enabled: Sequence[Source]) -> Phrase | None:
    """A notice if nothing ran for too long before now. `runs` are the newest first."""
    if not runs or now <= _next_run_by(runs[0].started_at, enabled):
        return None
    last_at = runs[0].started_at
    hours = round((now - last_at) / timedelta(hours=1))
    return Phrase(
        "nothing ran for {hours} hours, from {since} to {to}: cron, the daemon or "
        "the machine was down; what sources still offer is collected now",
        hours=hours,
        since=f"{last_at:%Y-%m-%d %H:%M}",
        to=at_minute(now),
    )


def of_roster(subscription_states: Iterable[SubscriptionState]) -> Iterator[Finding]:
    """Recipients who left a subscription. If all have left, nobody is notified any more."""
    for subscription_state in subscription_states:
        name = subscription_state.subscription.id
        if subscription_state.personal is not None and subscription_state.state == "misfit":
            # nobody paused it, but its filter can no longer be read
            yield warning(
                f"subscription:{name}:misfit",
                "the subscription {subscription} of {who} is paused, because its filter is "
                "no longer valid: {why}; correct the rules, or end it: accordwatch "
                "subscriptions change {subscription} ended",
                subscription=name,
                who=subscription_state.made_by,
                why=subscription_state.personal.misfit,
            )
        if subscription_state.state != "active":
            continue
        if subscription_state.left and not subscription_state.recipients:
            yield problem(
                f"subscription:{name}:nobody",
                "nobody receives {subscription} any more: everyone has unsubscribed, and "
                "its items wait to be sent",
                subscription=name,
            )
        for number, left in enumerate(lines_of_left(subscription_state), start=1):
            yield Finding("warning", f"subscription:{name}:left:{number}", left)


def of_missed(
    s: Session, subscriptions: Sequence[Subscription], since: datetime
) -> Iterator[Finding]:
    """Agreements with fresh reports that were neither sent to a subscription nor are pending."""
    missed: dict[str, list[str]] = defaultdict(list)
    for subscription_id, agreement, _ in outbox.missed_notifications(s, subscriptions, since):
        missed[subscription_id].append(agreement.id)
    for subscription_id, ids in missed.items():
        different = list(dict.fromkeys(ids))
        names = ", ".join(different)
        yield problem(
            f"subscription:{subscription_id}:missed",
            "{names} was never sent to {subscription}; the next run will do it: accordwatch run",
            "{names} were never sent to {subscription}; the next run will do it: accordwatch run",
            n=len(different),
            names=names,
            subscription=subscription_id,
        )


def of_set_aside(s: Session) -> Iterator[Finding]:
    """Documents that our own code could not store, with the newest fault."""
    rows = all_set_aside(s)
    if rows:
        newest = f"{rows[0].url}: {rows[0].fault}"
        yield problem(
            "documents:set-aside",
            "{n} document could not be stored because of a fault of Accordwatch; tried "
            "again after an upgrade; please report it: {newest}",
            "{n} documents could not be stored because of a fault of Accordwatch; tried"
            " again after an upgrade; please report it: {newest}",
            n=len(rows),
            newest=newest,
        )


def of_reader(s: Session, settings: ReaderSettings | None, now: datetime) -> Iterator[Finding]:
    """Why a second reader does not read: its key, its last pass, or the texts that wait for it."""
    if settings is None or not settings.per_day:
        return
    model = settings.model
    try:
        settings.key()
    except ConfigurationError as error:
        yield problem(
            "reader:key",
            "the second reader {model} cannot be asked: {why} (alerts go out as the "
            "rules judge them)",
            model=model,
            why=error.line,
        )
        return
    waiting, _, failed = reading_counts(s, reader_id(model), now - READ_LATELY)
    if why := fault_of(s, model) or (waiting and failed):
        yield warning(
            "reader:fails",
            "the second reader {model} does not read: {why} ({waiting} texts wait; "
            "alerts go out as the rules judge them; try: accordwatch reader check)",
            model=model,
            why=why,
            waiting=waiting,
        )


def of_disks(folders: Iterable[Path]) -> Iterator[Finding]:
    for folder in dict.fromkeys(folders):
        if lacks_room(folder):
            yield problem(
                f"disk:{folder}",
                "the disk of {folder} is nearly full: {room}; make room",
                folder=str(folder),
                room=room(folder),
            )


def of_runs(runs: Sequence[Run], now: datetime, enabled: Sequence[Source]) -> Iterator[Finding]:
    """No run for too long, a clock set back, crawls that fail. `runs`: the newest first."""
    if not runs:
        form = "nothing was collected yet; begin with: accordwatch run"
        yield warning("runs", form)
        return
    last = runs[0].started_at
    if last > now + timedelta(minutes=5):
        yield problem(
            "clock",
            "the last run lies in the future ({at}): the clock was set back; check it",
            at=at_minute(last),
        )
    elif now > _next_run_by(last, enabled):
        yield problem(
            "runs",
            "no run since {at}; is the daemon, or cron, running?",
            at=at_minute(last),
        )
    ended = [run for run in runs if run.finished_at is not None]
    faulty = list(takewhile(lambda run: run.fault is not None, ended))
    if faulty:
        yield problem(
            "job:crawl:fails",
            "{fault}; {n} crawl without a report since {at}; the log says more; if it "
            "stays, update Accordwatch or report it",
            "{fault}; {n} crawls in a row without a report since {at}; the log says "
            "more; if it stays, update Accordwatch or report it",
            fault=faulty[0].fault or "",
            n=len(faulty),
            at=at_minute(faulty[-1].started_at),
        )


def last_fault(runs: Iterable[Run]) -> str | None:
    """Why the last crawl that ended has no report; None if it has one."""
    ended = (run for run in runs if run.finished_at is not None)
    return next((run.fault for run in ended), None)


def _next_run_by(last: datetime, enabled: Sequence[Source]) -> datetime:
    """When there should have been another run: after three turns of the source that is due most
    often, or after a day if that is later, since a cron job may run daily.
    """
    # the interval that adapts counts at its longest
    late_turns = (turns_later(source, last, 2 if is_adaptive(source) else 3) for source in enabled)
    earliest = min(late_turns, default=last)
    return max(last + SHORTEST_SILENCE, earliest)


# A worker reports every five seconds, and a job is taken at once if one is free.
_GONE_S = 60.0
_WAITS_S = 600.0


def of_workers(s: Session) -> Iterator[Finding]:
    """Jobs that nobody takes or that failed, workers that wait. Nothing where none are led."""
    jobs, seen = job_counts(s), seen_workers(s)
    workers = [state for state, seen_s in seen if not state.leads and seen_s < _GONE_S]
    for worker_state in workers:
        if worker_state.waits_because:
            why = line(worker_state.waits_because, 300)
            yield warning(
                f"worker:{worker_state.name}",
                "the worker {worker} waits: {why}",
                worker=worker_state.name,
                why=why,
            )
    taken = {queue for worker in workers if worker.waits_because is None for queue in worker.queues}
    for job in jobs:
        if job.state == "waiting" and job.queue not in taken and job.oldest_s > _WAITS_S:
            yield problem(
                f"queue:{job.queue}:nobody",
                "no worker takes the jobs of the queue {queue}; waiting: {n}; start one: "
                "accordwatch worker",
                queue=job.queue,
                n=job.jobs,
            )
    for job in jobs:
        if job.state == "failed":
            yield warning(
                f"jobs:{job.kind}:failed",
                "jobs ({kind}) that failed within a week: {n}; the logs of the workers say "
                "why; see: accordwatch queue",
                n=job.jobs,
                kind=job.kind,
            )


def workers_at_work(s: Session) -> Iterator[Finding]:
    seen = [state for state, seen_s in seen_workers(s) if seen_s < _GONE_S]
    working = [state for state in seen if not state.leads and state.waits_because is None]
    if seen:
        yield well("workers", "{n} worker takes jobs", "{n} workers take jobs", n=len(working))


def of_needs(sources: Sequence[Source], browser: Path | None) -> Iterator[Finding]:
    """A problem for each thing that is missing."""
    scripted = [source.id for source in sources if source.javascript]
    if scripted:
        # imported here since it loads parts of Scrapy, and most configurations need no browser
        from spiders.fetch.browser import missing

        if (why := missing(browser)) is not None:
            listed = ", ".join(scripted[:5]) + (", ..." if len(scripted) > 5 else "")
            yield problem("browser", "{what}: {said}", what=listed, said=why)
    for source in sources:
        if source.login is not None:
            places = {"env": source.login.password_env, "file": source.login.password_file}
            try:
                Secret.model_validate(places).reveal()
            except ConfigurationError as error:
                yield problem(
                    f"password:{source.id}",
                    "{what}: {said}",
                    what=source.id,
                    said=error.line,
                )
