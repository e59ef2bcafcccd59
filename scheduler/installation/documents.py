"""Documents of another installation on their way into the database: judged by the rules here, and
placed by the same functions as those of a crawl.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import Enum, auto
from typing import Any

from crawler.ingest.ingest import ingest
from crawler.ingest.twins import is_twin
from crawler.judgement.judge import Rules
from crawler.judgement.text.letters import fold_text
from crawler.process.process import judge_article, judge_document
from crawler.register.fingerprint import fingerprint
from storage.addresses.keys import key_of
from storage.database.session import Database, Session
from storage.documents.documents import find
from storage.documents.parts import parts_by_text
from storage.documents.versions import Version, add_versions, versions_of
from storage.maintenance.handover import HandedDocument, ToldAs
from storage.queries import document_text
from storage.records import Document, Fingerprint, Judged, Verdict
from storage.telling.told import remember_told_elsewhere

# A stored document gets these from the file if it has none.
_GAPS = ("external_id", "url", "outlet", "author", "published_on")


@dataclass(slots=True)
class Taken:
    """What became of the documents of a file, parts included: `known` were stored here before."""

    read: int = 0
    stored: int = 0
    known: int = 0
    renewed: int = 0  # known, and the file had a later text
    versions: int = 0
    reports: int = 0
    told: Counter[str] = field(default_factory=Counter)  # reports, by subscription


class _Age(Enum):
    """How a document of the file stands to what is stored here."""

    NEW = auto()  # not stored here, or with an earlier text
    SAME = auto()
    EARLIER = auto()  # what is stored here is a later text


@dataclass(frozen=True, slots=True)
class _Arriving:
    """A document of the file with its marks, and with what is stored of it here."""

    one: HandedDocument
    marks: Fingerprint
    age: _Age
    found_id: int | None = None
    current: Version | None = None
    lacks_parts: bool = False


@dataclass(slots=True)
class Intake:
    """Takes in documents in batches. `ids` maps their numbers in the file to those here.

    Nothing is owed yet: a later line of the file may say that it was told, or is no report.
    `silent` are the documents here that were no news there.
    """

    database: Database
    rules: Rules
    now: datetime
    taken: Taken
    faults: list[str]
    ids: dict[int, int] = field(default_factory=dict)
    silent: set[int] = field(default_factory=set)

    def take(self, batch: Sequence[HandedDocument]) -> None:
        """Store a batch, in one transaction with what was told of it."""
        with self.database.read() as s:
            arriving = [_arriving(s, one) for one in batch]
        judged = [(one, self._judged(one)) for one in arriving]
        with self.database.begin() as s:
            self._store(s, [(one, kept) for one, kept in judged if kept is not None])
            for one in arriving:
                self._note(s, one)
            self.taken.told += remember_told_elsewhere(s, self._told(batch))

    def _judged(self, arriving: _Arriving) -> Judged | None:
        """What has to be stored of a document; None if there is nothing."""
        if arriving.age is not _Age.NEW and not arriving.lacks_parts:
            return None
        one = arriving.one
        try:
            page = judge_article(one.document, self.rules)
            parts = [judge_document(part.document, self.rules) for part in one.parts]
        except Exception as error:  # what keeps out one document must not keep out others
            self.faults.append(f"{_name(one)}: {type(error).__name__}: {error}")
            return None
        if arriving.current is not None and arriving.age is not _Age.NEW:
            page = _as_stored(page, arriving.current)
        if not parts:
            return page
        every = {part.fingerprint.text_hash: part for part in (*(page.parts or ()), *parts)}
        return replace(page, verdict=page.verdict.silenced(), parts=tuple(every.values()))

    def _store(self, s: Session, group: Sequence[tuple[_Arriving, Judged]]) -> None:
        documents = [judged for _, judged in group]
        done = ingest(s, documents, None, now=self.now, run_id=None, crawl=True, max_age_days=0)
        self.faults += [f"{_name(group[one.index][0].one)}: {one.message}" for one in done.problems]
        self.taken.reports += done.relevant
        for (arriving, _), stored in zip(group, done.stored, strict=True):
            if stored is None:
                continue
            self.ids[arriving.one.id] = stored.document_id
            self.taken.stored += stored.created
            self.taken.renewed += stored.changed

    def _note(self, s: Session, arriving: _Arriving) -> None:
        """Note where a document and its parts are, and keep its earlier texts."""
        one = arriving.one
        self.taken.read += 1 + len(one.parts)
        if arriving.found_id is not None:
            self.ids.setdefault(one.id, arriving.found_id)
            self.taken.known += 1
        number = self.ids.get(one.id)
        if number is None:
            return
        earlier = [*one.versions]
        if arriving.age is _Age.EARLIER:
            document = one.document
            marks = arriving.marks.text_hash
            earlier.append(Version(0, one.seen_at, document.title, document.text, marks))
        self.taken.versions += add_versions(s, number, earlier)
        self._note_parts(s, one, number)
        if _was_no_news(one):
            every = (number, *(self.ids.get(part.id, number) for part in one.parts))
            self.silent.update(every)

    def _note_parts(self, s: Session, one: HandedDocument, page_id: int) -> None:
        if not one.parts:
            return
        here = parts_by_text(s, page_id)
        for part in one.parts:
            marks = fingerprint(part.document.title, part.document.text)
            found = here.get(marks.text_hash)
            if found is None:
                self.faults.append(f"{_name(part)}: is not stored: its page is one report here")
            else:
                self.ids[part.id] = found

    def _told(
        self, batch: Iterable[HandedDocument]
    ) -> Iterator[tuple[int, str, str, str, datetime]]:
        for one in batch:
            page_id = self.ids.get(one.id)
            for told_of in (one, *one.parts):
                number = self.ids.get(told_of.id, page_id)
                if number is not None:
                    yield from (_told_row(number, told) for told in told_of.told)


def _was_no_news(one: HandedDocument) -> bool:
    """Whether a document came in there as a report, and neither it nor a part of it was fresh."""
    said = {one.fresh, *(part.fresh for part in one.parts)}
    return False in said and True not in said


def _told_row(number: int, told: ToldAs) -> tuple[int, str, str, str, datetime]:
    return number, told.subscription_id, told.news, told.detail, told.told_at


def _arriving(s: Session, one: HandedDocument) -> _Arriving:
    document = one.document
    marks = fingerprint(document.title, document.text)
    found = find(s, document, marks)
    if found is not None and _is_another(s, document, marks, found):
        document = replace(document, external_id=None)
        one = replace(one, document=document)
        found = find(s, document, marks)
    if found is None:
        return _Arriving(one, marks, _Age.NEW)
    ours = versions_of(s, found.id)
    age = _age(one, marks, found, ours)
    here = parts_by_text(s, found.id) if one.parts else {}
    hashes = {fingerprint(part.document.title, part.document.text).text_hash for part in one.parts}
    return _Arriving(
        one, marks, age, found.id, ours[-1] if ours else None, not hashes <= here.keys()
    )


def _is_another(s: Session, document: Document, marks: Fingerprint, found: Any) -> bool:
    """Whether a stored document has only the id of an import in common with this one: both sides
    may have counted from 1.
    """
    same_id = document.external_id is not None and found.external_id == document.external_id
    if not same_id or found.text_hash == marks.text_hash:
        return False
    if found.url and document.url:
        return key_of(found.url) != key_of(document.url)
    stored = replace(document, title=found.title, text=document_text(s, found.id) or "")
    return not is_twin(stored, document)


def _age(one: HandedDocument, marks: Fingerprint, found: Any, ours: Sequence[Version]) -> _Age:
    """Which text is the later one. That which the other side had before is the earlier one; where
    neither knew the other's, the one that was seen first.
    """
    document = one.document
    theirs, here = (document.title, marks.text_hash), (found.title, found.text_hash)
    if theirs == here:
        lacks = any(getattr(found, name) is None and getattr(document, name) for name in _GAPS)
        return _Age.NEW if lacks or found.pruned else _Age.SAME
    if theirs in {(kept.title, kept.text_hash) for kept in ours[:-1]}:
        return _Age.EARLIER
    if here in {(kept.title, kept.text_hash) for kept in one.versions}:
        return _Age.NEW
    return _Age.NEW if not ours or one.seen_at > ours[-1].seen_at else _Age.EARLIER


def _as_stored(page: Judged, current: Version) -> Judged:
    """A page of which only the parts are wanted: it says what it says here."""
    document = replace(page.document, title=current.title, text=current.text)
    return Judged(
        document=document,
        verdict=Verdict(False, 0.0, 0.0, document.language),
        fingerprint=fingerprint(current.title, current.text),
        folded=fold_text(f"{current.title}\n{current.text}"),
        quote="",
    )


def _name(one: HandedDocument) -> str:
    document = one.document
    return document.external_id or document.url or document.title
