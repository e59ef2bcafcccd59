"""The kinds of channels: a new kind is a module with a courier, its settings, and a line here."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import BaseModel

from scheduler.configuration.channels import (
    Channel,
    ChatChannel,
    EmailChannel,
    FileChannel,
    WebhookChannel,
)
from scheduler.notify.backoff import NextTry, next_mail_try, next_webhook_try
from scheduler.notify.channels import chat, email, file, webhook
from scheduler.notify.channels.courier import Courier
from scheduler.notify.digest.build import Digest


def one_unnamed(channel: Any) -> tuple[str, ...]:
    """A channel whose address names its only recipient."""
    return ("",)


def one_page(max_items: int) -> int | None:
    """A channel that takes a digest of any length."""
    return None


@dataclass(frozen=True, slots=True)
class ChannelKind:
    """What differs from one kind of channel to another.

    `courier` makes a courier from the channel's settings and the folder of the configuration.
    `recipients` names those who receive on a channel. `page_size` says how many agreements a page
    of a digest has, from the subscription's `max_items`; None: all of them.
    `in_full`: no agreement is cut to a line. `body`: what of a digest has to be the same at every
    try, if anything. `next_try`: when a delivery that failed is tried again.
    """

    settings: type[BaseModel]
    courier: Callable[[Any, Path], Courier]
    recipients: Callable[[Any], tuple[str, ...]] = one_unnamed
    page_size: Callable[[int], int | None] = one_page
    in_full: bool = False
    body: Callable[[Digest], str] | None = None
    next_try: NextTry = next_mail_try


CHANNEL_KINDS: Mapping[str, ChannelKind] = {
    "file": ChannelKind(FileChannel, file.FileCourier),
    "email": ChannelKind(
        EmailChannel,
        email.EmailCourier,
        recipients=email.recipients,
        page_size=email.page_size,
    ),
    "webhook": ChannelKind(
        WebhookChannel,
        webhook.WebhookCourier,
        page_size=webhook.page_size,
        in_full=True,
        body=webhook.body_of_digest,
        next_try=next_webhook_try,
    ),
    "chat": ChannelKind(ChatChannel, chat.ChatCourier, next_try=next_webhook_try),
}


def kind_of(channel: Channel) -> ChannelKind:
    return CHANNEL_KINDS[channel.kind]


def courier_of(channel: Channel, folder: Path) -> Courier:
    """A courier for this channel; `folder` is that of the configuration."""
    return kind_of(channel).courier(channel, folder)


def probe(channel: Channel, folder: Path) -> str:
    """Whether a channel would take a digest now, in words; sends nothing. Raises as couriers do."""
    with closing(courier_of(channel, folder)) as courier:
        return courier.probe()
