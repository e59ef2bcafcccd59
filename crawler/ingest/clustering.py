"""Bringing the register up to date after documents have changed, in the caller's transaction.

What was read of the register stays in memory for the next documents: reading all reports of two
partners that are always in the news takes far longer than placing one more report.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from types import MappingProxyType

from crawler.ingest.vouching import share_texts, with_grades
from crawler.register.partition import Company, partition
from storage.database.session import Session
from storage.documents.official import credits_of
from storage.register.agreements import agreements_with, recall, remember, restamp
from storage.register.backing import read_backing
from storage.register.blocks import read_block
from storage.register.decisions import rule_out_too
from storage.register.entry import OF_READERS, Agreement, PinKind, documents_of
from storage.register.saving import Change, Stood, save

# How many reports may stay in memory, of 11 KB each, or twice as many as one batch needed, if those
# are more. Beyond that all are forgotten, and the next batch reads what it needs: a crawl that runs
# for days must not grow by what it stores. With more than the most, every batch is read anew.
_FEW_CACHED, _MOST_CACHED = 200, 20_000
NOTHING: Mapping[int, str] = MappingProxyType({})


@dataclass(slots=True)
class _Memory:
    """The part of the register that is in memory: all agreements that the blocking keys `keys`
    find, or that the documents `looked_up` could join. `needed` is how many reports it held after
    its first batch.
    """

    company: Company = field(default_factory=Company)
    keys: set[str] = field(default_factory=set)
    looked_up: set[int] = field(default_factory=set)
    needed: int = 0


# What changed, and the former agreements of documents in those that might change.
Clustered = tuple[list[Change], Mapping[int, str]]


def look_up(s: Session, document_ids: Collection[int]) -> None:
    """Read the block of these documents into memory, before a curator's decision about them. Else
    the decision would seem to change agreements at the edge of the block, too, which were only read
    because of it.
    """
    memory = _cached_memory(s)
    _read_blocks(s, memory, document_ids)
    remember(s, memory)


def cluster(
    s: Session, document_ids: Collection[int], now: datetime, *, former: Mapping[int, str] = NOTHING
) -> list[Change]:
    """Partition again what these documents can affect, store it, and return what has changed.

    An agreement that changes can attract or lose reports that share no party with them, so more is
    read until nothing outside is affected: the register does not depend on batches. `former` maps
    documents to the ids of their agreements before a decision that was undone, which come back if
    free. A report of nothing but what a person has ruled out is ruled out by the same decision.
    """
    return _clustered(s, document_ids, now, former, rules_out=True)[0]


def cluster_anew(
    s: Session, document_ids: Collection[int], now: datetime, *, former: Mapping[int, str] = NOTHING
) -> Clustered:
    """Partition again after a person's decision, which rules out no report that is alike."""
    return _clustered(s, document_ids, now, former, rules_out=False)


def _clustered(
    s: Session,
    document_ids: Collection[int],
    now: datetime,
    former: Mapping[int, str],
    *,
    rules_out: bool,
) -> Clustered:
    if not document_ids:
        return [], {}
    memory = _cached_memory(s)
    company = memory.company
    touched, unread = set(document_ids), set(document_ids)
    while unread:
        touched |= _read_blocks(s, memory, unread)
        before = agreements_with(s, touched)
        agreements = company.holding(touched)
        known = {frozenset(documents_of(agreement)) for agreement in before}
        now_held = {frozenset(documents_of(agreement)) for agreement in agreements}
        # What an agreement that changed holds may attract more: it has to be read as well.
        unread = set().union(*(now_held - known)) - memory.looked_up
        if not unread and rules_out:
            held = set[int]().union(*map(documents_of, before))
            minted = [
                agreement for agreement in agreements if held.isdisjoint(documents_of(agreement))
            ]
            alike = _ruled_out_again(s, company, minted)
            if alike:
                rule_out_too(s, alike)
            unread = set(alike)
    reports = [
        company.reports[number] for agreement in agreements for number in documents_of(agreement)
    ]
    backing = read_backing(s, agreements, company.pins)
    agreements = with_grades(agreements, reports, backing)
    changes = save(s, reports, agreements, now, Stood(before, former))
    changes += share_texts(s, agreements, now)
    _cache(s, memory)
    return changes, {
        number: agreement.id for agreement in before for number in documents_of(agreement)
    }


def _ruled_out_again(
    s: Session, company: Company, minted: Sequence[Agreement]
) -> Mapping[int, int]:
    """Return the reports of new agreements that report only steps that a person has ruled out,
    each with a ruled-out report of the same step. Official sources, what a person decided about,
    rows of lists and reports with a step of their own are never ruled out in this way.
    """
    out = {pin.document_id for pin in company.pins if pin.kind is PinKind.IRRELEVANT}
    out &= company.reports.keys()
    if not minted or not out:
        return {}
    of_persons = [pin for pin in company.pins if pin.kind not in OF_READERS]
    decided = {pin.document_id for pin in of_persons}
    decided |= {pin.other_document_id for pin in of_persons if pin.other_document_id}
    credits = credits_of(s, set[int]().union(*map(documents_of, minted)))
    firm = {
        credit.document_id for credit in credits.values() if credit.official or credit.listed
    } | decided
    minted = [agreement for agreement in minted if firm.isdisjoint(documents_of(agreement))]
    numbers = out.union(*map(documents_of, minted))
    standing = [pin for pin in company.pins if pin.kind is not PinKind.IRRELEVANT]
    alike: dict[int, int] = {}
    for together in partition([company.reports[number] for number in sorted(numbers)], standing):
        ruled_out = {*together.document_ids} & out
        for reporting in (*(step.document_ids for step in together.history), together.mentions):
            earlier = {*reporting} & out or (ruled_out if reporting is together.mentions else set())
            if earlier:
                alike |= dict.fromkeys({*reporting} - out, min(earlier))
    wholly = [agreement for agreement in minted if documents_of(agreement) <= alike.keys()]
    return {number: alike[number] for agreement in wholly for number in documents_of(agreement)}


def _cached_memory(s: Session) -> _Memory:
    memory = recall(s)
    return memory if isinstance(memory, _Memory) else _Memory()


def _cache(s: Session, memory: _Memory) -> None:
    restamp(s)
    held = len(memory.company.reports)
    memory.needed = memory.needed or held
    if held <= min(max(_FEW_CACHED, 2 * memory.needed), _MOST_CACHED):
        remember(s, memory)


def _read_blocks(s: Session, memory: _Memory, document_ids: Collection[int]) -> set[int]:
    """Read the rest of the block of these documents; return the documents of changed agreements."""
    company = memory.company
    held = company.reports.keys()
    named = ((pin.document_id, pin.other_document_id) for pin in company.pins)
    pinned = {one for pair in named for one in pair if one is not None}
    block = read_block(s, document_ids, held=held, keys=memory.keys, pinned=pinned)
    memory.keys |= block.keys
    memory.looked_up |= set(document_ids)
    added = [
        report for report in block.reports if company.reports.get(report.document_id) != report
    ]
    changed = company.update(block.gone, added, block.pins)
    return {document_id for agreement in changed for document_id in documents_of(agreement)}
