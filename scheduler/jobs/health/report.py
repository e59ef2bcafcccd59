"""The state of the system itself: for `doctor`, and for the daemon's watch over itself."""

from __future__ import annotations

import stat
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

from crawler.reader.question import reader_id
from scheduler.configuration.config import Configuration
from scheduler.configuration.false_alarms import LEAST_DOCUMENTS, measure
from scheduler.configuration.user_subscriptions import with_users
from scheduler.jobs.health import findings
from scheduler.jobs.health.findings import Finding, all_fail, problem, warning, well
from scheduler.jobs.health.source_findings import Memory, source_findings
from scheduler.notify.channels.table import probe, subscriptions_of
from scheduler.notify.direct_sending import send_directly
from scheduler.notify.subscriptions.states import roster
from scheduler.schedule.sources_due import Watched, count_alive
from storage.database.session import Database, Session
from storage.documents.second_readings import calls_today, reading_counts
from storage.errors import AccordwatchError, DatabaseError, RuleError
from storage.lists import queries
from storage.maintenance.backup import last_backup_at
from storage.maintenance.soundness import damage, differing, need_room
from storage.notifications import incidents
from storage.notifications.outbox import queue_notice
from storage.notifications.tables import Incident
from storage.phrases import Phrase, figure, number
from storage.records import NewsKind
from storage.sources.states import LEAST_RUNS, last_runs
from storage.subscription import Subscription

# The operator is notified of a trouble that is still there after this time: most restarts and
# hiccups are over by then.
CONFIRM = timedelta(minutes=10)
# It is over if it was not seen for this time: what comes back sooner is the same trouble.
QUIET = timedelta(minutes=30)

# The name of the trouble that the incident book itself finds.
UNWRITABLE = "database:unwritable"


def _is_long_ago(at: datetime, now: datetime, limit: timedelta) -> bool:
    """A clock that was set back makes times of the past lie in the future; they are long ago."""
    return not timedelta(0) <= now - at < limit


class IncidentBook:
    """The known troubles: in the database, and in memory while that cannot be written. `unsent` has
    lines that could not be queued meanwhile; they are queued later, unless they were sent directly
    and `unsent` was emptied.
    """

    def __init__(self) -> None:
        self._known: dict[str, Incident] | None = None  # None before the first look
        self._is_ahead = False  # memory knows more than the database
        self.unsent: tuple[str, ...] = ()
        self.memory: Memory = {}

    def last_seen(self) -> list[Finding]:
        """What was wrong at the last look, for a look that cannot read the database."""
        known = (self._known or {}).values()
        return [Finding("problem", incident.name, incident.line) for incident in known]

    def take_stock(
        self,
        database: Database,
        subscriptions: Sequence[Subscription],
        faults: Sequence[Finding],
        now: datetime,
    ) -> list[str]:
        """Note what is wrong, queue a notice for each trouble that began or is over, and return
        these.
        """
        try:
            need_room(database)
            with database.begin() as s:
                known = (self._known or {}) if self._is_ahead else incidents.incidents(s)
                lines, open_now = _look(faults, known, now)
                incidents.save_open(s, open_now.values())  # even if there are none: this is our try
                for line in (*self.unsent, *lines):
                    queue_notice(s, subscriptions, NewsKind.SOURCE_HEALTH, line, now)
            self._is_ahead, self.unsent = False, ()
        except DatabaseError as error:
            why = Phrase("nothing can be written to the database: {why}", why=error.line)
            unwritable = Finding("problem", UNWRITABLE, why)
            known = self._known or {}
            if self._known is None:
                # that the database cannot be read is a finding by itself
                with suppress(DatabaseError), database.read() as s:
                    known = incidents.incidents(s)
            lines, open_now = _look([*faults, unwritable], known, now)
            self._is_ahead = True
            self.unsent += tuple(lines)
        self._known = open_now
        return lines

    @property
    def unwritable(self) -> str | None:
        """Why the database could not be written at the last look; None if it could."""
        if not (self._known and self._is_ahead):
            return None
        return self._known[UNWRITABLE].line


