"""What would go out, without sending it or marking it as told."""

from __future__ import annotations

from datetime import datetime

from scheduler.config import Configuration
from scheduler.digest.build import Digest
from scheduler.notify.deliver import digest_of, find_subscription
from storage import digests
from storage.session import Database


def preview(database: Database, chosen: Configuration, subscription_id: str, now: datetime) -> Digest:
    """The digest that would be claimed now; render it with `scheduler.digest.render.render`."""
    subscription = find_subscription(chosen, subscription_id)
    with database.read() as s:
        claimed = digests.preview(s, subscription, now)
    return digest_of(database, chosen, claimed, subscription)
