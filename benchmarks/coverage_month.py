"""A month of sources of which some break, as the ledger and the health checks see it.

python -m benchmarks.coverage_month [SEED]...: forty healthy sources and 33 in which a failure is
planted at some time of the month, after five weeks in which all were well. What sources publish is
simulated, hour by hour: hourly press, agencies that publish in bursts, ministries in office hours,
weekly gazettes, with weekends, feasts, servers that hiccup, and a night in which our machine was
off. What is counted is what the crawl would have counted, and what is told is told by the health
checks.
"""

from __future__ import annotations

import random
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from math import log
from pathlib import Path
from statistics import median

from sqlalchemy import update

from benchmarks.knowable import silence_is_certain, third_is_certain
from benchmarks.memory_ledger import MemoryLedger
from benchmarks.publishers import (
    AGENCY,
    DAY,
    HOUR,
    LOOK_EVERY_H,
    MINISTRY,
    MONTH_DAYS,
    OFF_H,
    PRESS,
    PROFILES,
    REGIONAL,
    START,
    WARM_DAYS,
    Publisher,
    PublishingHabit,
)
from scheduler.health.incidents import IncidentBook
from scheduler.health.source_findings import source_findings
from storage.database.session import Database, Session, open_database
from storage.records import Source, SourceKind
from storage.sources.ledger import LANGUAGE, OUTCOME, LedgerEntry, moment_of
from storage.sources.polls import record_poll
from storage.sources.states import note_address
from storage.sources.tables import SourceStates


@dataclass(frozen=True, slots=True)
class PlannedFailure:
    """A kind of failure, and the names under which it may be told. `needs` are the documents that
    have to come before it can be known; None where that follows from the rates of the source.
    """

    kind: str
    names: tuple[str, ...]
    needs: float | None
    profiles: tuple[PublishingHabit, ...] = (PRESS, REGIONAL, AGENCY)


_SEEN = 4  # documents from which a share is known
_LENGTHS = 8  # from which half of the length is: 0.7 is 1.4 standard deviations of a text
FAILURES = (
    PlannedFailure("silent zero", ("silent",), None),
    PlannedFailure("silent ministry", ("silent",), None, (MINISTRY,)),
    PlannedFailure("stuck on old entries", ("silent", "old"), None),
    PlannedFailure("old entries under new addresses", ("old",), _SEEN),
    PlannedFailure("sitemap frozen", ("silent",), None),
    PlannedFailure("thinned to a third", ("thin",), None, (PRESS, AGENCY)),
    PlannedFailure("thinned to a third, regional", ("thin",), None, (REGIONAL,)),
    PlannedFailure("list cut to a third", ("fewer",), 0),
    PlannedFailure("flood", ("flood",), 0, (REGIONAL,)),
    PlannedFailure("undated feed", ("undated",), _SEEN),
    PlannedFailure("undated ministry", ("undated",), _SEEN, (MINISTRY,)),
    PlannedFailure("untitled", ("untitled",), _SEEN),
    PlannedFailure("dates in the future", ("ahead",), _SEEN),
    PlannedFailure("feed of another language", ("language",), _SEEN),
    PlannedFailure("language of a ministry", ("language",), _SEEN, (MINISTRY,)),
    PlannedFailure("texts of half length", ("short",), _LENGTHS, (PRESS, AGENCY)),
    PlannedFailure("teasers instead of texts", ("short",), _SEEN),
    PlannedFailure("broken letters", ("garbled",), _SEEN),
    PlannedFailure("challenge page", ("refused:challenge",), _SEEN),
    PlannedFailure("consent wall", ("refused:consent_wall",), _SEEN),
    PlannedFailure("paywall", ("refused:paywall",), _SEEN),
    PlannedFailure("login wall", ("refused:login",), _SEEN),
    PlannedFailure("robots forbids articles", ("refused:robots",), _SEEN),
    PlannedFailure("new addresses each poll", ("churn",), 0),
    PlannedFailure("moved feed", ("moved",), 0),
    PlannedFailure("redirect to the home page", ("moved",), 0),
    PlannedFailure("parked domain", ("fails",), 0),
    PlannedFailure("feed became HTML", ("fails",), 0),
    PlannedFailure("certificate expired", ("fails",), 0),
    PlannedFailure("name is gone", ("fails",), 0),
    PlannedFailure("robots forbids the feed", ("fails",), 0),
    PlannedFailure("empty body", ("fails",), 0),
    PlannedFailure("list without items", ("empty",), 0),
)
REASONS = {
    "parked domain": "parked: the domain is for sale",
    "feed became HTML": "html: a web page came instead of a feed",
    "certificate expired": "certificate: its certificate cannot be verified",
    "name is gone": "dns: the name does not resolve",
    "robots forbids the feed": "robots: robots.txt forbids it",
    "empty body": "empty: the feed has no bytes",
}


