"""Whether a channel would take a digest now: asked without sending one."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryFile
from typing import assert_never

from scheduler.configuration.channels import (
    Channel,
    ChatChannel,
    EmailChannel,
    FileChannel,
    WebhookChannel,
)
from scheduler.notify.channels import chat, webhook
from scheduler.notify.channels.email import Mailer
from storage.errors import DeliveryError


def probe(channel: Channel, folder: Path) -> str:
    """What was found to be well; `folder` is that of the configuration.

    Raises DeliveryError or ConfigurationError, one line that says what is in the way.
    """
    if isinstance(channel, FileChannel):
        return _writable(folder / channel.folder)
    if isinstance(channel, EmailChannel):
        with Mailer(channel) as mailer:
            mailer.greet()
        return f"{channel.host}:{channel.port} {'lets us in' if channel.username else 'answers'}"
    if isinstance(channel, WebhookChannel):
        webhook.reach(channel)
        return f"{webhook.shown(channel)} can be reached, and its secrets can be used"
    if isinstance(channel, ChatChannel):
        chat.check(channel)
        return "its address can be used; whether it takes messages: accordwatch doctor --send"
    assert_never(channel)


def _writable(folder: Path) -> str:
    there = next(place for place in (folder, *folder.absolute().parents) if place.exists())
    try:
        with TemporaryFile(
            dir=there
        ):  # permission bits do not say what a read-only or full disk would
            pass
    except OSError as error:
        reason = error.strerror or str(error)
        raise DeliveryError(
            f"the digest folder {folder} cannot be written: {there}: {reason}"
        ) from error
    return f"{folder} can be written"
