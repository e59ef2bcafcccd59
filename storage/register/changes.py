"""What is news in an agreement that was partitioned again."""

from __future__ import annotations

from collections.abc import Collection, Hashable
from dataclasses import dataclass

from storage.records import NewsKind
from storage.register.records import Agreement, Step, documents_of


@dataclass(frozen=True, slots=True)
class Change:
    """What a batch changed in the register, or in one document.

    `document_ids` are the reports that are new to the register. There are none if known reports of
    a step were only grouped differently. For a document that stands in no agreement (a near miss,
    for instance), `agreement` holds the document's card, with the id "". `detail` tells two changes
    of one document apart.
    """

    agreement: Agreement
    kind: NewsKind
    step: Step | None
    document_ids: tuple[int, ...]
    detail: str = ""


def changes_of(
    agreement: Agreement, known: Collection[int], accounts: Collection[Hashable]
) -> list[Change]:
    """Return what is news about an agreement.

    `known` are the documents, and `accounts` the accounts of steps (see `account_of`), that were in
    the register before. A step is also a change, without new reports, if all its reports were known
    but stood in other steps or agreements.
    """
    is_new = documents_of(agreement).isdisjoint(known)
    changes = []
    for step in agreement.history:
        fresh = tuple(document for document in step.document_ids if document not in known)
        if fresh or account_of(agreement, step) not in accounts:
            kind = NewsKind.NEW_REPORT
            if len(fresh) == len(step.document_ids):
                kind = NewsKind.NEW_AGREEMENT if is_new else NewsKind.NEW_STEP
            changes.append(Change(agreement, kind, step, fresh))
    mentions = tuple(document for document in agreement.mentions if document not in known)
    if mentions:
        changes.append(Change(agreement, NewsKind.NEW_REPORT, None, mentions))
    return changes


def account_of(agreement: Agreement, step: Step) -> Hashable:
    """Return which reports tell a step, with everything about it that filters look at."""
    facts = (agreement.parties, agreement.topics, agreement.instrument)
    vouched = (agreement.certainty, agreement.text_state)
    return (frozenset(step.document_ids), step.status, *facts, *vouched)