def _look(
    faults: Sequence[Finding], known: Mapping[str, Incident], now: datetime
) -> tuple[list[str], dict[str, Incident]]:
    """(lines for the operator, what is known afterwards), given what was known before. Pure."""
    seen = {finding.name for finding in faults}
    begun, over, open_now = dict[str, str](), list[str](), dict[str, Incident]()
    for name, incident in sorted(known.items()):
        if name in seen or not _is_long_ago(incident.seen_at, now, QUIET):
            open_now[name] = incident
        elif incident.notified_at is not None:
            over.append(Phrase("over: {trouble}", trouble=incident.line))
    for finding in faults:
        name, line = finding.name, finding.line
        before = open_now.get(name) or Incident(name, line, now, now)
        notified_at = before.notified_at
        if name in known and notified_at is None and _is_long_ago(before.began_at, now, CONFIRM):
            notified_at, begun[name] = now, line
        open_now[name] = replace(before, line=line, seen_at=now, notified_at=notified_at)
    return [*(begun[name] for name in sorted(begun)), *over], open_now


# --- from findings that come and go to alerts -----------------------------------------------------

# The news of a week can be collected again as long as sources still offer it. Curators' decisions
# cannot.
_BACKUP_AGE = timedelta(days=7)


def troubles(
    database: Database, chosen: Configuration, now: datetime, memory: Memory | None = None
) -> list[Finding]:
    """The troubles of now, quick enough for each minute with the `memory` of the last call."""
    enabled = chosen.enabled
    with database.read() as s:
        return [
            *source_findings(s, enabled, now, chosen.settings.monitor, memory),
            *findings.of_deliveries(s, now),
            *findings.of_set_aside(s),
            *findings.of_workers(s),
            *findings.of_reader(s, chosen.settings.reader, now),
            *disk_troubles(database, chosen),
            *(findings.of_runs(last_runs(s, LEAST_RUNS), now, enabled) if enabled else ()),
        ]


def disk_troubles(database: Database, chosen: Configuration) -> Iterator[Finding]:
    """Full disks, which can be found without asking the database."""
    own = [Path(database.url.removeprefix("sqlite:///")).parent] if database.is_sqlite else []
    return findings.of_disks([*own, chosen.folder])


def examine(database: Database, chosen: Configuration, now: datetime) -> list[Finding]:
    """All of `troubles`, those that take longer to find, and what is well: for `doctor`."""
    since = now - timedelta(days=chosen.settings.alerts.max_age_days)
    enabled = chosen.enabled
    with database.read() as s:
        counted = queries.counts(s)
        alive = count_alive(s, chosen.sources, now, chosen.settings.monitor.failing_polls)
        everybody = with_users(s, chosen)
        missed = list(findings.of_missed(s, everybody.subscriptions, since))
        life = _life_finding(alive, all_failed=all_fail(s, enabled))
        backups = list(_backup_findings(database, last_backup_at(s), counted.documents, now))
        afforded = _false_alarm_finding(*measure(s, chosen, now))
        waits = [*findings.of_waiting(s), *findings.of_roster(roster(s, chosen, now))]
        workers = list(findings.workers_at_work(s))
        reader = list(_reader_finding(s, chosen, now))
    faults = troubles(database, chosen, now)
    failing = {finding.name for finding in faults}
    return [
        well(
            "configuration",
            "{path} can be used: {sources}, {subscriptions}",
            path=str(chosen.path),
            sources=Phrase("{n} source", "{n} sources", n=len(chosen.sources)),
            subscriptions=Phrase(
                "{n} subscription", "{n} subscriptions", n=len(chosen.settings.subscriptions)
            ),
        ),
        *_database_findings(database, counted),
        *backups,
        *_setting_findings(database, chosen),
        *_rule_findings(chosen),
        _encoder_finding(),
        *reader,
        afforded,
        *_channel_findings(chosen),
        *findings.of_needs(enabled, chosen.settings.crawl.browser),
        life if chosen.sources else _sourceless_finding(counted),
        *workers,
        *missed,
        *faults,
        # what waits for a channel that fails is part of that finding
        *(wait for wait in waits if f"{wait.name.removeprefix('waiting:')}:fails" not in failing),
    ]


