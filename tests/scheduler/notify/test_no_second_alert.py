"""What becomes known of an entry after its alert makes no second one, though the entry reads differently."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from scheduler.configuration.config import Configuration
from scheduler.notify.deliver import send_due
from storage.database.session import Database
from storage.notifications.outbox import queue_changes
from storage.records import Grade, Status
from storage.register.agreements import load_agreements
from storage.register.blocks import read_block
from storage.register.entry import Agreement
from storage.register.saving import save
from tests.scheduler.given_digests import collect, configured
from tests.storage.given import NOW, judged

AT_ONCE = "subscriptions:\n  - {id: everything, channels: [file], rate: immediately}\n"
LATER = NOW + timedelta(days=1)


@pytest.fixture
def chosen(tmp_path: Path) -> Configuration:
    return configured(tmp_path, AT_ONCE)


def sent(database: Database, chosen: Configuration) -> int:
    """Digests that go out now."""
    return send_due(database, chosen, now=LATER).delivered


def recluster(database: Database, chosen: Configuration, *agreements: Agreement) -> None:
    """Put the register's reports together another way, and queue what that makes news."""
    with database.begin() as s:
        known = {
            document
            for agreement in load_agreements(s, range(1, 10))
            for document in agreement.document_ids
        }
        reports = read_block(s, known)[0]
        changes = save(s, reports, agreements, LATER)
        queue_changes(s, chosen.subscriptions, changes, now=LATER, oldest=None)


def stored(database: Database) -> list[Agreement]:
    with database.read() as s:
        return load_agreements(s, range(1, 10))


def test_one_that_stood_in_a_line_is_no_news_once_it_is_sure(
    database: Database, chosen: Configuration
) -> None:
    collect(database, chosen, judged(1), now=NOW)
    assert sent(database, chosen) == 1
    assert [one.grade for one in stored(database)] == [Grade.UNCONFIRMED]
    other = judged(2)
    other = replace(other, document=replace(other.document, outlet="Another"))
    collect(database, chosen, other, now=LATER)
    assert [one.grade for one in stored(database)] == [Grade.LIKELY]
    assert sent(database, chosen) == 0


def test_a_status_that_better_rules_read_differently_is_no_news(
    database: Database, chosen: Configuration
) -> None:
    collect(database, chosen, judged(1), now=NOW)
    assert sent(database, chosen) == 1
    (one,) = stored(database)
    recluster(
        database,
        chosen,
        replace(
            one, status=Status.RATIFIED, history=(replace(one.history[0], status=Status.RATIFIED),)
        ),
    )
    assert sent(database, chosen) == 0
