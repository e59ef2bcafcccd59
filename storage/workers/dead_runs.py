"""Runs of workers that died: nobody closes them who knows how they went."""

from __future__ import annotations

from sqlalchemy import text

from storage.database.session import Session

# Far longer than from the beginning of a run to its first lease.
_BEGUN_WITHIN_S = 120

_OPEN = text("""
    SELECT id FROM runs WHERE finished_at IS NULL
        AND started_at < now() - :begun_s * interval '1 second'
        AND id NOT IN (SELECT run_id FROM hosts WHERE held_until_at > now() AND run_id IS NOT NULL)
""")


def dead_runs(s: Session) -> list[int]:
    """Return the runs that have not ended and stand at no host (PostgreSQL only)."""
    return list(s.scalars(_OPEN, {"begun_s": _BEGUN_WITHIN_S}))
