"""The entries of the register with all that lists, files and pages show of them: names, documents,
who reported first, how long they wait; and what each consists of: steps, reports, parties, acts.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from itertools import chain
from typing import TYPE_CHECKING, NamedTuple

from scheduler.views.words.labels import labels_of
from scheduler.views.words.names import name_of
from storage.documents.copies import copy_groups
from storage.lists.first_reports import NO_PROVENANCE, Provenance, provenance_of
from storage.records import Status
from storage.register.decisions import given_names
from storage.register.entry import SIGNED_STATUSES, Agreement, Step, documents_of
from storage.search.document_rows import DocumentRow, report_rows

if TYPE_CHECKING:
    from storage.database.session import Session
    from storage.documents.official import Official

# What happened to an agreement, in contrast to talks before there is one.
ACTS = tuple(status for status in Status if status in SIGNED_STATUSES | {Status.REJECTED})


@dataclass(frozen=True, slots=True)
class Entry:
    """An agreement with all that its rows hold, for a reader of a language.

    `given` is the name that a person gave it. `documents` are its reports and mentions, by id;
    `copies` those that repeat the text of an earlier one. `first_official_on` is the day of the
    first official document that reports a step. `today` is the day until which days are counted.
    """

    agreement: Agreement
    language: str = "en"
    given: str | None = None
    documents: Mapping[int, DocumentRow] = field(default_factory=dict)
    provenance: Provenance = NO_PROVENANCE
    copies: frozenset[int] = frozenset()
    first_official_on: date | None = None
    today: date | None = None

    @property
    def name(self) -> str:
        """What the agreement is called in the reader's language."""
        return self.name_in(self.language)

    def name_in(self, language: str) -> str:
        return name_of(self.agreement, self.given, labels_of(language))

    @property
    def original(self) -> str | None:
        """The address of a report: of the latest step that has one, else of a mention."""
        agreement = self.agreement
        reports = (number for step in reversed(agreement.history) for number in step.document_ids)
        found = (self.documents.get(number) for number in chain(reports, agreement.mentions))
        return next((row.url for row in found if row and row.url), None)

    @property
    def pending_since(self) -> date | None:
        """The day since which it waits for ratification or entry into force; None if no report
        says it.
        """
        since = self.agreement.pending_since
        return None if since in (None, date.min) else since

    @property
    def days_pending(self) -> int | None:
        since = self.pending_since
        return max(0, (self.today - since).days) if since and self.today else None


def entries_of(
    s: Session,
    agreements: Sequence[Agreement],
    language: str = "en",
    official: Official | None = None,
) -> list[Entry]:
    """Agreements with their documents, who reported them first, and the names that persons gave.

    `official` adds which of their documents are copies, and when the first official one came.
    """
    ids = set(chain.from_iterable(map(documents_of, agreements)))
    rows = report_rows(s, ids)
    provenance, text_groups = (
        provenance_of(s, agreements, rows),
        copy_groups(s, ids) if official else {},
    )
    entries = []
    for entry in named_entries(s, agreements, language):
        agreement = entry.agreement
        own = {n: rows[n] for n in (*agreement.document_ids, *agreement.mentions) if n in rows}
        entry = replace(entry, documents=own, provenance=provenance[agreement.id])
        if official:
            first_on = _first_official_on(entry, official)
            copies = _copies(own.values(), text_groups)
            entry = replace(entry, copies=copies, first_official_on=first_on)
        entries.append(entry)
    return entries


def named_entries(
    s: Session, agreements: Sequence[Agreement], language: str, today: date | None = None
) -> list[Entry]:
    """Agreements under the names that persons gave them."""
    given = given_names(s, [agreement.id for agreement in agreements])
    return [
        Entry(agreement, language, given.get(agreement.id), today=today) for agreement in agreements
    ]


def _first_official_on(entry: Entry, official: Official) -> date | None:
    """The day of publication of the first official document; None if none has a day."""
    reports = set(entry.agreement.document_ids)
    days = (
        row.published_on
        for row in entry.documents.values()
        if row.published_on and row.id in reports and official.published(row.source_id, row.url)
    )
    return min(days, default=None)


def _copies(documents: Collection[DocumentRow], text_groups: Mapping[int, str]) -> frozenset[int]:
    """The documents whose text an earlier one has. What has no date is later than what has one."""
    reported: set[str] = set()
    copies: set[int] = set()
    for row in sorted(documents, key=lambda row: (row.published_on or date.max, row.id)):
        group = text_groups.get(row.id, "")
        if group and group in reported:
            copies.add(row.id)
        reported.add(group)
    return frozenset(copies)


class StepOf(NamedTuple):
    """A step of an agreement; the earliest one has the position 1."""

    agreement: Agreement
    position: int
    step: Step

    @property
    def id(self) -> str:
        return f"{self.agreement.id}-{self.position}"


def steps_of(agreement: Agreement) -> list[StepOf]:
    return [StepOf(agreement, at, step) for at, step in enumerate(agreement.history, 1)]


class ReportOf(NamedTuple):
    """A document of an agreement with the step that it reports; None if it only mentions it."""

    entry: Entry
    row: DocumentRow
    step: StepOf | None

    @property
    def agreement(self) -> Agreement:
        return self.entry.agreement

    @property
    def step_id(self) -> str | None:
        return self.step.id if self.step else None

    @property
    def status(self) -> Status | None:
        return self.step.step.status if self.step else None

    @property
    def on(self) -> date | None:
        return self.step.step.on if self.step else None

    @property
    def is_listed(self) -> bool:
        return self.row.id in self.entry.agreement.listed

    @property
    def is_copy(self) -> bool:
        return self.row.id in self.entry.copies


def reports_of(entry: Entry) -> Iterator[ReportOf]:
    """All documents of an agreement, in the order of its steps; then those that mention it."""
    steps = steps_of(entry.agreement)
    reported = {number: step for step in steps for number in step.step.document_ids}
    for row in entry.documents.values():
        yield ReportOf(entry, row, reported.get(row.id))


def acts_of(agreement: Agreement) -> Iterator[tuple[str, StepOf]]:
    """Each party with each step that is more than talks."""
    for step in steps_of(agreement):
        if step.step.status in ACTS:
            for code in agreement.parties:
                yield code, step
