"""Which run stands at which host, so that two workers never ask one host side by side; and
which runs died with their worker, since nobody closes these who knows how they went.

PostgreSQL only, in transactions `Database.beside`. All moments are those of the database's clock. A
row says when another run may ask (`free_at`): while a run holds the host, that is the end of its
lease and the delay after it, so that nothing has to be known of a run that was killed.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import select, text

from storage.database.session import Session
from storage.workers.tables import Hosts

# Only those that are not known: where a claim is under way, an insert would wait for its end.
_KNOW = text("""
    INSERT INTO hosts (host, free_at, delay_s)
    SELECT given, now(), 0 FROM unnest(CAST(:hosts AS text[])) AS given
    WHERE given NOT IN (SELECT host FROM hosts WHERE host = ANY(:hosts)) ORDER BY given
    ON CONFLICT DO NOTHING
""")
# A row that another claim has locked right now is not waited for: it will be taken.
# What another run has learned of the delay (robots.txt) holds until this one knows better.
_CLAIM = text("""
    WITH free AS (
        SELECT host FROM hosts
        WHERE host = ANY(:hosts) AND (run_id = :run_id OR free_at <= now())
        ORDER BY host FOR UPDATE SKIP LOCKED
    )
    UPDATE hosts SET run_id = :run_id, worker = :worker,
        held_until_at = now() + :lease_s * interval '1 second',
        free_at = now()
            + (:lease_s + GREATEST(hosts.delay_s, given.delay_s)) * interval '1 second'
    FROM free JOIN unnest(CAST(:hosts AS text[]), CAST(:delays_s AS float[]))
        AS given (host, delay_s) ON given.host = free.host
    WHERE hosts.host = free.host RETURNING hosts.host
""")
_BUSY = text("""
    SELECT host, GREATEST(EXTRACT(EPOCH FROM free_at - now()), 0.1) FROM hosts
    WHERE host = ANY(:hosts)
""")
_PAUSED = text("SELECT host, until_at FROM pauses WHERE host = ANY(:hosts) AND until_at > now()")
_RENEW = text("""
    UPDATE hosts SET delay_s = given.delay_s,
        held_until_at = now() + :lease_s * interval '1 second',
        free_at = now() + (:lease_s + given.delay_s) * interval '1 second'
    FROM unnest(CAST(:hosts AS text[]), CAST(:delays_s AS float[])) AS given (host, delay_s)
    WHERE hosts.host = given.host AND hosts.run_id = :run_id RETURNING hosts.host
""")
_LEAVE = text("""
    UPDATE hosts SET run_id = NULL, worker = NULL, held_until_at = NULL, delay_s = given.delay_s,
        free_at = now() + given.delay_s * interval '1 second'
    FROM unnest(CAST(:hosts AS text[]), CAST(:delays_s AS float[])) AS given (host, delay_s)
    WHERE hosts.host = given.host AND hosts.run_id = :run_id
""")


def claim(
    s: Session, delays_s: Mapping[str, float], run_id: int, worker: str, lease_s: float
) -> tuple[frozenset[str], dict[str, float], dict[str, datetime]]:
    """Lease for a run those of the hosts that are free now, or are its own already. `delays_s` are
    the seconds between two requests to each, as far as is known. Returns the hosts that are ours,
    for how many seconds the others are not free at least, and until when hosts among ours asked to
    be left alone.
    """
    s.execute(_KNOW, {"hosts": sorted(delays_s)})
    given = _arrays(delays_s, run_id) | {"worker": worker, "lease_s": lease_s}
    ours = frozenset(s.scalars(_CLAIM, given))
    waits = s.execute(_BUSY, {"hosts": [*delays_s.keys() - ours]})
    busy = {host: float(wait) for host, wait in waits}
    paused = {row.host: row.until_at for row in s.execute(_PAUSED, {"hosts": [*ours]})}
    return ours, busy, paused


def renew(s: Session, delays_s: Mapping[str, float], run_id: int, lease_s: float) -> set[str]:
    """Lease the hosts of a run for longer. Returns those that are still its own. `delays_s` are
    the seconds between two requests to each.
    """
    return set(s.scalars(_RENEW, _arrays(delays_s, run_id) | {"lease_s": lease_s}))


def leave(s: Session, delays_s: Mapping[str, float], run_id: int) -> None:
    """Let others ask the hosts of a run, after the delay of each."""
    s.execute(_LEAVE, _arrays(delays_s, run_id))


def runs_at_hosts(s: Session, now: datetime) -> set[int]:
    """Return the runs that stand at a host now: those of workers that are alive."""
    held = select(Hosts.run_id).where(Hosts.held_until_at > now, Hosts.run_id.is_not(None))
    return {run_id for run_id in s.scalars(held) if run_id is not None}


def _arrays(delays_s: Mapping[str, float], run_id: int) -> dict[str, object]:
    return {"hosts": [*delays_s], "delays_s": [*delays_s.values()], "run_id": run_id}


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
