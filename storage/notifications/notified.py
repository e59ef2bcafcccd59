"""Of what digests have notified each subscription, remembered by report.

Reports outlive merges, splits and reclustering, which ids of agreements do not. If a report was
shown as one of an agreement whose parties are not those that it names, the reader has only heard of
those other parties. In this case `detail` holds them ("DE-KE"); otherwise it is "".
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence, Set
from datetime import datetime
from typing import Any

from sqlalchemy import select

from storage.database.session import Session
from storage.database.statements import IDS, chunks, rows_of, upsert
from storage.documents.tables import MatchParties
from storage.notifications.tables import Notified
from storage.records import NewsKind
from storage.register.records import Step

STEP_NEWS = "step"
OF_STEPS = (NewsKind.NEW_AGREEMENT, NewsKind.NEW_STEP)


def news_of(kind: NewsKind) -> str:
    """Return the name under which a kind of news is remembered in the table `notified`.

    New agreements and new steps share one name: a reader who heard of a signature as a new
    agreement does not hear of it again when it turns out to be the second step of an older one.
    """
    return STEP_NEWS if kind in OF_STEPS else kind.value


def details_of(step: Step, parties: Sequence[str], named: Mapping[int, Set[str]]) -> dict[int, str]:
    """Return the `detail` with which a digest shows each report of a step.

    `parties` are those of the agreement, `named` those that each report names.
    """
    shown_under = "-".join(sorted(set(parties)))
    return {
        document: "" if _alike(named.get(document, set()), set(parties)) else shown_under
        for document in step.document_ids
    }


def tells_of(detail: str, parties: Iterable[str]) -> bool:
    """Whether a report that was shown with this `detail` told of an agreement of these parties."""
    return not detail or _alike(set(detail.split("-")), set(parties))


def _alike(some: Set[str], others: Set[str]) -> bool:
    """Whether one set contains the other, or they share more than half of their members.

    Reading a text often misses or adds a party. Unknown parties are no reason to show a report
    again.
    """
    return some <= others or others <= some or len(some & others) > len(some | others) / 2


def parties_named(s: Session, document_ids: Iterable[int]) -> dict[int, set[str]]:
    """Return the parties that each of these reports names; reports without any are left out."""
    named: dict[int, set[str]] = {}
    for row in rows_of(s, _NAMED, document_ids):
        named.setdefault(row.document_id, set()).add(row.party)
    return named


_NAMED = select(MatchParties.document_id, MatchParties.party).where(
    MatchParties.document_id.in_(IDS), MatchParties.taking_part
)


def record_notified(
    s: Session,
    subscription_id: str,
    news: str,
    details: Mapping[int, str],
    now: datetime,
    *,
    digest_id: int,
) -> None:
    """Record that a digest showed these reports, each with its detail."""
    common: dict[str, Any] = {"subscription_id": subscription_id, "news": news}
    common |= {"digest_id": digest_id, "notified_at": now}
    rows = [
        common | {"document_id": document_id, "detail": detail}
        for document_id, detail in details.items()
    ]
    if rows:
        s.execute(upsert(s, Notified).on_conflict_do_nothing(), rows)


def notified_among(
    s: Session, subscription_id: str, news: str, document_ids: Iterable[int]
) -> set[tuple[int, str]]:
    """Return which of these reports were shown to the subscription as this news, with details."""
    found: set[tuple[int, str]] = set()
    mine = (Notified.subscription_id == subscription_id) & (Notified.news == news)
    for chunk in chunks(document_ids):
        rows = select(Notified.document_id, Notified.detail).where(
            mine, Notified.document_id.in_(chunk)
        )
        found |= {(document_id, detail) for document_id, detail in s.execute(rows)}
    return found
