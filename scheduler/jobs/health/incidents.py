"""From findings that come and go to alerts: one when a trouble begins, one when it is over, and
none in between.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import datetime, timedelta

from scheduler.jobs.health.findings import Finding
from scheduler.jobs.health.source_findings import Memory
from scheduler.views.words.phrases import Line, in_english, kept, phrase, read
from storage.database.session import Database
from storage.errors import DatabaseError
from storage.maintenance.soundness import need_room
from storage.notifications import incidents
from storage.notifications.incidents import Incident
from storage.notifications.outbox import queue_notice
from storage.records import NewsKind
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
    """What is known of troubles: kept in the database, and in memory while that cannot be written.

    `unsent` holds the kept texts of lines that could not be queued because the database could not
    be written. Whoever sends them some other way empties it; else they are queued later.
    """

    def __init__(self) -> None:
        self._known: dict[str, Incident] | None = None  # None before the first look
        self._is_ahead = False  # memory knows more than the database
        self.unsent: tuple[str, ...] = ()
        self.memory: Memory = {}

    def last_seen(self) -> list[Finding]:
        """What was wrong at the last look, for a look that cannot read the database."""
        known = (self._known or {}).values()
        return [Finding("problem", incident.name, read(incident.line)) for incident in known]

    def take_stock(
        self,
        database: Database,
        subscriptions: Sequence[Subscription],
        found: Sequence[Finding],
        now: datetime,
    ) -> list[str]:
        """Note what is wrong now, and queue a notice for each trouble that began or is over.

        Returns the lines of these notices, in English.
        """
        try:
            need_room(database)
            with database.begin() as s:
                known = (self._known or {}) if self._is_ahead else incidents.incidents(s)
                lines, open_now = _look(found, known, now)
                incidents.keep(s, open_now.values())  # even if there are none: this is our try
                for line in (*self.unsent, *map(kept, lines)):
                    queue_notice(s, subscriptions, NewsKind.SOURCE_HEALTH, line, now)
            self._is_ahead, self.unsent = False, ()
        except DatabaseError as error:
            why = phrase("unwritable", why=error.line)
            unwritable = Finding("problem", UNWRITABLE, why)
            known = self._known or {}
            if self._known is None:
                # that the database cannot be read is a finding by itself
                with suppress(DatabaseError), database.read() as s:
                    known = incidents.incidents(s)
            lines, open_now = _look([*found, unwritable], known, now)
            self._is_ahead = True
            self.unsent += tuple(map(kept, lines))
        self._known = open_now
        return list(map(in_english, lines))

    @property
    def unwritable(self) -> str | None:
        """Why the database could not be written at the last look; None if it could."""
        if not (self._known and self._is_ahead):
            return None
        return in_english(self._known[UNWRITABLE].line)


def _look(
    found: Sequence[Finding], known: Mapping[str, Incident], now: datetime
) -> tuple[list[Line], dict[str, Incident]]:
    """(lines for the operator, what is known afterwards), given what was known before. Pure."""
    seen = {finding.name for finding in found}
    begun, over, open_now = dict[str, Line](), list[Line](), dict[str, Incident]()
    for name, incident in sorted(known.items()):
        if name in seen or not _is_long_ago(incident.seen_at, now, QUIET):
            open_now[name] = incident
        elif incident.notified_at is not None:
            over.append(phrase("over", trouble=read(incident.line)))
    for finding in found:
        name, line = finding.name, kept(finding.said)
        before = open_now.get(name) or Incident(name, line, now, now)
        notified_at = before.notified_at
        if name in known and notified_at is None and _is_long_ago(before.began_at, now, CONFIRM):
            notified_at, begun[name] = now, finding.said
        open_now[name] = replace(before, line=line, seen_at=now, notified_at=notified_at)
    return [*(begun[name] for name in sorted(begun)), *over], open_now
