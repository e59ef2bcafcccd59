"""The kinds of channels, their senders, and who receives on which: a new kind is a module with a
sender, its settings, and a line here.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Protocol

from pydantic import BaseModel

from scheduler.configuration.channels import (
    Channel,
    ChatChannel,
    EmailChannel,
    FileChannel,
    WebhookChannel,
)
from scheduler.configuration.config import Configuration
from scheduler.notify.channels import chat, email, file, webhook
from scheduler.notify.channels.message import OutgoingMessage, Sender
from scheduler.notify.digest.build import OPERATOR, Digest
from storage.errors import ConfigurationError, DeliveryError
from storage.notifications.deliveries import Delivery
from storage.records import NewsKind
from storage.subscription import Subscription

# Postfix's defaults (minimal_backoff_time, maximal_backoff_time, maximal_queue_lifetime): this is
# what mail servers expect.
MAIL_FIRST_WAIT_S = 300
MAIL_LONGEST_WAIT_S = 4000
MAIL_LIFETIME = timedelta(days=5)
# Waits between the ten attempts of a webhook, 75 h 35 min in all (Standard Webhooks,
# "Deliverability and reliability").
WEBHOOK_WAITS_S = (5, 300, 1800, 7200, 18000, 36000, 50400, 72000, 86400)
# A receiver that comes back up must not be hit by all deliveries at one moment. The jitter only
# lengthens waits: ten attempts that came early would be over before a receiver that is down for
# three days is up again.
_JITTER = 0.1
# No delivery is told to wait for longer than this after a failure. (What a receiver asks for with
# Retry-After counts up to a day.)
LONGEST_WAIT = timedelta(seconds=(1 + _JITTER) * max(WEBHOOK_WAITS_S))


class NextTry(Protocol):
    def __call__(
        self,
        message_id: str,
        attempts: int,
        begun_at: datetime,
        now: datetime,
        retry_after_s: float | None = None,
    ) -> datetime | None:
        """When to try again after so many failed attempts since `begun_at`; None if the delivery
        is given up.

        It is never before the time that the receiver asked for with `retry_after_s`.
        """


def next_mail_try(
    message_id: str,
    attempts: int,
    begun_at: datetime,
    now: datetime,
    retry_after_s: float | None = None,
) -> datetime | None:
    """Waits 5 minutes, doubling to 67; gives up five days after the digest was claimed, or sent
    again.
    """
    wait_s = min(MAIL_FIRST_WAIT_S * 2 ** min(attempts - 1, 10), MAIL_LONGEST_WAIT_S)
    at = _later(message_id, attempts, wait_s, now, retry_after_s)
    return at if at <= begun_at + MAIL_LIFETIME else None


def next_webhook_try(
    message_id: str,
    attempts: int,
    begun_at: datetime,
    now: datetime,
    retry_after_s: float | None = None,
) -> datetime | None:
    """Waits as WEBHOOK_WAITS_S says; gives up after the tenth attempt, however old the digest
    is.
    """
    if attempts > len(WEBHOOK_WAITS_S):
        return None
    return _later(message_id, attempts, WEBHOOK_WAITS_S[attempts - 1], now, retry_after_s)


def _later(
    message_id: str, attempts: int, wait_s: float, now: datetime, retry_after_s: float | None
) -> datetime:
    jittered_s = wait_s * _jitter(message_id, attempts)
    return now + timedelta(seconds=max(jittered_s, retry_after_s or 0))


def _jitter(message_id: str, attempts: int) -> float:
    """A deterministic factor from 1.0 to 1.1: a pure function may not roll dice."""
    digest = hashlib.sha256(f"{message_id}/{attempts}".encode()).digest()
    return 1 + _JITTER * int.from_bytes(digest[:4], "big") / 0xFFFFFFFF


def one_unnamed(channel: Any) -> tuple[str, ...]:
    """A channel whose address names its only recipient."""
    return ("",)


def one_page(max_items: int) -> int | None:
    """A channel that takes a digest of any length."""
    return None


@dataclass(frozen=True, slots=True)
class ChannelKind:
    """What differs from one kind of channel to another.

    `sender` makes a sender from the channel's settings and the folder of the configuration.
    `recipients` names those who receive on a channel. `page_size` says how many agreements a page
    of a digest has, from the subscription's `max_items`; None: all of them.
    `in_full`: no agreement is cut to a line. `body`: what of a digest has to be the same at every
    try, if anything. `next_try`: when a delivery that failed is tried again.
    """

    settings: type[BaseModel]
    sender: Callable[[Any, Path], Sender]
    recipients: Callable[[Any], tuple[str, ...]] = one_unnamed
    page_size: Callable[[int], int | None] = one_page
    in_full: bool = False
    body: Callable[[Digest], str] | None = None
    next_try: NextTry = next_mail_try


CHANNEL_KINDS: Mapping[str, ChannelKind] = {
    "file": ChannelKind(FileChannel, file.FileSender),
    "email": ChannelKind(
        EmailChannel,
        email.EmailSender,
        recipients=email.recipients,
        page_size=email.page_size,
    ),
    "webhook": ChannelKind(
        WebhookChannel,
        webhook.WebhookSender,
        page_size=webhook.page_size,
        in_full=True,
        body=webhook.body_of_digest,
        next_try=next_webhook_try,
    ),
    "chat": ChannelKind(ChatChannel, chat.ChatSender, next_try=next_webhook_try),
}


def kind_of(channel: Channel) -> ChannelKind:
    return CHANNEL_KINDS[channel.kind]


def sender_of(channel: Channel, folder: Path) -> Sender:
    """A sender for this channel; `folder` is that of the configuration."""
    return kind_of(channel).sender(channel, folder)


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
        """End what the senders hold open."""
        for sender in self._senders.values():
            sender.close()

    def channel(self, name: str) -> Channel:
        """Raises DeliveryError if the configuration no longer has the channel: it may come back."""
        found = self.channels.get(name)
        if found is None:
            advice = "bring it back or drop the digest"
            raise DeliveryError(f"the channel {name} is no longer in the configuration; {advice}")
        return found

    def body(self, delivery: Delivery, digest: Digest) -> str | None:
        """What of the digest has to be the same at every try; None if nothing has."""
        channel = self.channels.get(delivery.channel)
        body_of = kind_of(channel).body if channel is not None else None
        return None if body_of is None else body_of(digest)

    def hand_over(
        self, delivery: Delivery, digest: Digest, now: datetime, body: str | None = None
    ) -> None:
        """Sends a digest; `body` is what an earlier try sent.

        Raises DeliveryError if it may be tried again, PermanentDeliveryError if not.
        """
        outgoing = OutgoingMessage(digest, delivery.message_id, delivery.recipient, body)
        self._sender(delivery.channel).hand_over(outgoing, now)

    def _sender(self, name: str) -> Sender:
        if name not in self._senders:
            self._senders[name] = sender_of(self.channel(name), self._folder)
        return self._senders[name]


def subscriptions_of(chosen: Configuration) -> tuple[Subscription, ...]:
    """The subscriptions of the configuration, and then the operator's."""
    operator = operator_of(chosen)
    return chosen.subscriptions if operator is None else (*chosen.subscriptions, operator)


