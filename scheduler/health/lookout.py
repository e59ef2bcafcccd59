"""One look around for trouble: what is wrong is noted and told. The daemon does it each minute, `run` at its end."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from scheduler.configuration.config import Configuration
from scheduler.health.findings import Finding
from scheduler.health.incidents import Ledger
from scheduler.health.report import disk_troubles, troubles
from scheduler.notify.deliver import subscriptions_of
from scheduler.notify.directly import tell_directly
from storage.database.session import Database
from storage.errors import DatabaseError


@dataclass(frozen=True, slots=True)
class Seen:
    """Lines of what began and what is over, and of operators who could not be told while nothing could be written."""

    lines: tuple[str, ...]
    undelivered: tuple[str, ...] = ()


def look_around(
    database: Database, chosen: Configuration, ledger: Ledger, own: Iterable[Finding], now: datetime
) -> Seen:
    """Note what is wrong, `own` findings of the caller among it, and owe the operator a line where that is news.

    Where nothing can be written the operator's channels are told directly.
    """
    found = [*_troubles(database, chosen, ledger, now), *own]
    lines = ledger.take_stock(database, subscriptions_of(chosen), found, now)
    if not ledger.untold:
        return Seen(tuple(lines))
    said = tell_directly(chosen, ledger.untold, now)
    if said.accepted or not said.problems:
        ledger.told()
    return Seen(tuple(lines), said.problems)


def _troubles(
    database: Database, chosen: Configuration, ledger: Ledger, now: datetime
) -> list[Finding]:
    try:
        return troubles(database, chosen, now)
    except DatabaseError as error:
        unreadable = Finding(
            "problem", "database:unreadable", f"the database cannot be read: {error}"
        )
        return [*ledger.last_seen(), unreadable, *disk_troubles(database, chosen)]