def _encoder_finding() -> Finding:
    from crawler.judgement.probability.encoder import PACKAGE, VERSION, encoder_fault  # has NumPy

    fault = encoder_fault()
    if not fault:
        form = "sentences are encoded: {package}"
        return well("encoder", form, package=PACKAGE)
    sentence = Phrase(
        "the package {package} is not the one that the judge was fitted with, so reports are "
        "judged without it, less well: pip install --force-reinstall {package}=={version}",
        package=PACKAGE,
        version=VERSION,
    )
    if fault == "missing":
        sentence = Phrase(
            "the package {package} is not installed, so reports are judged without it, less well: "
            "pip install {package}",
            package=PACKAGE,
        )
    return Finding("warning", "encoder", sentence)


def _reader_finding(s: Session, chosen: Configuration, now: datetime) -> Iterator[Finding]:
    settings = chosen.settings.reader
    if settings is None:
        yield well(
            "reader",
            "no second reader is configured: about two of three entries that are called"
            " likely are about a real stage; with a large model nearly all are "
            "(docs/reader.md)",
        )
    else:
        who = reader_id(settings.model)
        waiting, answered, _ = reading_counts(s, who, now - findings.READ_LATELY)
        yield well(
            "reader",
            "the second reader {model}: {answered} texts read, {waiting} waiting, "
            "{calls} of {per_day} calls today",
            model=settings.model,
            answered=answered,
            waiting=waiting,
            calls=calls_today(s, who.reader, now),
            per_day=settings.per_day,
        )


def _database_findings(database: Database, counted: queries.Counts) -> Iterator[Finding]:
    yield well(
        "database",
        "the database holds documents: {documents}; of these, reports of "
        "agreements: {relevant}; agreements: {agreements}",
        documents=counted.documents,
        relevant=counted.relevant,
        agreements=counted.agreements,
    )
    if database.why_read_only:
        yield Finding("warning", "read-only", database.why_read_only)
    try:
        need_room(database)  # of a PostgreSQL server; SQLite's is found by `disk_troubles`
    except DatabaseError as error:
        yield problem(UNWRITABLE, "nothing can be written to the database: {why}", why=error.line)
    lines = damage(database, thoroughly=False)
    for line in lines:
        yield problem("damage", "the database is damaged: {what}; restore a backup", what=line)
    if not lines:
        with database.read() as s:
            rows = differing(s)
        if rows:
            yield problem(
                "damage",
                "what searches read differs from what is stored (rows: {rows}); to write it"
                " anew: accordwatch db upgrade",
                rows=rows,
            )


def _sourceless_finding(counted: queries.Counts) -> Finding:
    if counted.documents and counted.imported == counted.documents:
        return well(
            "sources",
            "{n} document, imported; no source is crawled",
            "{n} documents, all imported; no source is crawled",
            n=counted.documents,
        )
    form = "no sources; add some with: accordwatch sources add URL"
    return problem("sources", form)


def _life_finding(alive: Watched, *, all_failed: bool) -> Finding:
    if all_failed:
        return problem(
            "sources",
            "0 of {sources} sources responded when they were last checked: is this "
            "machine on the network? To see how each is doing: accordwatch sources list",
            sources=alive.sources,
        )
    counted = {"alive": alive.alive, "sources": alive.sources}
    if alive.sources and alive.alive == alive.sources:
        return well("sources", "{alive} of {sources} sources active", **counted)
    form = "{alive} of {sources} sources active; to see how each is doing: accordwatch sources list"
    return warning("sources", form, **counted)


