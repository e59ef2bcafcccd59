"""Answering the review queue and the audit: what waits, and a person's answer as a decision."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NoReturn

from scheduler import curation
from scheduler.web.site.editing.acting import curator_for
from scheduler.web.site.installation import Installation
from storage.database.session import Session
from storage.errors import AccordwatchError
from storage.register.decisions import standing_of
from storage.register.records import Decision, PinKind
from storage.review import audit, review_queue
from storage.review.audit import Drawn, Group

NO_REASON = "reviewed"  # kept where an editor gave none


class AnsweredError(AccordwatchError):
    """Somebody else answered first: `by` is their decision."""

    def __init__(self, said: str, by: Decision) -> None:
        super().__init__(said)
        self.by = by


def decide(
    served: Installation,
    document: int,
    *,
    is_report: bool,
    who: str,
    fields: Mapping[str, str] | None = None,
) -> int:
    """Keep a person's answer as a decision, and return its number. `fields` are those that the
    person corrected. Raises AccordwatchError if the document waits neither for review nor for the
    audit.
    """
    curator = curator_for(served, who, NO_REASON)
    with served.database.begin() as s:
        group = None if review_queue.is_waiting(s, document) else _group(s, served, document)
        if is_report:
            return curation.set_relevant(s, document, fields or {}, curator, group).number
        return curation.set_irrelevant(s, document, curator, group).number


def drawn(s: Session, served: Installation) -> list[Drawn]:
    """What waits for the audit, in the order in which it is asked."""
    return audit.waiting(s, served.chosen.settings.alerts.audit_per_week, served.now())


def _group(s: Session, served: Installation, document: int) -> Group:
    groups = {one.document.document_id: one.group for one in drawn(s, served)}
    return groups[document] if document in groups else _refuse(s, document)


def _refuse(s: Session, document: int) -> NoReturn:
    said = f"document {document} does not wait for review any more"
    for kind in (PinKind.RELEVANT, PinKind.IRRELEVANT):
        by = standing_of(s, document, kind)
        if by is not None:
            raise AnsweredError(said, by)
    raise AccordwatchError(said)
