"""What would go out, without marking it as told."""

from __future__ import annotations

from datetime import datetime
from uuid import uuid4

from scheduler.configuration.channels import EmailChannel
from scheduler.configuration.config import Configuration
from scheduler.digest.build import Digest
from scheduler.notify.channels.email import Mailer
from scheduler.notify.channels.message import Addressed, compose, unsubscribe_address
from scheduler.notify.deliver import digest_of, find_subscription, subscriptions_of
from storage.database.session import Database
from storage.errors import ConfigurationError
from storage.telling import digests
from storage.telling.records import Subscription


def preview(
    database: Database, chosen: Configuration, subscription_id: str, now: datetime
) -> Digest:
    """The digest that would be claimed now; render it with `scheduler.digest.render.render`."""
    subscription = find_subscription(chosen, subscription_id)
    with database.read() as s:
        claimed = digests.preview(s, subscription, now)
    return digest_of(database, chosen, claimed, subscription)


def digest_again(database: Database, chosen: Configuration, digest_id: int) -> Digest:
    """All of a digest that was claimed, every item in full; raises ConfigurationError where there is none."""
    with database.read() as s:
        claimed = digests.digest(s, digest_id)
    if claimed is None:
        raise ConfigurationError(
            f"no digest has the number {digest_id}; see: accordwatch subscriptions list"
        )
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
    """Mail what is owed to `address` alone, marking nothing as told; a line that says what was done.

    Raises ConfigurationError without a mail channel, DeliveryError where the server does not take the mail.
    """
    subscription = (
        find_subscription(chosen, subscription_id) if subscription_id else _first_of(chosen)
    )
    channel = _mail_channel(chosen, subscription)
    digest = preview(database, chosen, subscription.id, now)
    message_id = f"test-{uuid4().hex}"
    url = unsubscribe_address(channel.unsubscribe, message_id, subscription.id)
    with Mailer(channel) as mailer:
        mailer.send(compose(Addressed(digest, message_id, address, channel.sender, url)), address)
    return f"the digest of {subscription.id} went to {address} by {channel.id}; nothing is marked as told"


def _first_of(chosen: Configuration) -> Subscription:
    if not chosen.subscriptions:
        raise ConfigurationError(
            f"{chosen.path}: no subscriptions; write one, see docs/configuration.md"
        )
    return chosen.subscriptions[0]


def _mail_channel(chosen: Configuration, subscription: Subscription) -> EmailChannel:
    """The subscription's own mail channel, or the first that there is."""
    found = [
        channel for channel in chosen.settings.all_channels if isinstance(channel, EmailChannel)
    ]
    if not found:
        raise ConfigurationError(
            f"{chosen.path}: no channel of kind email; a test mail needs one, see docs/alerts.md"
        )
    return next((channel for channel in found if channel.id in subscription.channels), found[0])
