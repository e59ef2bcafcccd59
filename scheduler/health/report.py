"""How the system itself is doing: for `doctor`, and for the daemon's watch over itself."""

from __future__ import annotations

import stat
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

from scheduler.configuration.affordable import LEAST_DOCUMENTS, Affordable, measure
from scheduler.configuration.config import Configuration
from scheduler.health.findings import (
    Finding,
    all_fail,
    delivery_findings,
    disk_findings,
    roster_findings,
    run_findings,
    set_aside_findings,
    untold_findings,
    waiting_findings,
)
from scheduler.health.needs import needs_findings
from scheduler.health.source_findings import Memory, source_findings
from scheduler.notify.channels.table import probe
from scheduler.schedule.liveness import Watched, count_alive
from scheduler.subscriptions.roster import roster
from storage import queries
from storage.database.session import Database
from storage.errors import AccordwatchError, RuleError
from storage.maintenance.backup import last_backup_at
from storage.maintenance.retention import RUNS_KEPT
from storage.maintenance.soundness import damage
from storage.sources.runs import last_runs

# The news of a week can be collected again as long as sources still offer it. Curators' decisions
# cannot.
_BACKUP_AGE = timedelta(days=7)


def troubles(
    database: Database, chosen: Configuration, now: datetime, memory: Memory | None = None
) -> list[Finding]:
    """What is wrong now. Quick enough to be asked every minute, with the memory of the last
    time.
    """
    enabled = [source for source in chosen.sources if source.enabled]
    with database.read() as s:
        return [
            *source_findings(s, enabled, now, memory),
            *delivery_findings(s, now),
            *set_aside_findings(s),
            *disk_troubles(database, chosen),
            *(run_findings(last_runs(s, RUNS_KEPT), now, enabled) if enabled else ()),
        ]


def disk_troubles(database: Database, chosen: Configuration) -> Iterator[Finding]:
    """Full disks, which can be found without asking the database."""
    own = [Path(database.url.removeprefix("sqlite:///")).parent] if database.is_sqlite else []
    return disk_findings([*own, chosen.folder])


def examine(database: Database, chosen: Configuration, now: datetime) -> list[Finding]:
    """All of `troubles`, what takes longer to find, and what is well: for a person who asks."""
    since = now - timedelta(days=chosen.settings.alerts.max_age_days)
    enabled = [source for source in chosen.sources if source.enabled]
    with database.read() as s:
        counted, alive = queries.counts(s), count_alive(s, chosen.sources, now)
        missed = list(untold_findings(s, chosen.subscriptions, since))
        life = _life_finding(alive, all_failed=all_fail(s, enabled))
        backups = list(_backup_findings(database, last_backup_at(s), counted.documents, now))
        afforded = _false_alarm_finding(measure(s, chosen, now))
        waits = [*waiting_findings(s), *roster_findings(roster(s, chosen, now))]
    found = troubles(database, chosen, now)
    failing = {finding.name for finding in found}
    return [
        _configuration_finding(chosen),
        _database_finding(counted),
        *_read_only_findings(database),
        *_damage_findings(database),
        *backups,
        *_permission_findings(database),
        *_setting_findings(chosen),
        *_rule_findings(chosen),
        afforded,
        *_channel_findings(chosen),
        *needs_findings(enabled, chosen.settings.crawl.browser),
        life,
        *missed,
        *found,
        *(finding for finding in waits if _channel_of(finding) not in failing),
    ]


def _configuration_finding(chosen: Configuration) -> Finding:
    sources, subscriptions = len(chosen.sources), len(chosen.settings.subscriptions)
    counts = (("source", sources), ("subscription", subscriptions))
    listed = ", ".join(f"{count} {name}{'' if count == 1 else 's'}" for name, count in counts)
    return Finding("well", "configuration", f"{chosen.path} can be used: {listed}")


def _database_finding(counted: queries.Counts) -> Finding:
    reports = f"{counted.relevant} report one of {counted.agreements} agreements"
    line = f"the database holds {counted.documents} documents, {reports}"
    return Finding("well", "database", line)


def _read_only_findings(database: Database) -> Iterator[Finding]:
    if database.why_read_only:
        yield Finding("warning", "read-only", database.why_read_only)


def _channel_of(waits: Finding) -> str:
    """The name of the trouble that makes a finding about what waits superfluous."""
    return f"{waits.name.removeprefix('waiting:')}:fails"


