"""Tell without the database: of troubles that keep it from being written, and tests of channels."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import uuid4

from scheduler.configuration.config import Configuration
from scheduler.digest.build import OPERATOR, Digest
from scheduler.notify.couriers import Couriers, recipients_of
from scheduler.notify.deliver import operator_of
from storage.errors import AccordwatchError
from storage.telling.deliveries import Delivery
from storage.telling.records import NewsKind, Subscription


@dataclass(frozen=True, slots=True)
class Said:
    """How many recipients were told, and why others were not, a line each."""

    accepted: int
    problems: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Tested:
    """A test that was sent to one recipient of a channel; `problem` where it was not taken."""

    channel: str
    line: str
    problem: bool


def tell_directly(chosen: Configuration, lines: Sequence[str], now: datetime) -> Said:
    """Hand these lines to each recipient of the operator's channels, once. Nothing is remembered of it."""
    operator = operator_of(chosen)
    if operator is None:
        return Said(0, ())
    handed = list(_hand_over(chosen, operator, lines, now))
    problems = tuple(
        f"{operator.id} by {one.channel}: {one.error}" for one in handed if one.error is not None
    )
    return Said(len(handed) - len(problems), problems)


def send_tests(chosen: Configuration, now: datetime) -> Iterator[Tested]:
    """Send a test to each recipient of each channel, whoever subscribed to what. Nothing is remembered of it."""
    channels = tuple(channel.id for channel in chosen.settings.all_channels)
    test = Subscription(
        OPERATOR, channels, "Accordwatch itself", rate="immediately", news=(NewsKind.SOURCE_HEALTH,)
    )
    for one in _hand_over(
        chosen, test, ["a test by accordwatch doctor --send: nothing is wrong"], now
    ):
        where = f"the channel {one.channel}{f' to {one.recipient}' if one.recipient else ''}"
        said = "took the test" if one.error is None else f"did not take the test: {one.error}"
        yield Tested(one.channel, f"{where} {said}", one.error is not None)


@dataclass(frozen=True, slots=True)
class _Handed:
    channel: str
    recipient: str
    error: AccordwatchError | None = None


def _hand_over(
    chosen: Configuration, subscription: Subscription, lines: Sequence[str], now: datetime
) -> Iterator[_Handed]:
    digest = Digest(subscription, (), (), tuple(lines), None, now)
    with Couriers(chosen) as couriers:
        for channel, recipient in _receivers(couriers, subscription):
            delivery = Delivery(
                0, 0, subscription.id, channel, recipient, f"notice-{uuid4().hex}", 1
            )
            try:
                couriers.hand_over(delivery, digest, now)
            except AccordwatchError as error:
                yield _Handed(channel, recipient, error)
            else:
                yield _Handed(channel, recipient)


def _receivers(couriers: Couriers, subscription: Subscription) -> Iterator[tuple[str, str]]:
    channels = [couriers.channels[name] for name in subscription.channels]
    # Who unsubscribed stands in the database, which may not answer; an operator seldom does.
    for channel, recipients in recipients_of(channels, ()).items():
        for recipient in recipients:
            yield channel, recipient
