"""What is new in the register since a moment: agreements, and steps of those that were known."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from storage.coverage import seen_since
from storage.documents.tables import Documents
from storage.register.agreements import load_agreements
from storage.register.records import Agreement
from storage.register.tables import Agreements, Reports


@dataclass(frozen=True, slots=True)
class News:
    """`agreements` are new. `steps` are new ones of known agreements: positions in the history.

    `more_agreements` and `more_steps` are how many were left out.
    """

    agreements: tuple[Agreement, ...]
    steps: tuple[tuple[Agreement, int], ...]
    more_agreements: int = 0
    more_steps: int = 0


def news_since(s: Session, since: datetime, most: int) -> News:
    """Return at most `most` agreements and `most` steps, the newest first.

    A step is new if its first report came in since then: one that is reported again is not.
    """
    minted = Agreements.minted_at >= since
    newest = select(Agreements.id).where(minted).order_by(Agreements.id.desc()).limit(most)
    fresh = load_agreements(s, s.scalars(newest).all())
    all_fresh = s.scalar(select(func.count()).select_from(Agreements).where(minted)) or 0
    steps = _new_steps(s, since)
    known = {one.id: one for one in load_agreements(s, {row_id for row_id, _ in steps[:most]})}
    shown = tuple((known[f"A{row_id}"], position) for row_id, position in steps[:most])
    return News(tuple(fresh), shown, all_fresh - len(fresh), len(steps) - len(shown))


def _new_steps(s: Session, since: datetime) -> list[tuple[int, int]]:
    fresh = select(Documents.id).where(seen_since(since))
    touched = select(Reports.agreement_id).where(Reports.document_id.in_(fresh))
    first_report = func.min(Reports.document_id)
    rows = (
        select(Reports.agreement_id, Reports.step)
        .join(Agreements, Agreements.id == Reports.agreement_id)
        .where(Agreements.minted_at < since, Reports.step.is_not(None))
        .where(Reports.agreement_id.in_(touched))
        .group_by(Reports.agreement_id, Reports.step)
        .having(first_report.in_(fresh))
        .order_by(first_report.desc(), Reports.agreement_id)
    )
    return [(row_id, position) for row_id, position in s.execute(rows) if position is not None]