@dataclass(slots=True)
class Planted:
    """A failure in one source, and what was told of it."""

    failure: PlannedFailure
    publisher: Publisher
    at: datetime
    named_at: datetime | None = None
    line: str = ""
    known_at: datetime | None = None  # since then it can be known
    due: dict[date, float] = field(default_factory=dict)  # documents that should have come since
    came: int = 0  # documents that have
    others: list[str] = field(default_factory=list)  # other names that were told


@dataclass(frozen=True, slots=True)
class Replay:
    """What a replayed month showed. `accused` are lines about sources that are well."""

    planted: Sequence[Planted]
    healthy: int
    accused: Sequence[str]
    seconds_a_look: float


def replay(
    seed: int = 1,
    healthy: int = 40,
    failures: Sequence[PlannedFailure] = FAILURES,
    days: int = MONTH_DAYS,
) -> Replay:
    """Play the warm-up and the month."""
    dice = random.Random(seed)
    well = [_publisher(f"well-{n}", PROFILES[n % len(PROFILES)], dice) for n in range(healthy)]
    planted = [_plant(n, failure, dice, days) for n, failure in enumerate(failures)]
    with tempfile.TemporaryDirectory() as folder:
        database = open_database(f"sqlite:///{Path(folder) / 'month.db'}")
        told, seconds = _play(database, well, planted, days)
        database.close()
    accused = [line for name, line in told if name.startswith("well-")]
    return Replay(planted, healthy, accused, seconds)


def _publisher(name: str, profile: PublishingHabit, dice: random.Random) -> Publisher:
    own = random.Random(dice.random())
    kind = SourceKind.SITEMAP if "sitemap" in name else SourceKind.FEED
    source = Source(name, kind, f"https://{name}.example/news/feed", language="fr")
    dated = own.choice((1.0, 1.0, 1.0, 0.95, 0.6))
    refused = own.choice((0.0, 0.01, 0.05))
    shown = own.choice((20, 30, 50))
    return Publisher(source, profile, own, own.randint(1200, 4000), dated, "fr", shown, refused)


def _plant(number: int, failure: PlannedFailure, dice: random.Random, days: int) -> Planted:
    profile = dice.choice(failure.profiles)
    publisher = _publisher(f"planted-{number}-{failure.kind.split()[0]}", profile, dice)
    if "date" in failure.kind:
        publisher.dated = 1.0
    # Late enough for a month of it to be seen, early enough for it to be named.
    hours = dice.randint(0, max(1, (days - 14) * 24))
    return Planted(failure, publisher, START + WARM_DAYS * DAY + hours * HOUR)


