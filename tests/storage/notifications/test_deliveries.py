"""What becomes of deliveries that a person sends again, or whose channel is put off."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from sqlalchemy import select, update

from crawler.ingest.ingest import ingest
from storage.database.session import Database, Session
from storage.database.statements import plain
from storage.notifications.deliveries import count_undelivered, postpone, resend, undelivered
from storage.notifications.digests import claim_digest
from storage.notifications.tables import Deliveries
from storage.subscription import Subscription
from tests.storage.given import NOW, judged

OFFICE = Subscription("office", channels=("mail",))
LATER = NOW + timedelta(hours=5)
TOMORROW = NOW + timedelta(days=1)
# A delivery in each state that there is, by its recipient.
STATES: dict[str, dict[str, object]] = {
    "accepted": {"state": "accepted", "attempts": 1, "settled_at": NOW},
    "failing": {"state": "waiting", "attempts": 3, "last_error": "busy"},
    "given-up": {"state": "failed", "attempts": 9, "last_error": "no", "settled_at": NOW},
    "given-up-too": {"state": "failed", "attempts": 9, "last_error": "no", "settled_at": NOW},
    "new": {"state": "waiting", "attempts": 0},
    "sending": {"state": "leased", "attempts": 1},
}


def claimed(s: Session) -> dict[str, int]:
    """The ids of the deliveries of one digest, by recipient."""
    ingest(s, [judged(1)], [OFFICE], now=NOW, run_id=None, crawl=True, max_age_days=30)
    digest = claim_digest(s, OFFICE, NOW, recipients={"mail": list(STATES)})
    assert digest is not None
    ids = {one.recipient: one.id for one in digest.deliveries}
    for recipient, values in STATES.items():
        this = update(Deliveries).where(Deliveries.id == ids[recipient])
        s.execute(this.values(next_try_at=TOMORROW, **values))
    return ids


def due(s: Session) -> dict[str, tuple[str, int, datetime]]:
    """State, attempts and next try of all that is not as `claimed` left it."""
    return {
        one.recipient: (one.state, one.attempts, one.next_try_at)
        for one in s.execute(select(plain(Deliveries)))
        if one.next_try_at != TOMORROW or one.state != STATES[one.recipient]["state"]
    }


@pytest.mark.parametrize(
    ("recipient", "becomes"),
    [
        ("given-up", {"given-up": ("waiting", 0, LATER)}),
        ("failing", {"failing": ("waiting", 3, LATER)}),
        ("sending", {}),
        ("accepted", {}),
    ],
)
def test_what_is_sent_again_is_due_alone_unless_it_arrived_or_is_being_sent(
    database: Database, recipient: str, becomes: dict[str, tuple[str, int, datetime]]
) -> None:
    with database.begin() as s:
        resend(s, claimed(s)[recipient], LATER)
        assert due(s) == becomes


def test_what_was_given_up_or_failed_is_undelivered_and_nothing_else(database: Database) -> None:
    with database.begin() as s:
        claimed(s)
        found = [one.recipient for one in undelivered(s)]
        assert sorted(found) == ["failing", "given-up", "given-up-too"]
        assert count_undelivered(s) == 3


def test_only_what_waits_and_is_due_is_put_off_with_its_channel(database: Database) -> None:
    with database.begin() as s:
        claimed(s)
        assert postpone(s, "mail", LATER, "down", LATER) == 0
        assert postpone(s, "chat", TOMORROW, "down", LATER) == 0
        assert due(s) == {}
        assert postpone(s, "mail", TOMORROW, "down", LATER) == 2
        assert due(s) == {"failing": ("waiting", 3, LATER), "new": ("waiting", 0, LATER)}
