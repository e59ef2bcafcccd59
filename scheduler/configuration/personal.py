"""A subscription that somebody made on the page, among those of the configuration."""

from __future__ import annotations

import re
from dataclasses import dataclass

from scheduler.configuration.channels import WebhookChannel
from storage.subscription import Subscription
from storage.telling.persons import PREFIX, PersonsSubscription, ToldBy

_CODE = re.compile(rf"{PREFIX}\d+")


@dataclass(frozen=True, slots=True)
class Personal:
    """What was kept, and what it is as a subscription. `webhook` is its own channel, if it has one.

    `misfit` says why its filter can no longer be read, "" if it can: then it is paused, and nobody
    is told until somebody changes the rules back or ends it.
    """

    kept: PersonsSubscription
    subscription: Subscription
    webhook: WebhookChannel | None = None
    misfit: str = ""

    @property
    def is_told(self) -> bool:
        """Whether it is told what is new: a feed is read instead."""
        is_pushed = self.kept.kind is not ToldBy.FEED
        return is_pushed and self.state == "told"

    @property
    def state(self) -> str:
        """One of "unconfirmed", "paused", "misfit" and "told"."""
        if self.kept.confirmed_at is None:
            return "unconfirmed"
        if self.kept.paused_at is not None:
            return "paused"
        return "misfit" if self.misfit else "told"


def is_personal(subscription_id: str) -> bool:
    """Whether this is the id of a subscription that somebody made on the page."""
    return _CODE.fullmatch(subscription_id) is not None
