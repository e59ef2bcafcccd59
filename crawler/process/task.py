"""What a worker is given to read, for those who give it and read nothing themselves."""

from __future__ import annotations

from dataclasses import dataclass

from storage.records import Candidate, Fetched, Source


@dataclass(frozen=True, slots=True)
class Task:
    """Bytes to read, with what the source says about them. `more` are the later pages."""

    fetched: Fetched
    candidate: Candidate | None = None
    source: Source | None = None
    before: str | None = None  # of a watched page: its text at the last look
    more: tuple[Fetched, ...] = ()
