"""Sends without the database: notices of troubles that keep it from being written, and tests of
channels.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from datetime import datetime
from itertools import chain
from typing import TypeVar
from uuid import uuid4

from scheduler.configuration.config import Configuration
from scheduler.configuration.sections import Channel
from scheduler.notify.channels.table import (
    Senders,
    channels_by_id,
    mail_channels,
    operator_of,
    operator_on,
    recipients_of,
)
from scheduler.notify.digest.build import Digest
from scheduler.views.words.phrases import in_words
from storage.errors import AccordwatchError, ChannelDownError
from storage.phrases import Phrase
from storage.subscription import Subscription

Stop = Callable[[], bool]
T = TypeVar("T")
_MOST = 32  # threads; each webhook of a person is a channel, and there may be many


def send_directly(
    chosen: Configuration, lines: Sequence[str], now: datetime
) -> tuple[int, list[str]]:
    """Hand these lines to each recipient of the operator's channels, once: (how many accepted them,
    a line for each who did not). Nothing is stored.
    """
    operator = operator_of(chosen)
    if operator is None:
        return 0, []
    known = channels_by_id(chosen)
    channels = [known[name] for name in operator.channels]
    attempts = _hand_over(chosen, operator, lines, now, channels)
    problems = [f"{operator.id} by {channel}: {error}" for channel, _, error in attempts if error]
    return len(attempts) - len(problems), problems


def send_tests(
    chosen: Configuration, now: datetime, to: str | None = None
) -> Iterator[tuple[str, Phrase, bool]]:
    """Send a test to each recipient of each channel, whoever subscribed to what, or to the address
    `to` on each mail channel: (channel, how it went, whether it was refused). Nothing is stored.
    Raises ConfigurationError if there is no mail channel for `to`.
    """
    channels = chosen.settings.all_channels
    if to is not None:
        channels = tuple(
            channel.model_copy(update={"to": (to,)}) for channel in mail_channels(chosen)
        )
    subscription = operator_on(
        tuple(channel.id for channel in channels), chosen.settings.alerts.language
    )
    test = Phrase("a test by accordwatch doctor --send: nothing is wrong")
    for channel_id, recipient, error in _hand_over(chosen, subscription, [test], now, channels):
        if error is None:
            form = "the test by the channel {channel} was sent"
            if recipient:
                form = "the test by the channel {channel} to {recipient} was sent"
        else:
            form = "the test by the channel {channel} could not be sent: {why}"
            if recipient:
                form = "the test by the channel {channel} to {recipient} could not be sent: {why}"
        why = error.line if error else ""
        outcome = Phrase(form, channel=channel_id, recipient=recipient, why=why)
        yield channel_id, outcome, error is not None


def side_by_side(
    channels: Iterable[str], work: Callable[[str, Stop], list[T]], stop: Stop
) -> list[T]:
    """What `work` returns for each channel, in their order, one thread each: channels do not wait
    for each other. The second argument of `work` returns whether to end: once `stop` does, or
    another channel or the main thread has failed.
    """
    names, failed = list(channels), threading.Event()

    def is_over() -> bool:
        return failed.is_set() or stop()

    if len(names) < 2:
        return [one for name in names for one in work(name, is_over)]
    with ThreadPoolExecutor(min(len(names), _MOST), thread_name_prefix="channel") as threads:
        working = [threads.submit(work, name, is_over) for name in names]
        try:
            return list(chain.from_iterable(future.result() for future in working))
        except BaseException:
            failed.set()
            raise


# (channel, recipient, why it was refused)
_Attempt = tuple[str, str, AccordwatchError | None]


def _hand_over(
    chosen: Configuration,
    subscription: Subscription,
    lines: Sequence[str],
    now: datetime,
    channels: Sequence[Channel],
) -> list[_Attempt]:
    """A channel that is down is not tried for each recipient. Unsubscriptions are unknown here."""
    notices = tuple(in_words(line, subscription.language) for line in lines)
    digest = Digest(
        subscription=subscription, items=(), rest=(), notices=notices, watched=None, made_at=now
    )
    receivers = recipients_of(channels, ())

    def send(channel: str, stop: Stop) -> list[_Attempt]:
        attempts: list[_Attempt] = []
        with closing(Senders(chosen)) as senders:
            for recipient in receivers[channel]:
                try:
                    message_id = f"notice-{uuid4().hex}"
                    senders.sender(channel).hand_over(digest, message_id, recipient, now, None)
                except AccordwatchError as error:
                    attempts.append((channel, recipient, error))
                    if stop() or isinstance(error, ChannelDownError):
                        break
                else:
                    attempts.append((channel, recipient, None))
        return attempts

    return side_by_side(receivers, send, lambda: False)
