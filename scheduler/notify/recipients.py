"""Who is told: the subscriptions, the operator's own among them, and who receives on each
channel.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence

from scheduler.configuration.channels import Channel, EmailChannel
from scheduler.configuration.config import Configuration
from scheduler.notify.channels.table import kind_of
from scheduler.notify.digest.build import OPERATOR
from storage.errors import ConfigurationError
from storage.records import NewsKind
from storage.subscription import Subscription


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
    waiting = [one.subscription for one in chosen.people if not one.is_told]
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