def _backup_findings(
    database: Database, made_at: datetime | None, documents: int, now: datetime
) -> Iterator[Finding]:
    """How old the last backup is. Of PostgreSQL's own we know nothing, so none is missed."""
    if made_at is not None and now - made_at <= _BACKUP_AGE:
        yield well("backup", "the last backup was made on {at} UTC", at=f"{made_at:%Y-%m-%d %H:%M}")
    elif database.is_sqlite and documents:
        sentence = Phrase("no backup was made yet; make one with: accordwatch backup FILE")
        if made_at is not None:
            sentence = Phrase(
                "the last backup is of {day}; make one with: accordwatch backup FILE",
                day=f"{made_at:%Y-%m-%d}",
            )
        yield Finding("warning", "backup", sentence)


def _setting_findings(database: Database, chosen: Configuration) -> Iterator[Finding]:
    path, settings = Path(database.url.removeprefix("sqlite:///")), chosen.settings
    if database.is_sqlite and path.stat().st_mode & stat.S_IROTH:
        yield warning(
            "permissions",
            "every user of this machine can read {path}; if that is not meant: chmod o-rwx {path}*",
            path=str(path),
        )
    if not settings.subscriptions:
        yield warning(
            "subscriptions",
            "no subscriptions: nobody is notified; docs/configuration.md shows one",
        )
    if not settings.crawl.contact:
        form = "crawl.contact is empty: give the owners of sites an address at which to reach you"
        yield warning("contact", form)
    if not settings.alerts.operator:
        form = "alerts.operator is empty: nobody is notified of problems; only doctor shows them"
        yield warning("operator", form)


def _rule_findings(chosen: Configuration) -> Iterator[Finding]:
    from crawler.judgement.judge import load_rules  # takes a second, which only `examine` spends

    packs = chosen.settings.rules.packs
    try:
        load_rules(packs, chosen.rule_files)
    except RuleError as error:
        for problem in error.problems:
            yield Finding("problem", "rules", str(problem))
    else:
        form = "the rules can be used: {packs}"
        yield well("rules", form, packs=", ".join(packs))


def _false_alarm_finding(documents: int, days: float, rate: float) -> Finding:
    form = "; that is too few to set it by alerts.false_alarms_per_day"
    return well(
        "false-alarms",
        "documents of the last day: {documents} ({daily} a day); at {rate} false "
        "alarms in 10,000, {expected} false alarms a day are expected{few}",
        "documents of the last {n} days: {documents} ({daily} a day); at {rate} "
        "false alarms in 10,000, {expected} false alarms a day are expected{few}",
        n=round(days),
        documents=number(documents),
        daily=number(documents / days),
        rate=figure(rate, 3),
        expected=figure(documents / days * rate / 10_000, 2),
        few=Phrase(form) if documents < LEAST_DOCUMENTS else "",
    )


def _channel_findings(chosen: Configuration) -> Iterator[Finding]:
    """Whether each channel would take a digest now. Nothing is sent."""
    for channel in chosen.settings.all_channels:
        name = f"channel:{channel.id}"
        try:
            answer = probe(channel, chosen.folder)
        except AccordwatchError as error:
            for place, line in enumerate(error.lines, start=1):
                numbered = name if place == 1 else f"{name}:{place}"
                yield problem(
                    numbered,
                    "the channel {channel}: {said}",
                    channel=channel.id,
                    said=line,
                )
        else:
            yield well(name, "the channel {channel}: {said}", channel=channel.id, said=answer)


def look_around(
    database: Database,
    chosen: Configuration,
    book: IncidentBook,
    own: Iterable[Finding],
    now: datetime,
) -> tuple[list[str], list[str]]:
    """Note what is wrong, the caller's `own` findings included, and queue a notice of what is news;
    if nothing can be written, send it directly. Returns the notices, and a line for each operator
    who could not be notified so.
    """
    try:
        faults = troubles(database, chosen, now, book.memory)
    except DatabaseError as error:
        unreadable = Phrase("the database cannot be read: {why}", why=error.line)
        faults = [*book.last_seen(), Finding("problem", "database:unreadable", unreadable)]
        faults += disk_troubles(database, chosen)
    lines = book.take_stock(database, subscriptions_of(chosen), [*faults, *own], now)
    if not book.unsent:
        return lines, []
    accepted, problems = send_directly(chosen, book.unsent, now)
    if accepted or not problems:
        book.unsent = ()
    return lines, problems
