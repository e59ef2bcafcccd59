"""What would go out now, or went out before, without marking anything as told."""

from __future__ import annotations

from contextlib import closing
from datetime import datetime
from uuid import uuid4

from scheduler.configuration.channels import EmailChannel
from scheduler.configuration.config import Configuration
from scheduler.configuration.people import everybody
from scheduler.notify.channels.courier import Parcel
from scheduler.notify.channels.table import courier_of
from scheduler.notify.deliver import digest_of
from scheduler.notify.digest.build import Digest
from scheduler.notify.recipients import find_subscription, subscriptions_of
from storage.database.session import Database
from storage.errors import ConfigurationError
from storage.notifications import digests
from storage.subscription import Subscription


def preview(
    database: Database, chosen: Configuration, subscription_id: str, now: datetime
) -> Digest:
    """The digest that would be claimed now, to be rendered by `scheduler.notify.digest.render`."""
    chosen = everybody(database, chosen)
    subscription = find_subscription(chosen, subscription_id)
    with database.read() as s:
        claimed = digests.preview(s, subscription, now)
    return digest_of(database, chosen, claimed, subscription)


def digest_again(database: Database, chosen: Configuration, digest_id: int) -> Digest:
    """All of a digest that was claimed, with every item in full. Raises ConfigurationError if there
    is no such digest.
    """
    with database.read() as s:
        claimed = digests.digest(s, digest_id)
    if claimed is None:
        hint = "see: accordwatch subscriptions list"
        raise ConfigurationError(f"no digest has the number {digest_id}; {hint}")
    chosen = everybody(database, chosen)
    known = {subscription.id: subscription for subscription in subscriptions_of(chosen)}
    subscription = known.get(claimed.subscription_id) or Subscription(claimed.subscription_id, ())
    return digest_of(database, chosen, claimed, subscription, in_full=True)


def send_test(
    database: Database,
    chosen: Configuration,
    subscription_id: str | None,
    address: str,
    now: datetime,
) -> str:
    """Mail what is owed to `address` alone, marking nothing as told. Returns a line that says so.

    Raises ConfigurationError if there is no mail channel, DeliveryError if the server does not take
    the mail.
    """
    chosen = everybody(database, chosen)
    named = find_subscription(chosen, subscription_id) if subscription_id else _first_of(chosen)
    channel = _mail_channel(chosen, named)
    digest = preview(database, chosen, named.id, now)
    with closing(courier_of(channel, chosen.folder)) as courier:
        courier.hand_over(Parcel(digest, f"test-{uuid4().hex}", address), now)
    sent = f"the digest of {named.id} went to {address} by {channel.id}"
    return f"{sent}; nothing is marked as told"


def _first_of(chosen: Configuration) -> Subscription:
    if not chosen.subscriptions:
        hint = "write one, see docs/configuration.md"
        raise ConfigurationError(f"{chosen.path}: no subscriptions; {hint}")
    return chosen.subscriptions[0]


def _mail_channel(chosen: Configuration, subscription: Subscription) -> EmailChannel:
    """The subscription's own mail channel, or else the first one in the configuration."""
    channels = chosen.settings.all_channels
    found = [channel for channel in channels if isinstance(channel, EmailChannel)]
    if not found:
        hint = "a test mail needs one, see docs/alerts.md"
        raise ConfigurationError(f"{chosen.path}: no channel of kind email; {hint}")
    return next((channel for channel in found if channel.id in subscription.channels), found[0])
