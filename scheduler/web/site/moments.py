"""Moments and lengths of time in the reader's language. Moments are shown in UTC, as on the command
line.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from babel.dates import format_time, format_timedelta

from scheduler.words.labels import Labels

# Up to twice a unit the smaller one is used: "95 minutes" says more than "2 hours".
_SMALLER_UNITS_TO = 2.0


def moment(at: datetime, words: Labels) -> str:
    """ "12 March 2026, 09:30 UTC"."""
    here = at.astimezone(UTC)
    clock = format_time(here, "HH:mm", locale=words.locale)
    return f"{words.day(here.date())}{words.say('comma')}{clock} UTC"


def length(lasted: timedelta, words: Labels) -> str:
    """ "95 minutes"."""
    shown = max(lasted, timedelta(seconds=1))
    return str(format_timedelta(shown, threshold=_SMALLER_UNITS_TO, locale=words.locale))


def ago(at: datetime, now: datetime, words: Labels) -> str:
    """ "3 hours ago", or "in 3 hours"; from a minute on, seconds are not counted."""
    return str(
        format_timedelta(
            at - now,
            granularity="second" if abs(at - now) < timedelta(minutes=1) else "minute",
            threshold=_SMALLER_UNITS_TO,
            add_direction=True,
            locale=words.locale,
        )
    )
