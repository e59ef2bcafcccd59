"""One call hands a digest to one recipient, whatever the channel's kind."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from contextlib import ExitStack
from datetime import datetime
from types import TracebackType
from typing import assert_never

from scheduler.configuration.channels import (
    Channel,
    ChatChannel,
    EmailChannel,
    FileChannel,
    WebhookChannel,
)
from scheduler.configuration.config import Configuration
from scheduler.digest.build import OPERATOR, Digest
from scheduler.notify.channels import chat, file, webhook
from scheduler.notify.channels.email import Mailer
from scheduler.notify.channels.message import Addressed, compose, unsubscribe_address
from scheduler.notify.channels.payload import payload
from storage.errors import DeliveryError
from storage.telling.deliveries import Delivery

# Gmail cuts a mail off at 102 KB of HTML. An agreement takes 1.5 to 2 KB in full and 0.2 to 0.4 KB as a line: of a
# hundred about forty are shown in full.
MAIL_PAGE = 100


class Couriers:
    """Hands digests over; keeps one line to each mail server open as long as it is used. A context manager."""

    def __init__(self, chosen: Configuration) -> None:
        self._folder = chosen.folder
        self.channels = channels_by_id(chosen)
        self._open = ExitStack()
        self._mailers: dict[str, Mailer] = {}

    def __enter__(self) -> Couriers:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        at: TracebackType | None,
    ) -> None:
        self._open.close()

    def channel(self, name: str) -> Channel:
        """Raises DeliveryError where the configuration no longer has it: it may come back."""
        found = self.channels.get(name)
        if found is None:
            raise DeliveryError(
                f"the channel {name} is no longer in the configuration; bring it back or drop the digest"
            )
        return found

    def body(self, delivery: Delivery, digest: Digest) -> str | None:
        """What is sent of a digest if it has to be the same at every try; None where it has not."""
        is_webhook = isinstance(self.channels.get(delivery.channel), WebhookChannel)
        return webhook.body_of(payload(digest)) if is_webhook else None

    def hand_over(
        self, delivery: Delivery, digest: Digest, now: datetime, body: str | None = None
    ) -> None:
        """Send it, as `body` where one is kept.

        Raises DeliveryError where that may be tried again, PermanentDeliveryError where not.
        """
        channel = self.channel(delivery.channel)
        if isinstance(channel, FileChannel):
            file.write(self._folder / channel.folder, digest, delivery.message_id)
        elif isinstance(channel, EmailChannel):
            self._mail(channel, delivery.message_id, delivery.recipient, digest)
        elif isinstance(channel, WebhookChannel):
            webhook.post(
                channel, delivery.message_id, body or webhook.body_of(payload(digest)), now
            )
        elif isinstance(channel, ChatChannel):
            chat.post(channel, digest)
        else:
            assert_never(channel)

    def _mail(self, channel: EmailChannel, message_id: str, recipient: str, digest: Digest) -> None:
        url = None
        if (
            digest.subscription.id != OPERATOR
        ):  # one click must not leave a system without anybody who hears of trouble
            url = unsubscribe_address(channel.unsubscribe, message_id, digest.subscription.id)
        message = compose(Addressed(digest, message_id, recipient, channel.sender, url))
        if channel.id not in self._mailers:
            self._mailers[channel.id] = self._open.enter_context(Mailer(channel))
        self._mailers[channel.id].send(message, recipient)


def channels_by_id(chosen: Configuration) -> dict[str, Channel]:
    """Every channel that a subscription may name."""
    return {channel.id: channel for channel in chosen.settings.all_channels}


def recipients_of(
    channels: Iterable[Channel], gone: Collection[tuple[str, str]]
) -> dict[str, list[str]]:
    """Who receives on each channel: the addresses of a mail channel, one unnamed on all others.

    `gone` has (channel, recipient) of those who unsubscribed.
    """
    return {
        channel.id: [
            recipient for recipient in _all_of(channel) if (channel.id, recipient) not in gone
        ]
        for channel in channels
    }


def page_sizes(channels: Iterable[Channel], max_items: int) -> dict[str, int]:
    """How many agreements a page of a digest has on each channel; one that is left out has all on one page.

    A file may be long, and a chat shows ten. A mail shows `max_items` in full and lists the others.
    """
    sizes: dict[str, int] = {}
    for channel in channels:
        if isinstance(channel, WebhookChannel):
            sizes[channel.id] = max_items
        elif isinstance(channel, EmailChannel):
            sizes[channel.id] = max(max_items, MAIL_PAGE)
    return sizes


def _all_of(channel: Channel) -> tuple[str, ...]:
    return channel.to if isinstance(channel, EmailChannel) else ("",)
