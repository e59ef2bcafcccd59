"""Tell the operator without the database: for troubles that keep it from being written."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import uuid4

from scheduler.config import Configuration
from scheduler.digest.build import Digest
from scheduler.notify.couriers import Couriers, recipients_of
from scheduler.notify.deliver import operator_of
from storage.digests import Delivery
from storage.errors import AccordwatchError
from storage.records import Subscription


@dataclass(frozen=True, slots=True)
class Said:
    """How many recipients were told, and why others were not, a line each."""

    accepted: int
    problems: tuple[str, ...]


def tell_directly(chosen: Configuration, lines: Sequence[str], now: datetime) -> Said:
    """Hand these lines to each recipient of the operator's channels, once. Nothing is remembered of it."""
    operator = operator_of(chosen)
    if operator is None:
        return Said(0, ())
    digest = Digest(operator, (), 0, tuple(lines), None, now)
    accepted, problems = 0, []
    with Couriers(chosen) as couriers:
        for channel, recipient in _receivers(couriers, operator):
            delivery = Delivery(0, 0, operator.id, channel, recipient, f"notice-{uuid4().hex}", 1)
            try:
                couriers.hand_over(delivery, digest, now)
            except AccordwatchError as error:
                problems.append(f"{operator.id} by {channel}: {error}")
            else:
                accepted += 1
    return Said(accepted, tuple(problems))


def _receivers(couriers: Couriers, operator: Subscription) -> Iterator[tuple[str, str]]:
    channels = [couriers.channels[name] for name in operator.channels]
    # Who unsubscribed stands in the database, which may not answer; an operator seldom does.
    for channel, recipients in recipients_of(channels, ()).items():
        for recipient in recipients:
            yield channel, recipient
