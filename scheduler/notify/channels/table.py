"""The kinds of channels, their senders, and who receives on which: a new kind is a module with a
sender, its settings, and a line here.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from contextlib import closing
from pathlib import Path

from scheduler.configuration.config import Configuration
from scheduler.configuration.sections import Channel, EmailChannel
from scheduler.notify.channels import chat, email, file, webhook
from scheduler.notify.channels.message import Sender
from scheduler.notify.digest.build import OPERATOR, Digest
from storage.errors import ConfigurationError, DeliveryError
from storage.notifications.deliveries import Delivery
from storage.records import NewsKind
from storage.subscription import Subscription

CHANNEL_KINDS: Mapping[str, type[Sender]] = {
    "file": file.FileSender,
    "email": email.EmailSender,
    "webhook": webhook.WebhookSender,
    "chat": chat.ChatSender,
}


def kind_of(channel: Channel) -> type[Sender]:
    return CHANNEL_KINDS[channel.kind]


def sender_of(channel: Channel, folder: Path) -> Sender:
    return kind_of(channel)(channel, folder)


def probe(channel: Channel, folder: Path) -> str:
    """Whether a channel would take a digest now, in words; sends nothing. Raises as senders do."""
    with closing(sender_of(channel, folder)) as sender:
        return sender.probe()


class Senders:
    """A sender for each configured channel, made when it is first needed."""

    def __init__(self, chosen: Configuration) -> None:
        self._folder = chosen.folder
        self.channels = channels_by_id(chosen)
        self._senders: dict[str, Sender] = {}

    def close(self) -> None:
        for sender in self._senders.values():
            sender.close()

    def channel(self, name: str) -> Channel:
        """Raises DeliveryError if the configuration no longer has the channel: it may come back."""
        configured = self.channels.get(name)
        if configured is None:
            advice = "bring it back or drop the digest"
            raise DeliveryError(f"the channel {name} is no longer in the configuration; {advice}")
        return configured

    def body(self, delivery: Delivery, digest: Digest) -> str | None:
        return self.sender(delivery.channel).body(digest, delivery.sent_as)

    def sender(self, name: str) -> Sender:
        """Raises as `channel` does."""
        if name not in self._senders:
            self._senders[name] = sender_of(self.channel(name), self._folder)
        return self._senders[name]


def subscriptions_of(chosen: Configuration) -> tuple[Subscription, ...]:
    operator = operator_of(chosen)
    return chosen.subscriptions if operator is None else (*chosen.subscriptions, operator)


def operator_of(chosen: Configuration) -> Subscription | None:
    """The subscription to troubles; None if `alerts.operator` names no channel."""
    alerts = chosen.settings.alerts
    return operator_on(alerts.operator, alerts.language) if alerts.operator else None


def operator_on(channels: tuple[str, ...], language: str) -> Subscription:
    """A subscription to troubles of the system itself, on these channels."""
    news = (NewsKind.SOURCE_HEALTH,)
    name = "Accordwatch itself"
    return Subscription(OPERATOR, channels, name, rate="immediately", news=news, language=language)


def find_subscription(chosen: Configuration, name: str) -> Subscription:
    """The one with this id, be it paused. Raises ConfigurationError that lists the known."""
    waiting = [person.subscription for person in chosen.people if not person.is_notified]
    for subscription in (*subscriptions_of(chosen), *waiting):
        if subscription.id == name:
            return subscription
    known = ", ".join(subscription.id for subscription in chosen.subscriptions) or "none"
    raise ConfigurationError(f"no subscription has the id {name!r}; subscriptions are: {known}")


def channels_by_id(chosen: Configuration) -> dict[str, Channel]:
    return {channel.id: channel for channel in chosen.settings.all_channels}


def mail_channels(chosen: Configuration) -> list[EmailChannel]:
    """The channels that can send a test mail. Raises ConfigurationError without any."""
    email_channels = [
        channel for channel in chosen.settings.all_channels if isinstance(channel, EmailChannel)
    ]
    if not email_channels:
        hint = "a test mail needs one, see docs/alerts.md"
        raise ConfigurationError(f"{chosen.path}: no channel of kind email; {hint}")
    return email_channels


def recipients_of(
    channels: Iterable[Channel], gone: Collection[tuple[str, str]], to: Sequence[str] = ()
) -> dict[str, list[str]]:
    """Who receives on each channel: the addresses of a mail channel, or `to` if the subscription
    has addresses of its own; "" on all others. `gone` has the (channel, recipient) of those who
    unsubscribed.
    """
    return {
        channel.id: [
            recipient
            for recipient in (
                to
                if to and isinstance(channel, EmailChannel)
                else kind_of(channel).recipients(channel)
            )
            if (channel.id, recipient) not in gone
        ]
        for channel in channels
    }


def page_sizes(channels: Iterable[Channel], max_items: int) -> dict[str, int]:
    """How many agreements a page of a digest has on each channel. A channel that is missing from
    the result gets the whole digest on one page.
    """
    sizes = {channel.id: kind_of(channel).page_size(max_items) for channel in channels}
    return {name: size for name, size in sizes.items() if size is not None}
