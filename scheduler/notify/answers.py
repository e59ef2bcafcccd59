"""The links by which receivers of an alert say whether an entry is right: each is signed for one
receiver, one entry and thirty days.

A receiver decides with such a link about its entry alone, and only while they receive the
subscription. The decision names them as readers of the page may know them: "a@…" for
"amina@ngo.example".
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Sequence
from datetime import datetime, timedelta
from enum import StrEnum

from scheduler.configuration.config import Configuration
from scheduler.configuration.user_subscriptions import with_users
from scheduler.notify.channels.table import channels_by_id, recipients_of
from scheduler.notify.digest.build import AnswerLinks
from storage.database.session import Session
from storage.errors import AccordwatchError
from storage.notifications import outbox, receivers
from storage.notifications.deliveries import Delivery
from storage.notifications.receivers import Receiver
from storage.notifications.tables import UserSubscription
from storage.subscription import PREFIX, Subscription, SubscriptionKind
from storage.users import users
from storage.users.accounts import Role

ANSWERS = "/answers"  # below it stand the links
LASTS = timedelta(days=30)  # from the moment at which the receiver was notified of the entry
FEED = "feed"  # the channel of receivers who answer by a link in a feed
_OF_FEED = "f"  # before the number of its subscription; deliveries have a bare number
_SIGNATURE = 24  # letters, 144 bits: chat services cut long messages


class LinkAnswer(StrEnum):
    """The answers about an entry that a receiver gives by one click."""

    RIGHT = "right"
    WRONG = "wrong"


class LinkRefused(AccordwatchError):
    """A link decides nothing: `why` is "unknown", "expired" or "left"."""

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why


def answer_links(page: str, to: str, until: datetime, key: str) -> AnswerLinks:
    """The links for one receiver. `to` names the delivery, or the feed, in which they stand. The
    last one leads to the forms that correct the entry, for users who can log in.
    """

    def links(agreement_id: str) -> Sequence[tuple[str, str]]:
        signed = _signature(key, to, agreement_id, int(until.timestamp()))
        answers = [
            (str(answer), f"{page}{ANSWERS}/{answer}/{agreement_id}/{signed}")
            for answer in LinkAnswer
        ]
        return [*answers, ("correct", f"{page}/agreements/{agreement_id}/edit")]

    return links


def links_of_delivery(
    s: Session,
    chosen: Configuration,
    subscription: Subscription,
    delivery: Delivery,
    notified_at: datetime,
) -> AnswerLinks | None:
    """The links for the receiver of a delivery; None without a page, or the right to decide."""
    key = outbox.link_key(s, subscription.id)
    if not subscription.page or key is None or not _may_decide(s, chosen, subscription.id):
        return None
    return answer_links(subscription.page, str(delivery.id), notified_at + LASTS, key)


def links_of_feed(
    s: Session, chosen: Configuration, stored: UserSubscription, notified_at: datetime
) -> AnswerLinks | None:
    """The links in a person's feed, for an entry that it has shown since `notified_at`."""
    key = outbox.link_key(s, stored.code)
    if not stored.page or key is None or not _may_decide(s, chosen, stored.code):
        return None
    return answer_links(stored.page, f"{_OF_FEED}{stored.id}", notified_at + LASTS, key)


def receiver_signed(
    s: Session, chosen: Configuration, agreement_id: str, signed: str, now: datetime
) -> Receiver:
    """The receiver who may decide about an entry by this link. Raises LinkRefused. `chosen` is
    today's configuration, with or without the subscriptions of people.
    """
    to, until, _ = (*signed.split("."), "", "")[:3]
    receiver = _named(s, to)
    key = receiver and outbox.link_key(s, receiver.subscription_id)
    if receiver is None or key is None or not until.isascii() or not until.isdigit():
        raise LinkRefused("unknown")
    expected = _signature(key, to, agreement_id, int(until[:12])).encode()
    if not hmac.compare_digest(expected, signed.encode("utf-8", "replace")):
        raise LinkRefused("unknown")
    if int(until) < now.timestamp():
        raise LinkRefused("expired")
    if not _still_receives(s, with_users(s, chosen), receiver):
        raise LinkRefused("left")
    return receiver


def named_for_readers(receiver: Receiver) -> str:
    """A receiver as decisions name them: readers of the page see no address of a mailbox."""
    who = f"{receiver.recipient[0]}@…" if receiver.recipient else receiver.channel
    return f"{who} ({receiver.subscription_id})"


def _signature(key: str, to: str, agreement_id: str, until_s: int) -> str:
    """The signed part of an address: "12.1798108800." and a signature."""
    content = f"answer {to} {agreement_id} {until_s}"
    made = hmac.new(key.encode(), content.encode(), hashlib.sha256).digest()
    return f"{to}.{until_s}.{base64.urlsafe_b64encode(made).decode()[:_SIGNATURE]}"


def _named(s: Session, to: str) -> Receiver | None:
    number = to.removeprefix(_OF_FEED)
    if not number.isascii() or not number.isdigit() or len(number) > 9:
        return None
    if to.startswith(_OF_FEED):
        return Receiver(f"{PREFIX}{number}", FEED, "")
    return receivers.delivered_to(s, int(number))


def _still_receives(s: Session, chosen: Configuration, receiver: Receiver) -> bool:
    known = [*chosen.subscriptions, *(person.subscription for person in chosen.people)]
    subscription = next((one for one in known if one.id == receiver.subscription_id), None)
    if subscription is None or not _may_decide(s, chosen, subscription.id):
        return False
    if receiver.channel == FEED:
        kinds = {each.subscription.id: each.stored.kind for each in chosen.people}
        return kinds.get(subscription.id) is SubscriptionKind.FEED
    gone = receivers.unsubscribed(s, subscription.id)
    receiving = recipients_of(channels_by_id(chosen).values(), gone, subscription.to)
    is_channel = receiver.channel in subscription.channels
    return is_channel and receiver.recipient in receiving.get(receiver.channel, ())


def _may_decide(s: Session, chosen: Configuration, subscription_id: str) -> bool:
    """Whether a subscription lets its receivers decide. The configuration's do, since the operator
    chose who receives them; others give what their maker may, so that no reader becomes an editor.
    """
    made = next(
        (person.stored for person in chosen.people if person.stored.code == subscription_id), None
    )
    if made is None or made.user_id is None:
        return True
    roles = (user.role for user in users.users(s) if user.id == made.user_id)
    return any(Role.EDITOR in role.included for role in roles)
