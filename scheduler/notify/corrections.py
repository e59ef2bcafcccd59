"""Telling a colleague what was corrected: one mail to the address of their account."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import closing

from scheduler.configuration.config import Configuration
from scheduler.configuration.user_subscriptions import mail_channel
from scheduler.notify.channels.email import Mailer
from scheduler.notify.channels.message import Envelope, plain_letter
from scheduler.views.decisions import correction_in_words, reason_given
from scheduler.views.words.labels import labels_of
from scheduler.views.words.lines import line
from storage.errors import DeliveryError
from storage.register.entry import Decision
from storage.users.accounts import User


def tell(
    chosen: Configuration, colleague: User, decided: Sequence[Decision], entry: str, address: str
) -> None:
    """Mail what was just decided of an entry, given by name and `address` ("" if the page does not
    know its own), in the colleague's language. It is tried once. Raises DeliveryError.
    """
    channel = mail_channel(chosen)
    if channel is None:
        raise DeliveryError("no channel sends mail")
    words = labels_of(colleague.language or chosen.settings.alerts.language)
    who, reason = line(decided[0].who, 80), reason_given(decided[0])
    subject = words.say("{who} corrected “{entry}”", who=who, entry=line(entry, 160))
    sentences = (f"- {correction_in_words(decision, words)}" for decision in decided)
    paragraphs = (
        words.say("{who} corrected this entry of the register and wants you to know:", who=who),
        line(entry, 160),
        *sentences,
        words.say("Reason: {why}", why=reason) if reason else "",
        address,
        "Accordwatch",
    )
    # What is sent once more by mistake is one mail to a mail program.
    envelope = Envelope(f"correction-{decided[-1].id}", colleague.address, channel.sender)
    letter = plain_letter(
        envelope, subject, filter(None, paragraphs), words.language, decided[-1].at
    )
    with closing(Mailer(channel)) as mailer:
        mailer.send(letter, colleague.address)
