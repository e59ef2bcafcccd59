"""Subscriptions of people in the database, on SQLite and PostgreSQL."""

from __future__ import annotations

from datetime import datetime, timedelta

from storage.database import sql
from storage.database.session import Database, Session
from storage.notifications import outbox, user_subscriptions
from storage.notifications import user_subscriptions as letters
from storage.notifications.outbox import begin, first_seen_at
from storage.notifications.tables import PendingNotifications
from storage.records import NewsKind
from storage.subscription import Subscription, SubscriptionKind
from storage.users import users
from storage.users.accounts import Role
from tests.storage.given import NOW, kept_mail


def test_one_is_kept_as_it_was_made(database: Database) -> None:
    made = kept_mail(filter={"text": "migra\0tion", "topics": ["visa"]}, kind=SubscriptionKind.FEED)
    with database.begin() as s:
        number = user_subscriptions.add(s, made)
    with database.read() as s:
        subscription = user_subscriptions.numbered(s, number)
    assert subscription is not None
    assert (subscription.code, subscription.kind) == (f"person-{number}", SubscriptionKind.FEED)
    assert subscription.filter == {"text": "migra\ufffdtion", "topics": ["visa"]}
    assert (subscription.made_at, subscription.confirmed_at) == (NOW, NOW)


def test_it_is_confirmed_once(s: Session) -> None:
    number = user_subscriptions.add(s, kept_mail(confirmed_at=None))
    assert [
        user_subscriptions.confirm(s, number, NOW),
        user_subscriptions.confirm(s, number, NOW),
    ] == [True, False]
    assert not user_subscriptions.confirm(s, number + 1, NOW)


def test_one_is_paused_and_goes_on_alone(database: Database) -> None:
    def paused() -> list[bool]:
        with database.read() as s:
            return [
                everybody.paused_at is not None for everybody in user_subscriptions.everybodys(s)
            ]

    with database.begin() as s:
        first, _ = (user_subscriptions.add(s, kept_mail()) for _ in range(2))
        user_subscriptions.set_paused(s, first, NOW)
    assert paused() == [True, False]
    with database.begin() as s:
        user_subscriptions.set_paused(s, first, None)
    assert paused() == [False, False]


def test_of_one_that_ends_nothing_is_left(s: Session) -> None:
    number = user_subscriptions.add(s, kept_mail())
    other = user_subscriptions.add(s, kept_mail())
    for code in (f"person-{number}", f"person-{other}"):
        begin(s, [Subscription(code, ())], NOW)
        kind = NewsKind.SOURCE_HEALTH
        waiting = {"subscription_id": code, "kind": kind, "detail": "x", "pending_at": NOW}
        sql.add(s, PendingNotifications, **waiting)
    user_subscriptions.end(s, number)
    assert list(outbox.waiting_since(s)) == [f"person-{other}"]
    assert first_seen_at(s, f"person-{number}") is None
    assert first_seen_at(s, f"person-{other}") == NOW
    assert [everybody.id for everybody in user_subscriptions.everybodys(s)] == [other]


def test_unconfirmed_ones_are_forgotten_and_no_others(s: Session) -> None:
    old, kept = (
        user_subscriptions.add(s, kept_mail(confirmed_at=None)),
        user_subscriptions.add(s, kept_mail()),
    )
    later = user_subscriptions.add(
        s, kept_mail(confirmed_at=None, made_at=NOW + timedelta(hours=1))
    )
    assert user_subscriptions.forget_unconfirmed(s, NOW + timedelta(minutes=1)) == 1
    assert [everybody.id for everybody in user_subscriptions.everybodys(s)] == [kept, later]
    assert user_subscriptions.add(s, kept_mail()) > max(old, later)  # no number is given twice


def test_with_a_user_go_their_own(s: Session) -> None:
    for name in ("rita", "edda"):
        users.add_user(s, name, Role.READER, "x", NOW)
    rita, edda = users.user_named(s, "rita"), users.user_named(s, "edda")
    assert rita
    assert edda
    user_subscriptions.add(s, kept_mail(user_id=rita[0].id))
    user_subscriptions.add(s, kept_mail(user_id=edda[0].id))
    user_subscriptions.add(s, kept_mail())
    assert user_subscriptions.count_of(s, rita[0].id) == user_subscriptions.count_of(s, None) == 1
    assert user_subscriptions.end_all_of(s, rita[0].id) == 1
    users.remove_user(s, "edda")
    assert [everybody.user_id for everybody in user_subscriptions.everybodys(s)] == [None]


def test_a_feed_is_found_by_the_hash_of_its_secret_alone(database: Database) -> None:
    with database.begin() as s:
        number = user_subscriptions.add(
            s, kept_mail(kind=SubscriptionKind.FEED, feed_hash="a" * 64)
        )
        user_subscriptions.set_feed_hash(s, number, "b" * 64)
        assert user_subscriptions.of_feed(s, "a" * 64) is None
        subscription = user_subscriptions.of_feed(s, "b" * 64)
    assert subscription is not None
    assert subscription.id == number


def test_letters_are_counted_by_address_and_by_requester(s: Session) -> None:
    letters.note_letter(s, "a" * 64, "r" * 64, NOW)
    letters.note_letter(s, "b" * 64, "r" * 64, NOW + timedelta(hours=1))
    assert letters.letters_since(s, "a" * 64, "r" * 64, NOW) == (1, 2)
    letters.forget_letters(s, NOW + timedelta(minutes=1))
    assert letters.letters_since(s, "a" * 64, "r" * 64, NOW) == (0, 1)


def test_a_link_of_a_password_lasts_until_it_expires_or_one_is_set(database: Database) -> None:
    def holder(secret_hash: str, at: datetime) -> str | None:
        with database.read() as s:
            user = users.user_of_link(s, secret_hash, at)
        return user.name if user else None

    later = NOW + timedelta(hours=1)
    with database.begin() as s:
        for name in ("rita", "edda"):
            users.add_user(s, name, Role.READER, "", NOW)
            found = users.user_named(s, name)
            assert found
            users.add_link(s, found[0].id, name[0] * 64, later, NOW)
    assert [holder("r" * 64, NOW), holder("e" * 64, NOW)] == ["rita", "edda"]
    assert holder("r" * 64, later) is None
    with database.begin() as s:
        users.set_password(s, "rita", "hash")
    assert [holder("r" * 64, NOW), holder("e" * 64, NOW)] == [None, "edda"]


def test_a_note_is_removed_by_its_writer_alone(s: Session) -> None:
    made = users.add_note(s, "A1", "rita", "one\ntwo", NOW)
    assert [one.text for one in users.notes_about(s, "a1")] == ["one\ntwo"]
    assert not users.remove_note(s, made, "edda")
    assert users.remove_note(s, made, None)
    assert users.notes_about(s, "A1") == []
