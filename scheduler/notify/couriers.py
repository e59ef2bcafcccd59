"""Hands digests over on any channel, keeping what a channel's courier has open for the next one."""

from __future__ import annotations

from datetime import datetime

from scheduler.configuration.channels import Channel
from scheduler.configuration.config import Configuration
from scheduler.notify.channels.courier import Courier, Parcel
from scheduler.notify.channels.table import courier_of, kind_of
from scheduler.notify.digest.build import Digest
from scheduler.notify.recipients import channels_by_id
from storage.errors import DeliveryError
from storage.notifications.deliveries import Delivery


class Couriers:
    """A courier for each configured channel, made when it is first needed."""

    def __init__(self, chosen: Configuration) -> None:
        self._folder = chosen.folder
        self.channels = channels_by_id(chosen)
        self._couriers: dict[str, Courier] = {}

    def close(self) -> None:
        """End what the couriers hold open."""
        for courier in self._couriers.values():
            courier.close()

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
        parcel = Parcel(digest, delivery.message_id, delivery.recipient, body)
        self._courier(delivery.channel).hand_over(parcel, now)

    def _courier(self, name: str) -> Courier:
        if name not in self._couriers:
            self._couriers[name] = courier_of(self.channel(name), self._folder)
        return self._couriers[name]
