"""One call hands a digest to one recipient, whatever the channel's kind."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import ExitStack
from types import TracebackType
from typing import assert_never

from scheduler.config import Configuration
from scheduler.digest.build import Digest
from scheduler.notify import file
from scheduler.notify.settings import Channel, ChatChannel, EmailChannel, FileChannel, WebhookChannel
from storage.digests import Delivery
from storage.errors import DeliveryError


class Couriers:
    """Hands digests over; keeps one line to each mail server open as long as it is used. A context manager."""

    def __init__(self, chosen: Configuration) -> None:
        self._folder = chosen.folder
        self.channels = channels_by_id(chosen)
        self._open = ExitStack()

    def __enter__(self) -> Couriers:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._open.close()

    def channel(self, name: str) -> Channel:
        """Raises DeliveryError where the configuration no longer has it: it may come back."""
        found = self.channels.get(name)
        if found is None:
            raise DeliveryError(
                f"the channel {name} is no longer in the configuration; bring it back or drop the digest"
            )
        return found

    def hand_over(self, delivery: Delivery, digest: Digest) -> None:
        """Send it. Raises DeliveryError where that may be tried again, PermanentDeliveryError where not."""
        channel = self.channel(delivery.channel)
        if isinstance(channel, FileChannel):
            file.write(self._folder / channel.folder, digest, delivery.message_id)
        elif isinstance(channel, EmailChannel | WebhookChannel | ChatChannel):
            raise DeliveryError(f"the channel {channel.id} is of a kind that cannot be sent yet")
        else:
            assert_never(channel)


def channels_by_id(chosen: Configuration) -> dict[str, Channel]:
    """Every channel that a subscription may name."""
    return {channel.id: channel for channel in chosen.settings.all_channels}


def recipients_of(channels: Iterable[Channel]) -> dict[str, tuple[str, ...]]:
    """Who receives on each channel: the addresses of a mail channel, one unnamed on all others."""
    return {channel.id: channel.to if isinstance(channel, EmailChannel) else ("",) for channel in channels}
