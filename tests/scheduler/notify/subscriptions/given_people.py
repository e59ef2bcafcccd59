"""Subscriptions as people make them on the page, for tests."""

from __future__ import annotations

from typing import Any

from storage.notifications.tables import UserSubscription
from storage.subscription import SubscriptionKind
from tests.storage.given import NOW


def kept_mail(**changed: Any) -> UserSubscription:
    """One by mail that was confirmed."""
    values: dict[str, Any] = {
        "kind": SubscriptionKind.MAIL,
        "filter": {},
        "name": "Border talks",
        "rate": "immediately",
        "timezone": "UTC",
        "language": "en",
        "made_by": "edda",
        "made_at": NOW,
        "page": "https://watch.example",
        "address": "amina@ngo.example",
        "link_key": "k" * 43,
        "confirmed_at": NOW,
    }
    return UserSubscription(**{**values, **changed})
