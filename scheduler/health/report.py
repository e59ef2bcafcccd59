"""How the system itself is doing: for `doctor`, for the daemon's watch, for the line in a digest."""

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
    source_findings,
    untold_findings,
    waiting_findings,
)
from scheduler.notify.channels.table import probe
from scheduler.schedule.liveness import Watched, count_alive
from scheduler.subscriptions.roster import roster
from storage import queries
from storage.database.backup import last_backup_at
from storage.database.retention import RUNS_KEPT
from storage.database.session import Database
from storage.database.soundness import damage
from storage.errors import AccordwatchError, RuleError
from storage.sources.runs import last_runs

# A week of news can be collected again, as long as sources still offer it; decisions of curators cannot.
_BACKUP_AGE = timedelta(days=7)


def troubles(database: Database, chosen: Configuration, now: datetime) -> list[Finding]:
    """What is wrong now; quick enough for once a minute."""
    enabled = [source for source in chosen.sources if source.enabled]
    with database.read() as s:
        return [
            *source_findings(s, enabled, now),
            *delivery_findings(s, now),
            *disk_troubles(database, chosen),
            *(run_findings(last_runs(s, RUNS_KEPT), now, enabled) if enabled else ()),
        ]


def disk_troubles(database: Database, chosen: Configuration) -> Iterator[Finding]:
    """What can be said without asking the database."""
    own = [Path(database.url.removeprefix("sqlite:///")).parent] if database.is_sqlite else []
    return disk_findings([*own, chosen.folder])


def examine(database: Database, chosen: Configuration, now: datetime) -> list[Finding]:
    """All of that, and what takes longer or is well: for a person who asks."""
    since = now - timedelta(days=chosen.settings.alerts.max_age_days)
    with database.read() as s:
        counted, alive = queries.counts(s), count_alive(s, chosen.sources, now)
        missed = list(untold_findings(s, chosen.subscriptions, since))
        life = _life_finding(
            alive, all_failed=all_fail(s, [source for source in chosen.sources if source.enabled])
        )
        backups = list(_backup_findings(database, last_backup_at(s), counted.documents, now))
        afforded = _false_alarm_finding(measure(s, chosen, now))
        waits = [*waiting_findings(s), *roster_findings(roster(s, chosen, now))]
    found = troubles(database, chosen, now)
    failing = {finding.name for finding in found}
    settings = chosen.settings
    counts = (("source", len(settings.sources)), ("subscription", len(settings.subscriptions)))
    subscribed = ", ".join(f"{count} {name}{'' if count == 1 else 's'}" for name, count in counts)
    kept = f"{counted.documents} documents, {counted.relevant} report one of {counted.agreements} agreements"
    return [
        Finding("well", "configuration", f"{chosen.path} can be used: {subscribed}"),
        Finding("well", "database", f"the database holds {kept}"),
        *(
            [Finding("warning", "read-only", database.why_read_only)]
            if database.why_read_only
            else ()
        ),
        *_damage_findings(database),
        *backups,
        *_permission_findings(database),
        *_setting_findings(chosen),
        *_rule_findings(chosen),
        afforded,
        *_channel_findings(chosen),
        life,
        *missed,
        *found,
        *(finding for finding in waits if _channel_of(finding) not in failing),
    ]


def _channel_of(waits: Finding) -> str:
    """The name of the trouble that says the same as a finding about what waits, and more."""
    return f"{waits.name.removeprefix('waiting:')}:fails"


def _life_finding(alive: Watched, *, all_failed: bool) -> Finding:
    line = f"{alive.alive} of {alive.sources} sources alive"
    if alive.sources and alive.alive == alive.sources and not all_failed:
        return Finding("well", "sources", line)
    if all_failed:
        line = f"0 of {alive.sources} sources answered when last looked at: is this machine on the network?"
        return Finding(
            "problem", "sources", f"{line} accordwatch sources list says how each is doing"
        )
    return Finding("warning", "sources", f"{line}; accordwatch sources list says how each is doing")


def _damage_findings(database: Database) -> Iterator[Finding]:
    for line in damage(database, thoroughly=False):
        yield Finding("problem", "damage", f"the database is damaged: {line}; restore a backup")


def _backup_findings(
    database: Database, made_at: datetime | None, documents: int, now: datetime
) -> Iterator[Finding]:
    """How old the last backup is; of PostgreSQL, others may have made some that we know nothing of."""
    if made_at is not None and now - made_at <= _BACKUP_AGE:
        yield Finding("well", "backup", f"the last backup was made on {made_at:%Y-%m-%d %H:%M} UTC")
    elif database.is_sqlite and documents:
        last = (
            "no backup was made yet"
            if made_at is None
            else f"the last backup is of {made_at:%Y-%m-%d}"
        )
        yield Finding("warning", "backup", f"{last}; make one with: accordwatch backup FILE")


def _permission_findings(database: Database) -> Iterator[Finding]:
    path = Path(database.url.removeprefix("sqlite:///"))
    if database.is_sqlite and path.stat().st_mode & stat.S_IROTH:
        line = (
            f"every user of this machine can read {path}; if that is not meant: chmod o-rwx {path}*"
        )
        yield Finding("warning", "permissions", line)


def _setting_findings(chosen: Configuration) -> Iterator[Finding]:
    settings = chosen.settings
    if not settings.sources:
        yield Finding(
            "problem", "sources", "no sources; add some with: accordwatch sources add URL"
        )
    if not settings.subscriptions:
        yield Finding(
            "warning",
            "subscriptions",
            "no subscriptions: nobody is told; docs/configuration.md shows one",
        )
    if not settings.crawl.contact:
        yield Finding(
            "warning",
            "contact",
            "crawl.contact is empty: tell the owners of sites how to reach you",
        )
    if not settings.alerts.operator:
        yield Finding(
            "warning",
            "operator",
            "alerts.operator is empty: nobody hears of trouble but who asks doctor",
        )


def _rule_findings(chosen: Configuration) -> Iterator[Finding]:
    from crawler.judgement.judge import load_rules  # a second, for those who ask

    try:
        load_rules(chosen.settings.rules.packs, chosen.rule_files)
    except RuleError as error:
        for problem in error.problems:
            yield Finding("problem", "rules", str(problem))
    else:
        yield Finding(
            "well", "rules", f"the rules can be used: {', '.join(chosen.settings.rules.packs)}"
        )


def _false_alarm_finding(found: Affordable) -> Finding:
    days = "last day" if round(found.days) == 1 else f"last {found.days:.0f} days"
    came = f"documents of the {days}: {found.documents:,} ({found.documents_a_day:,.0f} a day)"
    rate = f"{found.rate:.3g} false alarms in 10,000"
    expected = f"{found.false_alarms_a_day:.2g} false alarms a day are expected"
    few = "; that is too few to set it by alerts.false_alarms_per_day"
    hint = few if found.documents < LEAST_DOCUMENTS else ""
    return Finding("well", "false-alarms", f"{came}; at {rate}, {expected}{hint}")


def _channel_findings(chosen: Configuration) -> Iterator[Finding]:
    """Whether each channel would take a digest now; nothing is sent."""
    for channel in chosen.settings.all_channels:
        try:
            found = probe(channel, chosen.folder)
        except AccordwatchError as error:
            yield Finding("problem", f"channel:{channel.id}", f"the channel {channel.id}: {error}")
        else:
            yield Finding("well", f"channel:{channel.id}", f"the channel {channel.id}: {found}")
