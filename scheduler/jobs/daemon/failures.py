"""What goes wrong again and again: jobs that fail, and crawls that end without a report."""

from __future__ import annotations

import time

# One failure, or two, may be a lock that another process held for half a minute, or a server that
# was restarted. Jobs run every 10 to 60 s, so three failures in a row are at least half a minute of
# trouble.
IN_A_ROW = 3

# What crashes at once would crash again at each tick, and asks the same sites for the same pages
# each time. Each crash in a row doubles the rest after it.
_FIRST_REST_S, _LONGEST_REST_S = 60.0, 1800.0


class Failures:
    """How often each job has failed since it last succeeded, and why it failed last: in memory, so
    that it can be reported even if nothing can be written to the database.
    """

    def __init__(self) -> None:
        self._rows: dict[str, tuple[int, str]] = {}

    def went_well(self, job: str) -> None:
        self._rows.pop(job, None)

    def failed(self, job: str, why: str) -> None:
        self._rows[job] = (self._rows.get(job, (0, ""))[0] + 1, why)

    def lasting(self) -> dict[str, str]:
        """The jobs that failed three times in a row or more, with the last reason."""
        return {job: why for job, (times, why) in dict(self._rows).items() if times >= IN_A_ROW}


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
