"""Making a subscription on the page or on the command line: the request is checked and stored, and
a subscription by mail is confirmed by a link in a short plain mail.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from email.message import EmailMessage
from typing import Any
from uuid import uuid4

from scheduler.access.secret_values import stored_hash
from scheduler.configuration.config import Configuration
from scheduler.configuration.query import query_of
from scheduler.configuration.user_subscriptions import everybody, link, mail_channel
from scheduler.notify.channels.email import Mailer
from scheduler.notify.channels.message import Envelope, plain_letter
from scheduler.notify.subscriptions.states import rehearse
from scheduler.schedule.digest_periods import parse_rate
from scheduler.views.words.labels import Labels, labels_of
from scheduler.views.words.lines import line
from scheduler.views.words.page import followed
from spiders.catalog.intervals import known_time_zone
from storage.database.session import Database, Session
from storage.errors import AccordwatchError
from storage.languages import SPOKEN_LANGUAGES
from storage.notifications import user_subscriptions
from storage.notifications.outbox import begin
from storage.notifications.tables import UserSubscription
from storage.notifications.user_subscriptions import letters_since, note_letter
from storage.phrases import Phrase
from storage.subscription import Subscription, SubscriptionKind

LOOKED_BACK = timedelta(days=90)
LONGEST_NAME = 120
_MOST = 100  # of one maker; far more than anybody reads
_KEY_BYTES = 32
# In a day; three let somebody try again who mistyped or lost a mail.
MOST_TO_ADDRESS = 3
MOST_FOR_REQUESTER = 20
_DAY = timedelta(days=1)
# What HTML takes for a mail address, which is what servers take without extensions.
_ADDRESS = re.compile(
    r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[A-Za-z0-9-]{1,63}(?:\.[A-Za-z0-9-]{1,63})*"
)
_LONGEST_ADDRESS = 254


class LetterRefused(AccordwatchError):
    """A request that is not carried out; `line` is a Phrase that says why."""


def would_have_sent(s: Session, written: Mapping[str, Any], now: datetime) -> int:
    """How many items a subscription with this filter would have sent in the last 90 days."""
    wanted = Subscription("new", (), filter=query_of(written).filter)
    until = now.date()
    items, _ = rehearse(s, wanted, until, until - LOOKED_BACK + timedelta(days=1))
    return len(items)


def make(
    database: Database,
    chosen: Configuration,
    typed: UserSubscription,
    requester: str,
    now: datetime,
) -> tuple[UserSubscription, str]:
    """Store a subscription as it was typed. One by mail gets nothing until it is confirmed by the
    link in the mail that is sent now, as `requester` wants. Returns it with the secret of its feed,
    which is shown once. Raises LetterRefused, or DeliveryError if that mail cannot be sent.
    """
    checked, is_feed = _checked(typed), typed.kind is SubscriptionKind.FEED
    secret = secrets.token_urlsafe(_KEY_BYTES) if is_feed else ""
    stored = replace(
        checked,
        link_key=secrets.token_urlsafe(_KEY_BYTES),
        feed_hash=stored_hash(secret) if is_feed else None,
        confirmed_at=now if is_feed else None,
    )
    with database.begin() as s:
        user_subscriptions.forget_unconfirmed(s, now - user_subscriptions.UNCONFIRMED)
        if user_subscriptions.count_of(s, typed.user_id) >= _MOST:
            form = "More than {most} subscriptions cannot be made; end one first."
            raise LetterRefused(form, most=_MOST)
        stored = replace(stored, id=user_subscriptions.add(s, stored))
    if stored.kind is SubscriptionKind.MAIL:
        try:
            send_confirmation(database, chosen, stored, requester, now)
        except AccordwatchError:
            with database.begin() as s:
                user_subscriptions.end(s, stored.id)
            raise
    else:
        _begin(database, chosen, stored, now)
    return stored, secret


def why_no_mail(chosen: Configuration, page: str) -> Phrase | None:
    """Why nobody can subscribe by mail; None where everybody can. `page` is the address of the
    page, "" if it does not know its own.
    """
    if not page:
        return Phrase(
            "The page does not know its own address: it needs site.url in the configuration, or "
            "--name."
        )
    if mail_channel(chosen) is None:
        return Phrase("The page cannot send mails, since no mail channel is configured.")
    return None


def send_confirmation(
    database: Database,
    chosen: Configuration,
    stored: UserSubscription,
    requester: str,
    now: datetime,
) -> None:
    """Mail the link that confirms a subscription, as `requester` wants: a user, or the address of a
    network. Raises LetterRefused, or DeliveryError if the server does not take it. Nothing in the
    mail was written by the requester: no form of ours mails one person's words to strangers.
    """
    channel = mail_channel(chosen)
    if channel is None or not stored.page:
        raise LetterRefused(why_no_mail(chosen, stored.page) or "")
    # counted before it is sent: what a server refuses counts as well
    to = stored_hash(f"letter to {stored.address.casefold()}")
    by = stored_hash(f"letter for {requester}")
    with database.begin() as s:
        to_address, for_requester = letters_since(s, to, by, now - _DAY)
        if to_address >= MOST_TO_ADDRESS or for_requester >= MOST_FOR_REQUESTER:
            fault = Phrase("Too many mails were requested today. Try again tomorrow.")
            raise LetterRefused(fault)
        note_letter(s, to, by, now)
    with closing(Mailer(channel)) as mailer:
        mailer.send(_letter(stored, channel.sender, now), stored.address)


def _subscribed_to(stored: UserSubscription, words: Labels) -> str:
    """The filter, rate and language in our own words; what the requester typed is not repeated."""
    flt = query_of(stored.filter).filter
    ours = flt.but(query="", sources=(), rules=())
    what = followed(ours, words)
    if ours != flt:
        what = words.say("{what}, narrowed by words that are not repeated here", what=what)
    return words.say(
        "What is sent: {what}; {rhythm}; in {language}.",
        what=what,
        rhythm=words.rate(stored.rate, stored.timezone),
        language=words.language_name(stored.language),
    )


def _letter(stored: UserSubscription, sender: str, now: datetime) -> EmailMessage:
    words = labels_of(stored.language)
    paragraphs = (
        words.say(
            "This address was entered to receive news of migration agreements from "
            "Accordwatch, {rhythm}.",
            rhythm=words.rate(stored.rate, stored.timezone),
        ),
        _subscribed_to(stored, words),
        words.say("To confirm, open this page:"),
        link(stored),
        words.count(
            "If this was not you, do nothing: the address is deleted after {n} day.",
            "If this was not you, do nothing: the address is deleted after {n} days.",
            user_subscriptions.UNCONFIRMED.days,
        ),
        "Accordwatch",
    )
    envelope = Envelope(f"letter-{uuid4().hex}", stored.address, sender)
    subject = words.say("Please confirm your subscription")
    return plain_letter(envelope, subject, paragraphs, stored.language, now)


def confirm(database: Database, chosen: Configuration, number: int, now: datetime) -> None:
    """Begin a subscription that its receiver confirmed. To do so again changes nothing."""
    with database.begin() as s:
        is_new = user_subscriptions.confirm(s, number, now)
        stored = user_subscriptions.numbered(s, number)
    if is_new and stored is not None:
        _begin(database, chosen, stored, now)


def new_feed_secret(database: Database, number: int) -> str:
    """Give a feed a new address, whose secret is returned; the old one is refused from now on."""
    secret = secrets.token_urlsafe(_KEY_BYTES)
    with database.begin() as s:
        user_subscriptions.set_feed_hash(s, number, stored_hash(secret))
    return secret


def checked_address(written: str) -> str:
    """A mail address. Raises LetterRefused for anything else, such as one with header lines."""
    address = written.strip(" ")
    if len(address) > _LONGEST_ADDRESS or not _ADDRESS.fullmatch(address):
        fault = Phrase("This is no mail address: write one like name@example.org.")
        raise LetterRefused(fault)
    return address


def _begin(
    database: Database, chosen: Configuration, stored: UserSubscription, now: datetime
) -> None:
    """Queue what comes in from now on for it, though its first digest comes later."""
    people = everybody(database, chosen).people
    with database.begin() as s:
        begin(s, [person.subscription for person in people if person.stored.id == stored.id], now)


def _checked(wanted: UserSubscription) -> UserSubscription:
    """The request in its proper form. Raises LetterRefused if it cannot be carried out."""
    name = line(wanted.name, LONGEST_NAME)
    if not name:
        raise LetterRefused(Phrase("Write a title."))
    if wanted.language not in SPOKEN_LANGUAGES:
        raise LetterRefused(Phrase("This language is not available."))
    query_of(wanted.filter)
    with _refused(Phrase("Choose a frequency, and a time such as 07:00.")):
        parse_rate(wanted.rate)
    with _refused(Phrase("This is no time zone: write one like Europe/Madrid.")):
        zone = known_time_zone(wanted.timezone.strip())
    address = checked_address(wanted.address) if wanted.kind is SubscriptionKind.MAIL else ""
    return replace(wanted, name=name, timezone=zone, address=address)


@contextmanager
def _refused(fault: Phrase) -> Iterator[None]:
    try:
        yield
    except ValueError as error:
        raise LetterRefused(fault) from error