def _life_finding(alive: Watched, *, all_failed: bool) -> Finding:
    line = f"{alive.alive} of {alive.sources} sources alive"
    if alive.sources and alive.alive == alive.sources and not all_failed:
        return Finding("well", "sources", line)
    details = "accordwatch sources list says how each is doing"
    if all_failed:
        line = f"0 of {alive.sources} sources answered when they were last looked at"
        question = "is this machine on the network?"
        return Finding("problem", "sources", f"{line}: {question} {details}")
    return Finding("warning", "sources", f"{line}; {details}")


def _damage_findings(database: Database) -> Iterator[Finding]:
    for line in damage(database, thoroughly=False):
        yield Finding("problem", "damage", f"the database is damaged: {line}; restore a backup")


def _backup_findings(
    database: Database, made_at: datetime | None, documents: int, now: datetime
) -> Iterator[Finding]:
    """How old the last backup is. PostgreSQL may have been backed up without our knowledge, so it
    is not warned of.
    """
    if made_at is not None and now - made_at <= _BACKUP_AGE:
        yield Finding("well", "backup", f"the last backup was made on {made_at:%Y-%m-%d %H:%M} UTC")
    elif database.is_sqlite and documents:
        last = "no backup was made yet"
        if made_at is not None:
            last = f"the last backup is of {made_at:%Y-%m-%d}"
        yield Finding("warning", "backup", f"{last}; make one with: accordwatch backup FILE")


def _permission_findings(database: Database) -> Iterator[Finding]:
    path = Path(database.url.removeprefix("sqlite:///"))
    if database.is_sqlite and path.stat().st_mode & stat.S_IROTH:
        remedy = f"if that is not meant: chmod o-rwx {path}*"
        line = f"every user of this machine can read {path}; {remedy}"
        yield Finding("warning", "permissions", line)


def _setting_findings(chosen: Configuration) -> Iterator[Finding]:
    settings = chosen.settings
    if not settings.sources:
        line = "no sources; add some with: accordwatch sources add URL"
        yield Finding("problem", "sources", line)
    if not settings.subscriptions:
        line = "no subscriptions: nobody is told; docs/configuration.md shows one"
        yield Finding("warning", "subscriptions", line)
    if not settings.crawl.contact:
        line = "crawl.contact is empty: tell the owners of sites how to reach you"
        yield Finding("warning", "contact", line)
    if not settings.alerts.operator:
        line = "alerts.operator is empty: only those who ask doctor hear of trouble"
        yield Finding("warning", "operator", line)


def _rule_findings(chosen: Configuration) -> Iterator[Finding]:
    from crawler.judgement.judge import load_rules  # takes a second, which only `examine` spends

    packs = chosen.settings.rules.packs
    try:
        load_rules(packs, chosen.rule_files)
    except RuleError as error:
        for problem in error.problems:
            yield Finding("problem", "rules", str(problem))
    else:
        yield Finding("well", "rules", f"the rules can be used: {', '.join(packs)}")


def _false_alarm_finding(found: Affordable) -> Finding:
    days = "last day" if round(found.days) == 1 else f"last {found.days:.0f} days"
    came = f"documents of the {days}: {found.documents:,} ({found.documents_a_day:,.0f} a day)"
    rate = f"{found.rate:.3g} false alarms in 10,000"
    expected = f"{found.false_alarms_a_day:.2g} false alarms a day are expected"
    few = "; that is too few to set it by alerts.false_alarms_per_day"
    hint = few if found.documents < LEAST_DOCUMENTS else ""
    return Finding("well", "false-alarms", f"{came}; at {rate}, {expected}{hint}")


def _channel_findings(chosen: Configuration) -> Iterator[Finding]:
    """Whether each channel would take a digest now. Nothing is sent."""
    for channel in chosen.settings.all_channels:
        name, subject = f"channel:{channel.id}", f"the channel {channel.id}"
        try:
            found = probe(channel, chosen.folder)
        except AccordwatchError as error:
            for number, line in enumerate(str(error).splitlines(), start=1):
                numbered = name if number == 1 else f"{name}:{number}"
                yield Finding("problem", numbered, f"{subject}: {line}")
        else:
            yield Finding("well", name, f"{subject}: {found}")
