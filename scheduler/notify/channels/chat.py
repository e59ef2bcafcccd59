"""The chat channel: all that Apprise speaks (Slack, Teams, Discord, Telegram, Matrix, ntfy ...).

This is Apprise's one home.
"""

from __future__ import annotations

import logging
import re
from datetime import datetime
from typing import Any

from scheduler.configuration.sections import ChatChannel
from scheduler.notify.channels.message import Sender
from scheduler.notify.digest.build import Digest, DigestItem
from scheduler.notify.digest.render import kind_name
from scheduler.notify.digest.sentences import (
    TITLE_LENGTH,
    alive,
    answers,
    brief,
    headline,
    in_full,
    lines_shown,
    on_page,
    review_line,
    right_or_wrong,
    subject,
    summary,
    sure,
    title_of,
    unconfirmed_left,
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
    settings = ChatChannel
    is_like_mail = False

    def hand_over(
        self, digest: Digest, message_id: str, recipient: str, now: datetime, body: str | None
    ) -> None:
        post(self._channel, digest)

    def probe(self) -> str:
        """Looks at the address only: no service can be asked without sending something."""
        _room(self._channel)
        return "its address can be used; whether it takes messages: accordwatch doctor --send"


def _apprise() -> Any:
    import apprise  # half a second, for those who use it

    return apprise


def _room(channel: ChatChannel) -> Any:
    apprise = _apprise()
    # A redirect would carry the digest to a server that nobody configured, a private one perhaps.
    room = apprise.Apprise(asset=apprise.AppriseAsset(http_redirects=False))
    if not room.add(channel.url.reveal()):
        raise ConfigurationError(
            "the address of the channel {channel} is not one that Apprise knows; see its wiki",
            channel=channel.id,
        )
    return room


def post(channel: ChatChannel, digest: Digest) -> None:
    """Hand the digest to the chat service. Raises DeliveryError, or ConfigurationError for an
    address that Apprise does not know.
    """
    apprise, room, address = _apprise(), _room(channel), channel.url.reveal()
    title = _inert(subject(digest, labels_of(digest.subscription.language)))
    body = chat_text(digest)
    with apprise.LogCapture(level=logging.WARNING, fmt="%(message)s") as log:
        accepted = room.notify(body=body, title=title, body_format=apprise.NotifyFormat.TEXT)
    if not accepted:
        reason = line(hide(log.getvalue(), address), 200) or "it did not say why"
        form = "the chat channel {channel} did not take the digest: {why}"
        raise DeliveryError(form, channel=channel.id, why=reason)


def chat_text(digest: Digest) -> str:
    """The digest in a few lines: headlines with a link, what was left out, sources alive."""
    labels = labels_of(digest.subscription.language)
    lines = [summary(digest, labels) or labels.say("No results.")]
    most = _ITEMS_SHOWN if digest.answering is None else _ANSWERED_SHOWN
    for item in digest.items[:most]:
        news = kind_name(item, labels) if item.other_step else ""
        expected = expected_in_words(item.agreement.expected_on, labels)
        notes = filter(None, (news, sure(item, labels), expected))
        about = labels.say(", ").join(notes)
        lines += ["", f"• {headline(item, labels)}" + (f" ({about})" if about else "")]
        for link in item.reports[:1]:
            url = (web_address(link.url) or "").replace("@", "%40")  # it calls nobody
            name = line(link.outlet or link.title, TITLE_LENGTH)
            if url:
                lines.append(f"  {name}: {url}" if name else f"  {url}")
        entry = on_page(item, digest.subscription.page)
        lines += [f"  {item.agreement_id}: {entry}"] if entry else []
        lines += [f"  {answer.word}: {answer.url}" for answer in answers(digest, item, labels)]
    hidden = len(digest.items[most:]) + len(digest.rest)
    hint = (
        labels.count_of("more", hidden),
        in_full(digest, labels),
    )
    more = [" · ".join(part for part in hint if part)] if hidden else []
    if digest.unconfirmed:
        most_lines = min(lines_shown(digest), max(most - len(digest.items), 0))
        lines += ["", labels.say("Unconfirmed")]
        lines += [_brief_line(digest, item, labels) for item in digest.unconfirmed[:most_lines]]
        more += filter(None, [unconfirmed_left(digest, most_lines, labels)])
    notices = [line(notice, 300) for notice in digest.notices]
    counted = alive(digest, labels)
    ending = [
        *more,
        *filter(None, [review_line(digest, labels)]),
        *notices,
        *filter(None, [counted]),
    ]
    lines += ["", *ending] if ending else []
    return _inert("\n".join(lines))


def _brief_line(digest: Digest, item: DigestItem, labels: Labels) -> str:
    parties, report, about = brief(item, labels)
    title = [title_of(report, labels)] if report else []
    url = web_address(report.url) if report else None
    links = [f"{link.word}: {link.url}" for link in right_or_wrong(digest, item, labels)]
    shown = [parties, *title, *about, item.agreement_id, (url or "").replace("@", "%40"), *links]
    return f"• {' · '.join(filter(None, shown))}"


def _inert(text: str) -> str:
    """`text` with spaces without width in what would call people or lead elsewhere than it says."""
    return _ACTED_UPON.sub("\\g<0>\u200b", text)