def operator_of(chosen: Configuration) -> Subscription | None:
    """The subscription that hears of troubles at once; None if `alerts.operator` names no
    channel.
    """
    alerts = chosen.settings.alerts
    return operator_on(alerts.operator, alerts.language) if alerts.operator else None


def operator_on(channels: tuple[str, ...], language: str) -> Subscription:
    """A subscription to troubles of the system itself, on these channels."""
    news = (NewsKind.SOURCE_HEALTH,)
    name = "Accordwatch itself"
    return Subscription(OPERATOR, channels, name, rate="immediately", news=news, language=language)


def find_subscription(chosen: Configuration, name: str) -> Subscription:
    """The subscription with this id, be it paused. Raises ConfigurationError that lists the known
    ones.
    """
    waiting = [one.subscription for one in chosen.people if not one.is_notified]
    for subscription in (*subscriptions_of(chosen), *waiting):
        if subscription.id == name:
            return subscription
    known = ", ".join(subscription.id for subscription in chosen.subscriptions) or "none"
    raise ConfigurationError(f"no subscription has the id {name!r}; subscriptions are: {known}")


def channels_by_id(chosen: Configuration) -> dict[str, Channel]:
    """Every channel that a subscription may name."""
    return {channel.id: channel for channel in chosen.settings.all_channels}


def recipients_of(
    channels: Iterable[Channel], gone: Collection[tuple[str, str]], to: Sequence[str] = ()
) -> dict[str, list[str]]:
    """Who receives on each channel: the addresses of a mail channel, or `to` if the subscription
    has addresses of its own; "" on all others.

    `gone` has the (channel, recipient) of those who unsubscribed.
    """
    return {
        channel.id: [
            recipient
            for recipient in _addresses(channel, to)
            if (channel.id, recipient) not in gone
        ]
        for channel in channels
    }


def _addresses(channel: Channel, to: Sequence[str]) -> Sequence[str]:
    return to if to and isinstance(channel, EmailChannel) else kind_of(channel).recipients(channel)


def page_sizes(channels: Iterable[Channel], max_items: int) -> dict[str, int]:
    """How many agreements a page of a digest has on each channel.

    A channel that is missing from the result gets the whole digest on one page.
    """
    sizes = {channel.id: kind_of(channel).page_size(max_items) for channel in channels}
    return {name: size for name, size in sizes.items() if size is not None}