def _play(
    database: Database, well: Sequence[Publisher], planted: Sequence[Planted], days: int
) -> tuple[list[tuple[str, str]], float]:
    book, ledger, told, seconds, looks = IncidentBook(), MemoryLedger(), [], 0.0, 0
    failing = {one.publisher.source.id: one for one in planted}
    everybody = [*well, *(one.publisher for one in planted)]
    sources = [one.source for one in everybody]
    for hour in range(0, (WARM_DAYS + days) * 24, LOOK_EVERY_H):
        with database.begin() as s:
            for later in range(hour, hour + LOOK_EVERY_H):
                at = START + later * HOUR
                entries = _hour(s, everybody, failing, at, off=later in OFF_H)
                ledger.write(moment_of(at), entries)
            # What was found of a source is remembered until it is looked at again.
            s.execute(update(SourceStates).values(last_poll_at=at))
        if hour < WARM_DAYS * 24 or hour in OFF_H:
            continue
        for minutes in (1, 12):  # a trouble is told at the second look
            now = at + timedelta(minutes=minutes)
            began = time.perf_counter()
            with database.read() as s:
                found = list(source_findings(s, sources, now, book.memory, ledger.tallies))
            seconds, looks = seconds + time.perf_counter() - began, looks + 1
            names = {finding.line: finding.name for finding in found}
            for line in book.take_stock(database, (), found, now):
                name = names.get(line, "")
                if not line.startswith("over: "):
                    told.append((name.split(":")[1], f"{now:%d %b %H:%M} {name}: {line}"))
                    _note(failing.get(name.split(":")[1]), name, line, now)
    return told, seconds / max(1, looks)


def _note(planted: Planted | None, name: str, line: str, now: datetime) -> None:
    if planted is None:
        return
    change = name.split(":", 2)[2]
    if change in planted.failure.names and now >= planted.at:
        if planted.named_at is None:
            planted.named_at, planted.line = now, line
    else:
        planted.others.append(change)


def _hour(
    s: Session,
    everybody: Iterable[Publisher],
    failing: dict[str, Planted],
    at: datetime,
    *,
    off: bool,
) -> Iterator[LedgerEntry]:
    """What each source publishes within an hour, and what a look finds."""
    for publisher in everybody:
        planted = failing.get(publisher.source.id)
        kind = planted.failure.kind if planted is not None and at >= planted.at else ""
        share = 1 / 3 if kind.startswith("thinned") else 12.0 if kind == "flood" else 1.0
        if not kind.startswith(("silent", "stuck", "sitemap")):
            waiting = publisher.waiting
            publisher.publish(at, share)
            if planted is not None and kind:
                planted.came += publisher.waiting - waiting
        if planted is not None and kind:
            _fall_due(planted, at)
        # A ministry is looked at every third hour, the others every hour.
        if off or (publisher.profile.batch in (2, 8) and at.hour % 3):
            continue
        yield _look(s, publisher, kind, at)


def _fall_due(planted: Planted, at: datetime) -> None:
    """Note what should come in an hour, and whether the failure can be known after it."""
    profile, needs = planted.publisher.profile, planted.failure.needs
    planted.due[at.date()] = planted.due.get(at.date(), 0.0) + profile.of_hour(at)
    if planted.known_at is not None:
        return
    if needs is not None:
        is_certain = planted.came >= needs
    elif "thin" in planted.failure.names:
        is_certain = third_is_certain(profile, planted.due)
    else:
        is_certain = silence_is_certain(profile, planted.due)
    if is_certain:
        planted.known_at = at + HOUR * bool(needs != 0)


def _look(s: Session, publisher: Publisher, kind: str, at: datetime) -> LedgerEntry:
    """A look at a source: what the crawl would have written."""
    source, dice = publisher.source, publisher.dice
    reason = REASONS.get(kind) or ("http_503: busy" if dice.random() < 0.01 else None)
    # The state of a source matters when it fails, and when it is well again; once a day otherwise.
    if reason is not None or publisher.failed or at.hour == 0:
        is_well, offered = reason is None, publisher.shown
        record_poll(s, source.id, now=at, ok=is_well, error=reason, offered=offered, new=0)
    publisher.failed = reason is not None
    if reason is not None:
        return LedgerEntry(source.id, {"polls": 1, "polls_failed": 1})
    if kind in ("moved feed", "redirect to the home page"):
        path = "/" if kind != "moved feed" else "/rss/all"
        note_address(s, source.id, source.url, f"https://new.example{path}", at)
    came = min(publisher.waiting, publisher.shown)
    publisher.waiting = 0
    offered = publisher.shown
    if kind == "list cut to a third":
        offered = publisher.shown // 3
        came = min(came, offered)
    if kind == "list without items":
        offered = came = 0
    newest = None if kind == "undated feed" else publisher.newest
    if kind == "old entries under new addresses":
        newest = date(2026, 8, 3)
    stored, names = _arrivals(publisher, kind, came)
    new = came
    if kind == "new addresses each poll":
        names[OUTCOME, "duplicate"] += publisher.shown - came
        new = publisher.shown
    sums = {"polls": 1, "offered": offered, "new": new, "fetched": new} | stored
    return LedgerEntry(source.id, sums, names, newest)


