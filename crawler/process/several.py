"""Several documents in one task of a worker.

Most of an archive reports nothing. Of such documents only numbers go back through the pipe, and a
task that holds ten of them costs little beside reading them.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date

from crawler.judgement.judge import Rules
from crawler.process.process import judge_article, read
from crawler.process.task import Task
from storage.errors import UnreadableError
from storage.records import Document, Judged

_LONGEST_TITLE = 200  # of what nearly fired; a list of them is skimmed


@dataclass(frozen=True, slots=True)
class WantedDocuments:
    """Which documents are judged: of these days, both included, or of none, and languages."""

    since: date | None = None
    until: date | None = None
    languages: frozenset[str] = frozenset()

    def has(self, document: Document) -> bool:
        """Whether a document is one of them."""
        day = document.published_on
        is_within = day is None or (
            (self.since is None or day >= self.since) and (self.until is None or day <= self.until)
        )
        return is_within and (not self.languages or document.language in self.languages)


@dataclass(frozen=True, slots=True)
class ToRead:
    """What was fetched, or a document that is text already; its day, if it names none."""

    what: Task | Document
    seen_on: date | None = None

    @property
    def name(self) -> str:
        """What a person finds it by."""
        if isinstance(self.what, Task):
            return self.what.fetched.url
        return self.what.url or self.what.external_id or self.what.title


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
        """How many were refused for each reason."""
        return Counter(reason for _, reason, _ in self.refused)


@dataclass(slots=True)
class _Gathering:
    outside: int = 0
    found: list[Document] = field(default_factory=list)
    near: list[tuple[str, str, float]] = field(default_factory=list)
    refused: list[tuple[str, str, str]] = field(default_factory=list)

    def take(self, judged: Judged) -> None:
        document, verdict = judged.document, judged.verdict
        outcomes = {verdict.outcome, *(part.verdict.outcome for part in judged.parts or ())}
        if outcomes != {"silent"}:
            self.found.append(document)
        elif verdict.probability is not None:
            title = document.title[:_LONGEST_TITLE]
            self.near.append((title, document.url or "", round(verdict.probability, 4)))


def judge_several(documents: Sequence[ToRead], wanted: WantedDocuments, rules: Rules) -> Several:
    """Read and judge documents. One that cannot be read is refused and costs no other."""
    gathering = _Gathering()
    for one in documents:
        try:
            document = _dated(one)
        except UnreadableError as error:
            gathering.refused.append((one.name, error.reason, str(error)))
            continue
        if wanted.has(document):
            gathering.take(judge_article(document, rules))
        else:
            gathering.outside += 1
    return Several(
        read=len(documents),
        outside=gathering.outside,
        found=tuple(gathering.found),
        near=tuple(gathering.near),
        refused=tuple(gathering.refused),
    )


def _dated(one: ToRead) -> Document:
    document = read(one.what) if isinstance(one.what, Task) else one.what
    if document.published_on is None and one.seen_on is not None:
        return replace(document, published_on=one.seen_on)
    return document


def together(results: Iterable[Several]) -> Several:
    """Return what came of all of them."""
    several = list(results)
    return Several(
        read=sum(one.read for one in several),
        outside=sum(one.outside for one in several),
        found=tuple(document for one in several for document in one.found),
        near=tuple(near for one in several for near in one.near),
        refused=tuple(refused for one in several for refused in one.refused),
    )
