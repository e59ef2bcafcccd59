"""Counts failures in a row of each job, in memory, so that they can be reported even if nothing can
be written to the database.
"""

from __future__ import annotations

import time
from dataclasses import dataclass

from scheduler.jobs.health.incidents import CONFIRM
from scheduler.views.words.phrases import Phrase

# One failure, or two, may be a lock that another process held for half a minute, or a server that
# was restarted. Jobs run every 10 to 60 s, so three failures in a row are at least half a minute of
# trouble.
IN_A_ROW = 3

# What crashes at once would crash again at each tick, and asks the same sites for the same pages
# each time. Each crash in a row doubles the rest after it.
_FIRST_REST_S, _LONGEST_REST_S = 60.0, 1800.0


@dataclass(frozen=True, slots=True)
class _FailedRow:
    length: int
    why: str


class Failures:
    """How often each job has failed since it last succeeded, and why it failed last."""

    def __init__(self) -> None:
        self._rows: dict[str, _FailedRow] = {}

    def went_well(self, job: str) -> None:
        self._rows.pop(job, None)

    def failed(self, job: str, why: str) -> None:
        before = self._rows.get(job)
        self._rows[job] = _FailedRow(before.length + 1 if before else 1, why)

    def lasting(self) -> dict[str, str]:
        """The jobs that failed three times in a row or more, with the last reason."""
        return {job: row.why for job, row in dict(self._rows).items() if row.length >= IN_A_ROW}


class Crashes:
    """Crawls in a row that ended without a report, and the rest before the next one. They are
    counted apart from other failures of the job: a tick with nothing to crawl is no success.
    """

    def __init__(self) -> None:
        self._length, self._why = 0, ""
        self._rest_until_s = 0.0

    def ended(self, fault: str | None) -> None:
        """Note how a crawl ended: `fault` is None if it wrote its report."""
        if fault is None:
            self._length = 0
            return
        rest_s = min(_FIRST_REST_S * 2**self._length, _LONGEST_REST_S)
        self._rest_until_s = time.monotonic() + rest_s
        self._length, self._why = self._length + 1, fault

    def end_rest(self) -> None:
        """Let the next crawl begin at once: something has changed."""
        self._rest_until_s = 0.0

    @property
    def rests(self) -> bool:
        return time.monotonic() < self._rest_until_s

    def lasting(self) -> dict[str, str]:
        """As `Failures.lasting`, of the job `crawl`."""
        return {"crawl": self._why} if self._length >= IN_A_ROW else {}


class Passing:
    """An event that is over at once, such as a jump of the clock. It counts as a trouble for long
    enough to be reported.
    """

    def __init__(self) -> None:
        self._line: Phrase | None = None
        self._until_s = 0.0

    def note(self, line: Phrase) -> None:
        self._line = line
        self._until_s = time.monotonic() + 1.5 * CONFIRM.total_seconds()

    def line(self) -> Phrase | None:
        return self._line if time.monotonic() < self._until_s else None
