"""The portions in which a file of documents is read."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from storage.records import Candidate, Fetched


@dataclass(frozen=True, slots=True)
class FileDocument:
    """A document in a file.

    `outlet` is who published it, if the file says so. `seen_on` is the day on which it was seen,
    and stands in for a missing date. A message need not look like an article.
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
    """Some documents of a file.

    The next ones begin at `next_at`, unless the file has `ended` for now. `problem` is "reason:
    sentence" if the file is damaged from there on. `is_closed`: it could not even be opened.
    """

    documents: tuple[FileDocument, ...] = ()
    next_at: int = 0
    ended: bool = True
    skipped: tuple[Skipped, ...] = ()
    problem: str | None = None
    is_closed: bool = False


@dataclass(frozen=True, slots=True)
class Room:
    """The limits of a portion, which goes through a pipe and must be read within a minute."""

    documents: int
    max_bytes: int  # of one document
    total_bytes: int = 20_000_000  # of a portion; exceeded by one document at most
    scanned_bytes: int = 64_000_000  # of the file, whatever is in there
    times_in_vain: int = 20  # what a document may have is unpacked of one record; then it is a trap
