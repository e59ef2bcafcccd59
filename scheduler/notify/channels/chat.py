"""The chat channel: all that Apprise speaks (Slack, Teams, Discord, Telegram, Matrix, ntfy ...).

This is Apprise's one home.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from scheduler.configuration.channels import ChatChannel
from scheduler.notify.channels.message import OutgoingMessage, Sender
from scheduler.notify.digest.build import Digest, DigestItem, ReportLink
from scheduler.notify.digest.sentences import (
    TITLE_LENGTH,
    alive,
    answers,
    headline,
    in_full,
    on_page,
    review_line,
    subject,
    summary,
    sure,
)
from scheduler.views.entry import expected_in_words
from scheduler.views.words.labels import Labels, labels_of
from scheduler.views.words.lines import line, web_address
from spiders.catalog.secrets import hide
from storage.errors import ConfigurationError, DeliveryError

# Chat services cut a message at 2,000 to 4,000 characters. An item has 200, its three links 250.
_ITEMS_SHOWN, _ANSWERED_SHOWN = 10, 5
# What chat services act upon, though it is sent as plain text: calls to people (@everyone, <@123>,
# Slack's <!here>), and links and pictures under another name ([name](address), <address|name>).
_ACTED_UPON = re.compile(r"@|<(?=\S)|\](?=[(\[:])")


class ChatSender(Sender):
    """Posts digests to the channel's service."""

    settings = ChatChannel
    is_like_mail = False

    def hand_over(self, outgoing: OutgoingMessage, now: datetime) -> None:
        post(self._channel, outgoing.digest)

    def probe(self) -> str:
        """Looks at the address only: no service can be asked without sending something."""
        _room(self._channel)
        return "its address can be used; whether it takes messages: accordwatch doctor --send"


def _room(channel: ChatChannel) -> Any:
    import apprise  # half a second, for those who use it

    # A redirect would carry the digest to a server that nobody configured, a private one perhaps.
    room = apprise.Apprise(asset=apprise.AppriseAsset(http_redirects=False))
    if not room.add(channel.url.reveal()):
        raise ConfigurationError(
            "the address of the channel {channel} is not one that Apprise knows; see its wiki",
            channel=channel.id,
        )
    return room


def post(channel: ChatChannel, digest: Digest) -> None:
    """Hand the digest to the chat service.

    Raises DeliveryError, or ConfigurationError for an address that Apprise does not know.
    """
    import apprise  # half a second, for those who use it

    room, address = _room(channel), channel.url.reveal()
    title = _inert(subject(digest, labels_of(digest.subscription.language)))
    body = chat_text(digest)
    # the package has type hints, but not for this
    with apprise.LogCapture(level=logging.WARNING, fmt="%(message)s") as log:  # type: ignore[no-untyped-call]
        accepted = room.notify(body=body, title=title, body_format=apprise.NotifyFormat.TEXT)
    if not accepted:
        said = line(hide(log.getvalue(), address), 200) or "it did not say why"
        form = "the chat channel {channel} did not take the digest: {why}"
        raise DeliveryError(form, channel=channel.id, why=said)


def chat_text(digest: Digest) -> str:
    """The digest in a few lines: the headline and first link of each item, how many items were left
    out, how many sources are alive.
    """
    labels = labels_of(digest.subscription.language)
    lines = [summary(digest, labels) or labels.say("nothing")]
    most = _ITEMS_SHOWN if digest.answering is None else _ANSWERED_SHOWN
    for item in digest.items[:most]:
        lines += ["", f"• {headline(item, labels)}{_sure(item, labels)}"]
        lines += _links(item.reports[:1])
        entry = on_page(item, digest.subscription.page)
        lines += [f"  {item.agreement_id}: {entry}"] if entry else []
        lines += [f"  {word}: {url}" for _, word, url in answers(digest, item, labels)]
    hidden = len(digest.items[most:]) + len(digest.rest)
    lines += _ending(digest, labels, hidden)
    return _inert("\n".join(lines))


def _inert(text: str) -> str:
    """`text`, in which no headline calls all members of a room to their screens or leads elsewhere
    than it says: a space without width stands within what would.
    """
    return _ACTED_UPON.sub("\\g<0>\u200b", text)


def _sure(item: DigestItem, labels: Labels) -> str:
    """How sure it is, and when the next step is expected."""
    said = filter(None, (sure(item, labels), expected_in_words(item.expected_on, labels)))
    about = labels.say("comma").join(said)
    return f" ({about})" if about else ""


def _links(reports: Sequence[ReportLink]) -> list[str]:
    shown = (
        (_address(link.url), line(link.outlet or link.title, TITLE_LENGTH)) for link in reports
    )
    return [f"  {name}: {url}" if name else f"  {url}" for url, name in shown if url]


def _address(url: str | None) -> str:
    """An address that can be opened and calls nobody; "" if none can be linked to."""
    return (web_address(url) or "").replace("@", "%40")


def _ending(digest: Digest, labels: Labels, hidden: int) -> list[str]:
    hint = (labels.count("more", hidden), in_full(digest, labels))
    more = [" · ".join(part for part in hint if part)] if hidden else []
    notices = [line(notice, 300) for notice in digest.notices]
    counted = alive(digest, labels)
    ending = [
        *more,
        *filter(None, [review_line(digest, labels)]),
        *notices,
        *filter(None, [counted]),
    ]
    return ["", *ending] if ending else []
