"""What a channel has to be able to do: take a digest to a recipient, and say whether it could."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from scheduler.notify.digest.build import Digest
from storage.errors import AccordwatchError, DeliveryError


@dataclass(frozen=True, slots=True)
class Parcel:
    """A digest for one recipient.

    `message_id` is the same at every try. `recipient` is "" on channels that name none. `body` is
    what an earlier try sent, if every try has to send the same.
    """

    digest: Digest
    message_id: str
    recipient: str
    body: str | None = None


class Courier(Protocol):
    """Serves one configured channel. It connects when it is first used."""

    def hand_over(self, parcel: Parcel, now: datetime) -> None:
        """Sends a digest. Raises DeliveryError if it may be tried again, PermanentDeliveryError if
        not.
        """

    def probe(self) -> str:
        """What was found to be well, in words. Sends nothing.

        Raises DeliveryError or ConfigurationError with a line for each thing that is in the way.
        """

    def close(self) -> None:
        """Lets go of connections that are still open."""


def raise_all(*looks: Callable[[], object]) -> None:
    """Raise one DeliveryError with a line for each fault that these looks find."""
    faults: list[str] = []
    for look in looks:
        try:
            look()
        except AccordwatchError as error:
            faults.append(str(error))
    if faults:  # a missing password is in the way of a login, too, and told once
        raise DeliveryError("\n".join(dict.fromkeys(faults)))
