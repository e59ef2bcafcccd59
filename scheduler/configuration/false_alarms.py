"""The rate of false alarms that is allowed, from how many a day people can afford to read."""

from __future__ import annotations

from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

from crawler.judgement.probability.rates import FALSE_ALARMS
from scheduler.configuration.config import Configuration
from storage.database.session import Database, Session, open_database
from storage.errors import DatabaseError
from storage.lists.coverage import stored_since

_WINDOW = timedelta(days=14)  # weekends bring less, so whole weeks are counted
# A tenth of the number on which the rate is based. With fewer documents a day's count says little.
LEAST_DOCUMENTS = 1_000
# The judge was measured between these rates; outside them its thresholds would be guesses.
LOWEST_RATE, HIGHEST_RATE = 0.5, 20.0


def false_alarm_rate(database: Database, chosen: Configuration, now: datetime) -> float:
    """The rate with which rules are loaded. Nothing is counted if none is configured."""
    if chosen.settings.alerts.false_alarms_per_day is None:
        return FALSE_ALARMS
    with database.read() as s:
        return measure(s, chosen, now)[2]


def measured_rate(chosen: Configuration) -> float | None:
    """The rate by the configured database; None if it is not there or cannot be read as it is."""
    file = chosen.database.removeprefix("sqlite:///")
    if file != chosen.database and not Path(file).exists():
        return None
    try:
        database = open_database(chosen.database, upgrade=False)
    except DatabaseError:
        return None
    with closing(database):
        return false_alarm_rate(database, chosen, datetime.now(UTC))


def measure(s: Session, chosen: Configuration, now: datetime) -> tuple[int, float, float]:
    """The documents that came in lately, in how many days (14, or fewer if the database is
    younger), and the rate of false alarms in 10,000 that can be afforded. It is the default if
    there were few documents, or if the configuration sets no rate.
    """
    documents, first_at = stored_since(s, now - _WINDOW)
    age = min(now - first_at, _WINDOW) if first_at else _WINDOW
    days = max(age / timedelta(days=1), 1.0)
    wanted = chosen.settings.alerts.false_alarms_per_day
    if wanted is None or documents < LEAST_DOCUMENTS:
        return documents, days, FALSE_ALARMS
    rate = wanted * 10_000 / (documents / days)
    return documents, days, min(max(rate, LOWEST_RATE), HIGHEST_RATE)
