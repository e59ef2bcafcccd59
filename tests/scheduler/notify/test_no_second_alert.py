"""After the alert: reclustering, a merge, a split and a late report tell nobody again."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest

from scheduler.configuration.config import Configuration
from scheduler.notify.deliver import send_due
from storage.database.session import Database
from storage.notifications.outbox import queue_changes
from storage.records import Grade, Status
from storage.register.agreements import load_agreements
from storage.register.blocks import read_block
from storage.register.records import Agreement, Step
from storage.register.saving import save
from tests.scheduler.given_digests import collect, configured
from tests.storage.given import NOW, card, judged

AT_ONCE = "subscriptions:\n  - {id: everything, channels: [file], rate: immediately}\n"
LATER = NOW + timedelta(days=1)


@pytest.fixture
def chosen(tmp_path: Path) -> Configuration:
    return configured(tmp_path, AT_ONCE)


def told(database: Database, chosen: Configuration) -> int:
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
        queue_changes(s, chosen.subscriptions, changes, now=LATER, max_age_days=None)


def stored(database: Database) -> list[Agreement]:
    with database.read() as s:
        return load_agreements(s, range(1, 10))


def test_a_late_report_of_what_was_told(database: Database, chosen: Configuration) -> None:
    collect(database, chosen, judged(1), now=NOW)
    assert told(database, chosen) == 1
    collect(database, chosen, judged(2, language="fr", outlet="fleuve"), now=LATER)
    assert len(stored(database)) == 1
    assert told(database, chosen) == 0


def test_one_that_was_told_in_a_line_and_is_sure_now(
    database: Database, chosen: Configuration
) -> None:
    collect(database, chosen, judged(1), now=NOW)
    assert told(database, chosen) == 1
    assert [one.grade for one in stored(database)] == [Grade.UNCONFIRMED]
    other = judged(2)
    other = replace(other, document=replace(other.document, outlet="Another"))
    collect(database, chosen, other, now=LATER)
    assert [one.grade for one in stored(database)] == [Grade.LIKELY]
    assert told(database, chosen) == 0


def test_a_merge_of_two_that_were_told(database: Database, chosen: Configuration) -> None:
    other = card(parties=("MA", "SN"), party_scores=(("MA", 3.0), ("SN", 2.0)))
    collect(database, chosen, judged(1), judged(2, card=other), now=NOW)
    assert told(database, chosen) == 1
    first, second = stored(database)
    recluster(database, chosen, replace(first, id="", history=(*first.history, *second.history)))
    assert len(stored(database)) == 1
    assert told(database, chosen) == 0


def test_a_split_of_one_that_was_told(database: Database, chosen: Configuration) -> None:
    collect(database, chosen, judged(1), judged(2, language="fr"), now=NOW)
    assert told(database, chosen) == 1
    (one,) = stored(database)
    first, second = one.document_ids
    apart = [
        replace(one, id="", history=(Step(Status.SIGNED, date(2026, 3, 10), "", (document,)),))
        for document in (first, second)
    ]
    recluster(database, chosen, *apart)
    assert len(stored(database)) == 2
    assert told(database, chosen) == 0


def test_a_status_that_is_read_differently_by_better_rules(
    database: Database, chosen: Configuration
) -> None:
    collect(database, chosen, judged(1), now=NOW)
    assert told(database, chosen) == 1
    (one,) = stored(database)
    recluster(
        database,
        chosen,
        replace(
            one, status=Status.RATIFIED, history=(replace(one.history[0], status=Status.RATIFIED),)
        ),
    )
    assert told(database, chosen) == 0


def test_but_a_new_step_is_told(database: Database, chosen: Configuration) -> None:
    collect(database, chosen, judged(1), now=NOW)
    assert told(database, chosen) == 1
    ratified = card(status=Status.RATIFIED, event_date=date(2026, 6, 1))
    collect(database, chosen, judged(2, card=ratified, published_on=date(2026, 6, 2)), now=LATER)
    assert told(database, chosen) == 1
