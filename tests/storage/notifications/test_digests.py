"""Digests of many items, and which reports were fresh when they came in."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from storage.database.session import Database, Session
from storage.filter import Filter
from storage.notifications import deliveries, digests
from storage.notifications.digests import Item, page_count, page_of
from storage.notifications.outbox import begin, fresh_arrivals, running
from storage.records import Judged, NewsKind, Status
from storage.subscription import Subscription
from tests.storage.counting import statements
from tests.storage.filing import put
from tests.storage.given import NOW, card, deliveries_of, judged

EVERYTHING = Subscription("all", channels=("file",), news=tuple(NewsKind))
DAY = timedelta(days=1)


def agreements_of(count: int) -> list[Judged]:
    """Each of parties of its own, a near miss and a text that changes beside it."""
    made = []
    for number in range(count):
        pair = (f"X{chr(65 + number)}", f"Y{chr(65 + number)}")
        made.append(judged(number, card=card(parties=pair)))
        made.append(judged(100 + number, relevant=False, near_miss=True))
    return made


def collect(database: Database, documents: list[Judged]) -> None:
    with database.begin() as s:
        put(s, documents, (EVERYTHING,))


def asked_to_claim(database: Database, subscription: Subscription = EVERYTHING) -> tuple[int, int]:
    """How many items a digest has, and how many statements its claim takes."""
    with statements(database) as asked, database.begin() as s:
        claimed = digests.claim_digest(s, subscription, NOW)
    assert claimed is not None
    return len(claimed.items), len(asked)


def test_a_digest_of_many_items_asks_no_more_than_one_of_few(database: Database) -> None:
    collect(database, agreements_of(2))
    few = asked_to_claim(database)
    collect(database, [replace_text(one) for one in agreements_of(2)])
    changed = asked_to_claim(database)
    many_documents = [
        judged(1000 + number, card=card(parties=(f"Z{chr(65 + number)}", "ZZ")))
        for number in range(20)
    ]
    near = [judged(2000 + number, relevant=False, near_miss=True) for number in range(20)]
    collect(database, [*many_documents, *near])
    many = asked_to_claim(database)
    collect(database, [replace_text(one) for one in [*many_documents, *near]])
    many_changed = asked_to_claim(database)
    assert (few[0], many[0]) == (4, 40)
    assert many[1] <= few[1]
    assert (changed[0], many_changed[0]) == (2, 20)
    assert many_changed[1] <= changed[1]


def replace_text(one: Judged) -> Judged:
    document = replace(one.document, text=f"{one.document.text} The text was changed later.")
    return replace(
        one,
        document=document,
        fingerprint=replace(one.fingerprint, text_hash=f"{document.title} later"),
    )


@pytest.mark.parametrize("count", [1, 30])
def test_what_does_not_arrive_is_asked_once_and_without_what_is_long_past(
    database: Database, count: int
) -> None:
    collect(database, agreements_of(1))
    recipients = {"file": [f"reader-{number}" for number in range(count + 2)]}
    with database.begin() as s:
        claimed = digests.claim_digest(s, EVERYTHING, NOW, None, recipients)
        assert claimed is not None
        *old, lost, late = deliveries_of(s, claimed)
        for delivery in old:
            deliveries.failed(s, delivery.id, NOW - 40 * DAY, "550 no such mailbox", None)
        deliveries.failed(s, lost.id, NOW, "550 no such mailbox", None)
    for attempt in range(3):
        with database.begin() as s:
            assert [one.id for one in deliveries.not_arriving(s, NOW - 30 * DAY, 3)] == [lost.id]
            deliveries.lease_next(s, "file", NOW + attempt * DAY, 60)
            deliveries.failed(s, late.id, NOW, "no answer", NOW + (attempt + 1) * DAY)
    with statements(database) as asked, database.read() as s:
        assert [one.id for one in deliveries.not_arriving(s, NOW - 30 * DAY, 3)] == [
            lost.id,
            late.id,
        ]
        assert deliveries.count_undelivered(s) == count + 2
    assert len(asked) == 2


def test_notices_stand_on_the_first_page_alone_and_none_is_an_entry() -> None:
    told = [Item(NewsKind.NEW_AGREEMENT, f"A{number}", (number,)) for number in range(1, 6)]
    items = [Item(NewsKind.SOURCE_HEALTH, None, (), "fleuve is silent"), *told]
    assert page_count(items, 2) == 3
    pages = [page_of(items, number, 2)[0] for number in (1, 2, 3)]
    health = [[item.detail for item in page if item.agreement_id is None] for page in pages]
    assert health == [["fleuve is silent"], [], []]
    assert [len(page) for page in pages] == [3, 2, 1]


OFFICE = Subscription("office", channels=("file",))
LATER = NOW + timedelta(days=3)


def test_a_subscription_begins_when_it_is_first_seen(s: Session) -> None:
    assert running(s, [OFFICE]) == {}
    begin(s, [OFFICE], NOW)
    assert begin(s, [OFFICE], LATER) == running(s, [OFFICE]) == {"office": NOW}


@pytest.mark.parametrize(
    "changed",
    [
        replace(OFFICE, filter=Filter(parties=("MA",))),
        replace(OFFICE, filter=Filter(statuses=(Status.SIGNED,))),
        replace(OFFICE, news=(NewsKind.NEW_STEP,)),
    ],
)
def test_one_that_wants_something_else_begins_anew_but_was_seen_before(
    s: Session, changed: Subscription
) -> None:
    begin(s, [OFFICE], NOW)
    assert running(s, [changed]) == {}
    assert begin(s, [changed], LATER) == running(s, [changed]) == {"office": LATER}


def test_its_name_rate_and_channels_are_not_what_it_wants(s: Session) -> None:
    begin(s, [OFFICE], NOW)
    renamed = replace(
        OFFICE, name="The office", rate="hourly", channels=("mail",), language="fr", max_items=9
    )
    assert running(s, [renamed]) == {"office": NOW}


class LaterFilter(Filter):
    """The filter as a later version may have it."""

    later: tuple[str, ...] = ()


def test_a_field_that_filters_get_later_begins_no_subscription_anew(s: Session) -> None:
    office = replace(OFFICE, filter=Filter(parties=("MA",), since=NOW.date()))
    values = dict(office.filter)
    upgraded = replace(office, filter=LaterFilter(**values))
    begin(s, [office], NOW)
    assert begin(s, [upgraded], LATER) == {"office": NOW}
    edited = replace(office, filter=LaterFilter(**values, later=("said",)))
    assert begin(s, [edited], LATER) == {"office": LATER}


def test_fresh_reports_are_those_of_the_last_days_when_they_came_in(s: Session) -> None:
    old = judged(1, published_on=NOW.date() - timedelta(days=31))
    put(s, [old, judged(2)], max_age_days=30)
    assert fresh_arrivals(s, NOW) == [2]
    assert fresh_arrivals(s, LATER) == []