def _arrivals(
    publisher: Publisher, kind: str, came: int
) -> tuple[Counter[str], Counter[tuple[str, str]]]:
    sums: Counter[str] = Counter()
    names: Counter[tuple[str, str]] = Counter()
    wall = {
        "challenge page": "challenge",
        "consent wall": "consent_wall",
        "paywall": "paywall",
        "login wall": "login",
        "robots forbids articles": "robots",
    }.get(kind)
    dice = publisher.dice
    for _ in range(came):
        if wall or dice.random() < publisher.refused:
            names[OUTCOME, wall or dice.choice(("http_404", "paywall", "timeout"))] += 1
            continue
        names[OUTCOME, "stored"] += 1
        is_other = "language" in kind or dice.random() < 0.03
        names[LANGUAGE, "en" if is_other else publisher.language] += 1
        sums.update(_of_document(publisher, kind))
    return sums, names


def _of_document(publisher: Publisher, kind: str) -> dict[str, float]:
    dice = publisher.dice
    share = {"texts of half length": 0.5, "teasers instead of texts": 0.12}.get(kind, 1.0)
    length = log(publisher.length * share) + dice.gauss(0, 0.5)
    return {
        "titled": int(kind != "untitled"),
        "dated": int(not kind.startswith("undated") and dice.random() < publisher.dated),
        "dated_ahead": int(kind == "dates in the future"),
        "garbled": int(kind == "broken letters"),
        "log_length": length,
        "log_length_squared": length * length,
    }


def _hours(until: datetime | None, since: datetime | None) -> str:
    return "" if until is None or since is None else f"{(until - since) / HOUR:.0f}"


def table(outcome: Replay) -> Iterator[str]:
    """The lines of the table, in Markdown."""
    yield "| planted | in | at | can be known after, h | named after, h | named as |"
    yield "| --- | --- | --- | ---: | ---: | --- |"
    for one in outcome.planted:
        cells = (
            one.failure.kind,
            one.publisher.profile.name,
            f"{one.at:%a %H:%M}",
            _hours(one.known_at, one.at) or "never",
            _hours(one.named_at, one.at) or "never",
            ", ".join(one.failure.names) if one.named_at else "",
        )
        yield f"| {' | '.join(cells)} |"


def summary(seed: int, outcome: Replay) -> str:
    """A line of the table of seeds: how many were named, and how many of those that can be known
    within a day were named within one.
    """
    planted = outcome.planted
    named = [(one.named_at - one.at) / HOUR for one in planted if one.named_at]
    soon = [one for one in planted if one.known_at and one.known_at - one.at <= DAY]
    in_a_day = sum(hours <= 24 for hours in named)
    of_soon = sum(one.named_at is not None and one.named_at - one.at <= DAY for one in soon)
    cells = (
        seed,
        f"{len(named)} of {len(planted)}",
        in_a_day,
        f"{of_soon} of {len(soon)}",
        f"{median(named):.0f}",
        len(outcome.accused),
    )
    return f"| {' | '.join(map(str, cells))} |"


def say(*lines: str) -> None:
    sys.stdout.write("\n".join(lines) + "\n")


def main() -> None:
    lines = []
    for seed in map(int, sys.argv[1:] or ["1"]):
        outcome = replay(seed)
        say(f"seed {seed}", *table(outcome), *outcome.accused)
        for one in outcome.planted:
            if one.others:
                say(f"beside {one.failure.kind}: {', '.join(one.others)}")
        say("", *(one.line for one in outcome.planted if one.line))
        say(f"{outcome.seconds_a_look:.2f} s a look", "")
        lines.append(summary(seed, outcome))
    say(
        "| seed | named | within 24 h | of those that can be known in 24 h | median, h | accused |",
        "| --- | --- | --- | --- | --- | --- |",
        *lines,
    )


if __name__ == "__main__":
    main()
