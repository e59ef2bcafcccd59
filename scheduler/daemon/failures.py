"""Counts failures in a row of each job, in memory, so that they can be told even if nothing can be
written to the database.
"""

from __future__ import annotations

from dataclasses import dataclass

# One failure, or two, may be a lock that another process held for half a minute, or a server that
# was restarted. Jobs run every 10 to 60 s, so three failures in a row are at least half a minute of
# trouble.
IN_A_ROW = 3


@dataclass(frozen=True, slots=True)
class _Row:
    length: int
    why: str


class Failures:
    """How often each job has failed since it last succeeded, and why it failed last."""

    def __init__(self) -> None:
        self._rows: dict[str, _Row] = {}

    def went_well(self, job: str) -> None:
        self._rows.pop(job, None)

    def failed(self, job: str, why: str) -> None:
        before = self._rows.get(job)
        self._rows[job] = _Row(before.length + 1 if before else 1, why)

    def lasting(self) -> dict[str, str]:
        """The jobs that failed three times in a row or more, with the last reason."""
        return {job: row.why for job, row in dict(self._rows).items() if row.length >= IN_A_ROW}
