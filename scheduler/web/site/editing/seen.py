"""What an editor saw when a form was made: a stamp that the form carries, so that nobody decides
about an agreement that somebody else has changed meanwhile.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from datetime import datetime

from storage import queries
from storage.database.session import Session
from storage.register.agreements import resolve
from storage.register.decisions import decisions_about, last_decision, pins
from storage.register.given_names import given_names
from storage.register.records import Agreement, Decision, documents_of

_WRITTEN = re.compile(r"(A\d{1,9})\.([0-9a-f]{32})\.(\d{1,12})\.(\d{1,12})")
_MOST_DECISIONS = 50  # of one agreement, that are searched for what others did meanwhile


@dataclass(frozen=True, slots=True)
class EditorSaw:
    """An agreement at a moment. `decision` was the last one of the register then, `at_s` the time
    in seconds since 1970, by the clock of the server.
    """

    agreement_id: str
    digest: str
    decision: int
    at_s: int

    def __str__(self) -> str:
        return f"{self.agreement_id}.{self.digest}.{self.decision}.{self.at_s}"


def seen_now(s: Session, found: Agreement, now: datetime) -> EditorSaw:
    """The stamp of an agreement as it is stored now."""
    return EditorSaw(found.id, _digest(s, found), last_decision(s), int(now.timestamp()))


def read_seen(written: str) -> EditorSaw | None:
    """The stamp that a form brought back; None if it is none."""
    match = _WRITTEN.fullmatch(written)
    if match is None:
        return None
    return EditorSaw(match[1], match[2], int(match[3]), int(match[4]))


def is_unchanged(s: Session, seen: EditorSaw) -> bool:
    """Whether the agreement is still what the editor saw, under the same id."""
    if resolve(s, seen.agreement_id) != seen.agreement_id:
        return False
    found = queries.agreement(s, seen.agreement_id)
    return found is not None and _digest(s, found) == seen.digest


def decided_since(s: Session, seen: EditorSaw) -> list[Decision]:
    """What was decided or undone about the agreement after the editor saw it, newest first."""
    current = resolve(s, seen.agreement_id) or seen.agreement_id
    about = {one.id: one for one in decisions_about(s, current, _MOST_DECISIONS)}
    about |= {one.id: one for one in decisions_about(s, seen.agreement_id, _MOST_DECISIONS)}
    return [about[number] for number in sorted(about, reverse=True) if _is_new(about[number], seen)]


def _is_new(one: Decision, seen: EditorSaw) -> bool:
    undone_at = one.undone_at
    return one.id > seen.decision or (
        undone_at is not None and int(undone_at.timestamp()) >= seen.at_s
    )


def _digest(s: Session, found: Agreement) -> str:
    said = (found, given_names(s, [found.id]), pins(s, sorted(documents_of(found))))
    return hashlib.sha256(repr(said).encode("utf-8", "replace")).hexdigest()[:32]
