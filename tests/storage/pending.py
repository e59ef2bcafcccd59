"""What waits for the next digest of a subscription, as tests look at it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from storage.database.session import Session
from storage.notifications.outbox import pending_documents
from storage.notifications.tables import PendingNotifications
from storage.records import NewsKind


@dataclass(frozen=True, slots=True)
class PendingNotification:
    """One thing of which a subscription has not been notified yet."""

    id: int
    subscription_id: str
    kind: NewsKind
    agreement_id: str | None
    document_ids: tuple[int, ...]
    pending_at: datetime


def pending(s: Session, subscription_id: str) -> list[PendingNotification]:
    """Return what waits for the next digest of a subscription, oldest first."""
    columns = (
        PendingNotifications.id,
        PendingNotifications.kind,
        PendingNotifications.agreement_id,
        PendingNotifications.pending_at,
    )
    rows = s.execute(
        select(*columns)
        .where(PendingNotifications.subscription_id == subscription_id)
        .order_by(PendingNotifications.id)
    ).all()
    documents = pending_documents(s, [row.id for row in rows])
    return [
        PendingNotification(
            id=row.id,
            subscription_id=subscription_id,
            kind=NewsKind(row.kind),
            agreement_id=None if row.agreement_id is None else f"A{row.agreement_id}",
            document_ids=documents.get(row.id, ()),
            pending_at=row.pending_at,
        )
        for row in rows
    ]
