"""How many mails the page wrote at somebody's request: to an address, and for a requester."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import delete, func, insert, select

from storage.database.session import Session
from storage.users.tables import Letters


def note_letter(s: Session, address_hash: str, requester_hash: str, now: datetime) -> None:
    values = {"address_hash": address_hash, "requester_hash": requester_hash, "sent_at": now}
    s.execute(insert(Letters).values(values))


def letters_since(
    s: Session, address_hash: str, requester_hash: str, since: datetime
) -> tuple[int, int]:
    """How many were written to this address since then, and how many for this requester."""
    recent = select(func.count()).select_from(Letters).where(Letters.sent_at >= since)
    to_address = s.scalar(recent.where(Letters.address_hash == address_hash))
    for_requester = s.scalar(recent.where(Letters.requester_hash == requester_hash))
    return to_address or 0, for_requester or 0


def forget_letters(s: Session, before: datetime) -> None:
    """Delete what was written before a moment."""
    s.execute(delete(Letters).where(Letters.sent_at < before))
