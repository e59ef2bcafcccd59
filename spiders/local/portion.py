"""What is read from a file of documents at a time."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from storage.records import Candidate, Fetched


@dataclass(frozen=True, slots=True)
class FileDocument:
    """A document in a file. `outlet` is who published it, where the file says so; `seen_on` is when
    it was there, for a document that has no day. `is_message`: it need not look like an article.
    """

    fetched: Fetched
    candidate: Candidate
    outlet: str | None = None
    seen_on: date | None = None
    is_message: bool = False


@dataclass(frozen=True, slots=True)
class Skipped:
    """A document that could not be taken out of its file."""

    url: str
    reason: str
    line: str


@dataclass(frozen=True, slots=True)
class Portion:
    """Some documents of a file. `next_at` is the place at which the next ones begin; `ended`: there
    are none yet. `problem` is "reason: sentence" if the file is damaged from there on. `is_closed`:
    it could not even be opened.
    """

    documents: tuple[FileDocument, ...] = ()
    next_at: int = 0
    ended: bool = True
    skipped: tuple[Skipped, ...] = ()
    problem: str | None = None
    is_closed: bool = False


@dataclass(frozen=True, slots=True)
class Room:
    """How much is read at a time: a portion goes through a pipe, and has to be read in a minute."""

    documents: int
    max_bytes: int  # of one document
    total_bytes: int = 20_000_000  # of a portion; exceeded by one document at most
    scanned_bytes: int = 64_000_000  # of the file, whatever is in there
