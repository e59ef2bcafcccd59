"""The chat channel: whatever Apprise speaks (Slack, Teams, Discord, Telegram, Matrix, ntfy ...). Apprise's one home."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from typing import Any

from scheduler.configuration.channels import ChatChannel
from scheduler.configuration.secrets import hide
from scheduler.digest.build import Digest, Link
from scheduler.digest.labels import Labels, labels_of
from scheduler.digest.lines import line, web_address
from scheduler.digest.render import alive, headline, in_full, render, summary
from storage.errors import ConfigurationError, DeliveryError

_ITEMS_SHOWN = 10  # chat services cut a message at 2,000 to 4,000 characters
_TITLE_LENGTH = 160


def check(channel: ChatChannel) -> None:
    """Raises ConfigurationError for an address that Apprise does not know; asks nobody."""
    _room(channel)


def _room(channel: ChatChannel) -> Any:
    import apprise  # half a second, for those who use it

    room = apprise.Apprise()
    if not room.add(channel.url.reveal()):
        raise ConfigurationError(
            f"the address of the channel {channel.id} is not one that Apprise knows; see its wiki"
        )
    return room


def post(channel: ChatChannel, digest: Digest) -> None:
    """Hand the digest to the chat service. Raises DeliveryError, or ConfigurationError for an address that is none."""
    import apprise  # half a second, for those who use it

    room, address = _room(channel), channel.url.reveal()
    title, body = render(digest).subject, chat_text(digest)
    with apprise.LogCapture(level=logging.WARNING, fmt="%(message)s") as log:  # type: ignore[no-untyped-call]  # the package has hints but for this
        accepted = room.notify(body=body, title=title, body_format=apprise.NotifyFormat.TEXT)
    if not accepted:
        said = line(hide(log.getvalue(), address), 200) or "it did not say why"
        raise DeliveryError(f"the chat channel {channel.id} did not take the digest: {said}")


def chat_text(digest: Digest) -> str:
    """The digest in a few lines: headline and first link of each item, what was left out, who is watched."""
    labels = labels_of(digest.subscription.language)
    lines = [summary(digest, labels) or labels.say("nothing")]
    for item in digest.items[:_ITEMS_SHOWN]:
        lines += ["", f"• {headline(item, labels)}", *_links(item.reports[:1])]
    hidden = len(digest.items[_ITEMS_SHOWN:]) + len(digest.rest)
    lines += _ending(digest, labels, hidden)
    return "\n".join(lines)


def _links(reports: Sequence[Link]) -> list[str]:
    shown = (
        (web_address(link.url), line(link.outlet or link.title, _TITLE_LENGTH)) for link in reports
    )
    return [f"  {name}: {url}" if name else f"  {url}" for url, name in shown if url]


def _ending(digest: Digest, labels: Labels, hidden: int) -> list[str]:
    more = [
        " · ".join(part for part in (labels.count("more", hidden), in_full(digest, labels)) if part)
    ]
    more = more if hidden else []
    notices = [line(notice, 300) for notice in digest.notices]
    counted = alive(digest, labels)
    return [
        *([""] if more or notices or counted else []),
        *more,
        *notices,
        *([counted] if counted else []),
    ]
