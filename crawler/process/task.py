"""What workers are given to read and what came of several documents, for those who read none.

Most of an archive reports nothing. Of such documents only numbers go back through the pipe, and a
task that holds ten of them costs little beside reading them.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from storage.records import Candidate, Document, Fetched
from storage.source import Source


@dataclass(frozen=True, slots=True)
class Task:
    """Bytes to read, with what the source says about them. `more` are the later pages. `seen_on`
    is the day on which they were seen, and stands in for a missing date.
    """

    fetched: Fetched
    candidate: Candidate | None = None
    source: Source | None = None
    before: str | None = None  # of a watched page: its text at the last look
    more: tuple[Fetched, ...] = ()
    seen_on: date | None = None
    is_message: bool = False  # a mail, which need not look like an article


@dataclass(frozen=True, slots=True)
class WantedDocuments:
    """Which documents are judged: of these days, both included, or of none, and languages."""

    since: date | None = None
    until: date | None = None
    languages: frozenset[str] = frozenset()

    def has(self, document: Document) -> bool:
        day = document.published_on
        is_within = day is None or (
            (self.since is None or day >= self.since) and (self.until is None or day <= self.until)
        )
        return is_within and (not self.languages or document.language in self.languages)


def name_of(item: Task | Document) -> str:
    """What a person finds it by."""
    if isinstance(item, Task):
        return item.fetched.url
    return item.url or item.external_id or item.title


@dataclass(frozen=True, slots=True)
class Several:
    """What came of some documents: alerts and what waits for review, what nearly fired (title,
    address, probability), and what could not be read (name, reason, sentence).
    """

    read: int = 0
    outside: int = 0
    found: tuple[Document, ...] = ()
    near: tuple[tuple[str, str, float], ...] = ()
    refused: tuple[tuple[str, str, str], ...] = ()

    @property
    def reasons(self) -> Counter[str]:
        return Counter(reason for _, reason, _ in self.refused)


def together(results: Iterable[Several]) -> Several:
    several = list(results)
    return Several(
        read=sum(one.read for one in several),
        outside=sum(one.outside for one in several),
        found=tuple(document for one in several for document in one.found),
        near=tuple(near for one in several for near in one.near),
        refused=tuple(refused for one in several for refused in one.refused),
    )
