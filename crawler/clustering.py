"""Documents that changed -> the register brought up to date, in the caller's transaction.

What was read of the register stays in memory for the documents that come next: to read the reports of two partners who
are in the news all the time takes far longer than to place one more among them.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from types import MappingProxyType

from crawler.register.linkage.company import Company
from storage.database.session import Session, kept
from storage.register.agreements import agreement_ids, load_agreements
from storage.register.blocks import Block, read_block
from storage.register.changes import Change
from storage.register.decisions import pins
from storage.register.records import Agreement, documents_of
from storage.register.saving import save
from storage.register.stamp import restamp, stamp

# Reports kept in memory, each 4 KB. A corridor with more is read anew for each batch.
_MOST_KEPT = 20_000
NOTHING: Mapping[int, str] = MappingProxyType({})


@dataclass(slots=True)
class _Memory:
    """A part of the register: whole agreements, with all reports that are met by `keys`, or by the documents `asked` in
    any way; `stamp` says as of when."""

    company: Company = field(default_factory=Company)
    keys: set[str] = field(default_factory=set)
    asked: set[int] = field(default_factory=set)
    stamp: str | None = None


def look_up(s: Session, document_ids: Collection[int]) -> None:
    """Read the block of these documents before something is decided about them, and store nothing.

    What a decision changes is then told from what was only read for it: of an agreement at the edge of the block not
    all neighbours are known, so its links and its doubtful reports would come out wrong.
    """
    memory = _remembered(s)
    _read(s, memory, document_ids)
    memory.stamp = stamp(s)
    kept(s)["register"] = memory


def cluster(
    s: Session, document_ids: Collection[int], now: datetime, *, former: Mapping[int, str] = NOTHING
) -> list[Change]:
    """Partition again what these documents (stored, judged anew, or pinned) can touch; store the difference.

    An agreement that changes can draw in, or let go, reports that share no party with the documents: more is read
    until what changes touches nothing outside. So the register does not depend on batches. `former`: under which ids
    documents stood before a decision that was undone; their agreement takes that id, if none elsewhere has it.
    """
    if not document_ids:
        return []
    memory = _remembered(s)
    company = memory.company
    touched, fresh = set(document_ids), set(document_ids)
    while fresh:
        touched |= _read(s, memory, fresh)
        before = load_agreements(s, agreement_ids(s, touched))
        agreements = company.holding(touched)
        fresh = _moved(before, agreements) - memory.asked
    reports = [company.reports[number] for one in agreements for number in documents_of(one)]
    changes = save(s, reports, agreements, now, before=before, former=former)
    _remember(s, memory)
    return changes


def _remembered(s: Session) -> _Memory:
    """What is in memory, if it is still what the database holds. Whatever happens from here on, it is so no more."""
    memory = kept(s).pop("register", None)
    return memory if isinstance(memory, _Memory) and memory.stamp == stamp(s) else _Memory()


def _remember(s: Session, memory: _Memory) -> None:
    """Where the transaction is rolled back, the database keeps another stamp."""
    memory.stamp = restamp(s)
    if len(memory.company.reports) <= _MOST_KEPT:
        kept(s)["register"] = memory


def _read(s: Session, memory: _Memory, document_ids: Collection[int]) -> set[int]:
    """Read what is not in memory of the block of these documents. Gives the documents of agreements that changed."""
    company = memory.company
    block = read_block(s, document_ids, held=company.reports.keys(), keys=memory.keys)
    memory.keys |= block.keys
    memory.asked |= set(document_ids)
    came = [report for report in block.reports if company.reports.get(report.document_id) != report]
    changed = company.update(block.gone, came, pins(s, _pinned(block, company)))
    return {document_id for one in changed for document_id in documents_of(one)}


def _pinned(block: Block, company: Company) -> set[int]:
    """Documents that pins may name which are not in memory, or no longer there."""
    before = {
        number
        for pin in company.pins
        for number in (pin.document_id, pin.other_document_id)
        if number
    }
    return {report.document_id for report in block.reports} | block.gone | before


def _moved(before: Iterable[Agreement], after: Iterable[Agreement]) -> set[int]:
    """Documents of the agreements that were not there before."""
    known = {frozenset(documents_of(one)) for one in before}
    held = (documents_of(one) for one in after)
    return {
        document_id
        for documents in held
        if frozenset(documents) not in known
        for document_id in documents
    }
