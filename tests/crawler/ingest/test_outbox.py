"""What is pending and what was notified: each step once, whatever the register does afterwards."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import delete, select

from crawler.ingest.clustering import cluster
from crawler.ingest.ingest import Ingested, ingest, rejudge
from storage.database.session import Database, Session
from storage.documents.official import note_official
from storage.filter import DaysOf, Filter
from storage.lists.queries import agreements
from storage.notifications import user_subscriptions
from storage.notifications.deliveries import (
    Delivery,
    delivered,
    failed,
    lease_next,
    next_try_at,
    resend,
    undelivered,
)
from storage.notifications.digests import Claimed, Item, claim_digest, digest, last_period, preview
from storage.notifications.notifier import STEP_NEWS, notified_among
from storage.notifications.outbox import (
    first_seen_at,
    missed_notifications,
    oldest_news,
    pending_documents,
    queue_changes,
    queue_missed,
    queue_notice,
    waiting_since,
    was_fresh,
)
from storage.notifications.tables import PendingNotifications
from storage.records import GradeBasis, Judged, NewsKind, Status
from storage.register.entry import Pin, PinKind
from storage.source import Source, SourceKind
from storage.subscription import Subscription
from tests.storage.given import NOW, add_pin, card, deliveries_of, judged, kept_mail
from tests.storage.pending import pending

DAILY = Subscription("daily", channels=("file", "mail"))
EVERYTHING = replace(DAILY, id="all", news=tuple(NewsKind))
STEPS = Subscription("steps", channels=("file",), news=(NewsKind.NEW_STEP,))
RATIFIED = card(status=Status.RATIFIED, event_date=date(2026, 9, 1))
HOUR = timedelta(hours=1)
MINISTRY = Source("ministry", SourceKind.FEED, "https://gov.example/rss", official=True)


def collect(
    s: Session,
    documents: Sequence[Judged],
    *subscriptions: Subscription,
    crawl: bool = False,
    days: int = 0,
) -> Ingested:
    now = NOW + timedelta(days=days)
    oldest = 30 if crawl else None
    return ingest(
        s, documents, subscriptions, now=now, run_id=None, crawl=crawl, max_age_days=oldest
    )


def claim(
    s: Session, subscription: Subscription = DAILY, **options: Any
) -> list[tuple[str, tuple[int, ...]]]:
    """Kinds and documents of the items claimed; empty where there was nothing to send."""
    claimed = claim_digest(s, subscription, NOW, **options)
    return (
        [(item.kind.value, tuple(sorted(item.document_ids))) for item in claimed.items]
        if claimed
        else []
    )


def ratification(number: int, **document: Any) -> Judged:
    return judged(number, card=RATIFIED, published_on=date(2026, 9, 2), **document)


def test_an_agreement_is_notified_once_with_all_its_reports(s: Session) -> None:
    assert collect(s, [judged(1), judged(2)], DAILY).pending == 1
    assert collect(s, [judged(3)], DAILY).pending == 0
    assert claim(s) == [("new_agreement", (1, 2, 3))]
    assert claim(s) == []
    assert pending(s, "daily") == []


def test_of_a_subscription_that_ends_during_a_crawl_nothing_is_kept(database: Database) -> None:
    with database.begin() as s:
        ended, lasting = (user_subscriptions.add(s, kept_mail()) for _ in range(2))
    theirs = [replace(DAILY, id=f"person-{number}") for number in (ended, lasting)]
    named_alike = replace(DAILY, id="person-in-charge")  # of the configuration
    with database.begin() as s:
        user_subscriptions.end(s, ended)
        assert collect(s, [judged(1)], *theirs, named_alike).pending == 2
        assert sorted(waiting_since(s)) == [f"person-{lasting}", "person-in-charge"]
        assert first_seen_at(s, f"person-{ended}") is None


def test_only_what_is_held_back_waits_for_another_digest(s: Session) -> None:
    collect(s, [judged(1), judged(2, card=card(parties=("IT", "TN")))], DAILY)
    assert claim(s, held_back={1}) == [("new_agreement", (2,))]
    assert claim(s) == [("new_agreement", (1,))]


def test_a_late_report_tells_nothing_of_a_step_that_is_held_back(s: Session) -> None:
    collect(s, [judged(1)], EVERYTHING)
    claim(s, EVERYTHING)
    collect(s, [ratification(2), judged(3)], EVERYTHING)
    assert claim(s, EVERYTHING, held_back={2}) == [("new_report", (3,))]
    assert claim(s, EVERYTHING) == [("new_step", (2,))]


def test_each_report_was_fresh_or_old_by_itself(s: Session) -> None:
    old = judged(2, published_on=NOW.date() - timedelta(days=40))
    collect(s, [judged(1), old, judged(3, relevant=False)], DAILY, crawl=True)
    assert [was_fresh(s, number) for number in (1, 2, 3)] == [True, False, None]


def test_importing_again_queues_nothing(s: Session) -> None:
    collect(s, [judged(1)], DAILY)
    assert collect(s, [judged(1)], DAILY).pending == 0
    claim(s)
    assert collect(s, [judged(1)], DAILY).pending == 0


def test_a_late_report_is_no_second_alert(s: Session) -> None:
    collect(s, [judged(1)], DAILY)
    claim(s)
    assert collect(s, [judged(2)], DAILY).pending == 0
    assert claim(s) == []


def test_a_late_report_is_notified_to_who_asked_for_reports(s: Session) -> None:
    collect(s, [judged(1), judged(2)], EVERYTHING)
    assert claim(s, EVERYTHING) == [("new_agreement", (1, 2))]
    assert collect(s, [judged(3)], EVERYTHING).pending == 1
    assert claim(s, EVERYTHING) == [("new_report", (3,))]
    assert collect(s, [judged(3)], EVERYTHING).pending == 0


def test_an_old_report_is_no_news_because_a_fresh_one_came_with_it(s: Session) -> None:
    french = replace(EVERYTHING, filter=Filter(languages=("fr",)))
    old = judged(2, language="fr", published_on=NOW.date() - timedelta(days=40))
    collect(s, [judged(1, language="fr")], french)
    claim(s, french)
    fresh = judged(3, language="ar")
    assert collect(s, [old, fresh], french, crawl=True).pending == 0
    assert collect(s, [judged(4, language="fr")], french, crawl=True).pending == 1


def test_a_new_step_is_notified(s: Session) -> None:
    collect(s, [judged(1)], DAILY)
    claim(s)
    assert collect(s, [ratification(2)], DAILY).pending == 1
    assert claim(s) == [("new_step", (2,))]


def test_two_steps_at_once_are_one_item(s: Session) -> None:
    collect(s, [judged(1), ratification(2)], DAILY)
    assert claim(s) == [("new_agreement", (1, 2))]


def test_who_follows_steps_only_hears_of_each(s: Session) -> None:
    collect(s, [judged(1)], STEPS)
    assert claim(s, STEPS) == [("new_step", (1,))]


def test_subscriptions_are_notified_apart(s: Session) -> None:
    spain = replace(DAILY, id="spain", filter=Filter(parties=("ES",)))
    collect(s, [judged(1)], DAILY, spain)
    assert claim(s, spain) == []
    assert claim(s) == [("new_agreement", (1,))]
    assert collect(s, [judged(2, card=card(parties=("ES", "MA")))], DAILY, spain).pending == 2


def test_a_split_of_what_a_digest_reported_is_no_news(s: Session) -> None:
    collect(s, [judged(1), judged(2), judged(3)], DAILY)
    claim(s)
    assert owe_split(s, 3, (1, 2)) == 0
    collect(s, [judged(4)], DAILY)
    assert claim(s) == []


def test_a_late_report_that_no_digest_reported_is_news_once_it_stands_apart(
    s: Session,
) -> None:
    collect(s, [judged(1), judged(2)], DAILY)
    claim(s)
    collect(s, [judged(3)], DAILY)  # late: its step is notified already
    assert owe_split(s, 3, (1, 2)) == 1
    assert claim(s) == [("new_agreement", (3,))]


def owe_split(s: Session, document_id: int, others: Sequence[int]) -> int:
    for other in others:
        add_pin(s, Pin(PinKind.CANNOT_LINK, document_id, other, at=NOW))
    changes = cluster(s, [document_id], NOW)
    assert len(agreements(s, Filter())) == 2
    return queue_changes(s, [DAILY], changes, now=NOW, oldest=oldest_news(NOW, 30))


def test_an_agreement_that_hid_in_another_is_notified_with_what_comes_after(
    s: Session,
) -> None:
    libya = card(parties=("LY", "NE"))
    collect(s, [judged(1), judged(2)], DAILY)
    claim(s)
    collect(s, [judged(3)], DAILY)
    done = rejudge(s, [(3, judged(3, card=libya))], [DAILY], now=NOW, max_age_days=30)
    assert done.pending == 1
    collect(s, [judged(4, card=libya)], DAILY)
    assert len(agreements(s, Filter())) == 2
    assert claim(s) == [("new_agreement", (3, 4))]


def test_of_a_report_notified_under_other_parties_these_are_kept(s: Session) -> None:
    libya = card(parties=("LY", "TD"))
    collect(s, [judged(1), judged(2)], DAILY)
    collect(s, [judged(3, card=libya)])
    add_pin(s, Pin(PinKind.MUST_LINK, 1, 3, at=NOW))
    cluster(s, [1, 3], NOW)
    assert claim(s) == [("new_agreement", (1, 2, 3))]
    assert notified_among(s, DAILY.id, STEP_NEWS, [1, 2, 3]) == {(1, ""), (2, ""), (3, "MA-NE")}


def test_a_step_whose_reports_all_name_other_parties_is_notified_once(s: Session) -> None:
    collect(s, [judged(1)], DAILY)
    add_pin(s, Pin(PinKind.FIELD, 1, field="parties", value="FR,IT", at=NOW))
    changes = cluster(s, [1], NOW)
    queue_changes(s, [DAILY], changes, now=NOW, oldest=None)
    assert claim(s) == [("new_agreement", (1,))]
    assert missed_notifications(s, [DAILY], NOW) == []


def test_a_corrected_field_tells_who_did_not_want_it_before(s: Session) -> None:
    spain = replace(DAILY, id="spain", filter=Filter(parties=("ES",)))
    collect(s, [judged(1)], spain)
    add_pin(s, Pin(PinKind.FIELD, 1, field="parties", value="ES,MA", at=NOW))
    assert (
        queue_changes(s, [spain], cluster(s, [1], NOW), now=NOW, oldest=oldest_news(NOW, 30)) == 1
    )


def test_a_corrected_day_tells_who_did_not_want_it_before(s: Session) -> None:
    later = replace(DAILY, id="later", filter=Filter(since=date(2026, 3, 11)))
    assert collect(s, [judged(1)], later).pending == 0
    add_pin(s, Pin(PinKind.FIELD, 1, field="event_date", value="2026-03-11", at=NOW))
    assert (
        queue_changes(s, [later], cluster(s, [1], NOW), now=NOW, oldest=oldest_news(NOW, 30)) == 1
    )


def test_a_day_that_is_announced_later_tells_who_waits_for_it(s: Session) -> None:
    april = Filter(by=DaysOf.EXPECTED, since=date(2026, 4, 1))
    announced = judged(1, card=card(expected_on=date(2026, 4, 1)))
    waiting = replace(DAILY, id="april", filter=april)
    assert collect(s, [judged(1)], waiting).pending == 0
    assert rejudge(s, [(1, announced)], [waiting], now=NOW, max_age_days=30).pending == 1


def test_another_reason_for_the_same_grade_tells_who_waits_for_it(s: Session) -> None:
    by_person = replace(DAILY, id="person", filter=Filter(bases=(GradeBasis.PERSON,)))
    official = judged(1, source_id="ministry")
    note_official(s, [MINISTRY])
    assert collect(s, [official], by_person).pending == 0
    add_pin(s, Pin(PinKind.CONFIRMED, 1, who="amina", at=NOW))
    changes = cluster(s, [1], NOW)
    assert queue_changes(s, [by_person], changes, now=NOW, oldest=oldest_news(NOW, 30)) == 1


def test_what_was_known_before_a_subscription_began_is_no_news_when_it_moves(
    s: Session,
) -> None:
    collect(s, [judged(1), judged(2)])
    later = NOW + timedelta(hours=1)
    assert queue_changes(s, [DAILY], [], now=later, oldest=oldest_news(later, 30)) == 0
    add_pin(s, Pin(PinKind.CANNOT_LINK, 1, 2, at=NOW))
    assert (
        queue_changes(s, [DAILY], cluster(s, [1], later), now=later, oldest=oldest_news(later, 30))
        == 0
    )
    assert missed_notifications(s, [DAILY], NOW) == []


def test_what_a_fault_left_out_is_found_and_queued(s: Session) -> None:
    collect(s, [judged(1)], DAILY)
    s.execute(delete(PendingNotifications))
    (missed,) = missed_notifications(s, [DAILY], NOW)
    assert (missed[0], missed[1].id) == ("daily", "A1")
    assert missed_notifications(s, [DAILY], NOW + HOUR) == []  # of an hour later there is nothing
    assert queue_missed(s, [DAILY], NOW, NOW) == [missed]
    assert queue_missed(s, [DAILY], NOW, NOW) == []
    assert claim(s) == [("new_agreement", (1,))]


def test_a_merge_after_the_alert_is_no_news(s: Session) -> None:
    collect(s, [judged(1)], DAILY)
    claim(s)
    collect(s, [judged(2, card=card(parties=("LY", "NE"), status=Status.RATIFIED))], DAILY)
    assert claim(s) == [("new_agreement", (2,))]
    add_pin(s, Pin(PinKind.MUST_LINK, 1, 2, at=NOW))
    changes = cluster(s, [1, 2], NOW)
    assert len(agreements(s, Filter())) == 1
    assert queue_changes(s, [DAILY], changes, now=NOW, oldest=None) == 0
    assert claim(s) == []


def test_a_merge_before_the_alert_makes_one_item(s: Session) -> None:
    collect(s, [judged(1), judged(2, card=card(parties=("LY", "NE")))], DAILY)
    add_pin(s, Pin(PinKind.MUST_LINK, 1, 2, at=NOW))
    cluster(s, [1, 2], NOW)
    assert claim(s) == [("new_agreement", (1, 2))]


def test_a_merge_into_a_notified_step_before_the_alert_takes_it_back(s: Session) -> None:
    collect(s, [judged(1)], DAILY)
    claim(s)
    collect(s, [judged(2, card=card(parties=("LY", "NE")))], DAILY)
    add_pin(s, Pin(PinKind.MUST_LINK, 1, 2, at=NOW))
    cluster(s, [1, 2], NOW)
    assert claim(s) == []


def test_what_became_irrelevant_is_not_notified(s: Session) -> None:
    collect(s, [judged(1)], DAILY)
    add_pin(s, Pin(PinKind.IRRELEVANT, 1, at=NOW))
    cluster(s, [1], NOW)
    assert claim(s) == []


def test_a_crawl_queues_nothing_old_and_an_import_everything(s: Session) -> None:
    old: dict[str, Any] = {"published_on": NOW.date() - timedelta(days=31)}
    assert collect(s, [judged(1, **old)], DAILY, crawl=True).pending == 0
    assert collect(s, [judged(2, card=card(parties=("LY", "NE")), **old)], DAILY).pending == 1
    young: dict[str, Any] = {"published_on": NOW.date() - timedelta(days=30)}
    assert (
        collect(s, [judged(3, card=card(parties=("LY", "MA")), **young)], DAILY, crawl=True).pending
        == 1
    )
    undated = judged(4, card=card(parties=("LY", "TD")), published_on=None)
    assert collect(s, [undated], DAILY, crawl=True).pending == 1


def test_fresh_news_of_an_agreement_that_was_never_notified_is_news(s: Session) -> None:
    collect(s, [judged(1, published_on=NOW.date() - timedelta(days=31))], DAILY, crawl=True)
    assert collect(s, [judged(2)], DAILY, crawl=True).pending == 1
    assert claim(s) == [("new_agreement", (1, 2))]


def test_near_misses_and_changes_are_notified_to_who_asks(s: Session) -> None:
    collect(s, [judged(1, relevant=False, near_miss=True), judged(2)], DAILY, EVERYTHING)
    assert claim(s, EVERYTHING) == [("new_agreement", (2,)), ("near_miss", (1,))]
    assert claim(s) == [("new_agreement", (2,))]
    for text in ("It was amended.", "It was amended.", "It was amended again."):
        collect(s, [judged(2, text=text)], DAILY, EVERYTHING)
    assert claim(s, EVERYTHING) == [("changed_document", (2,))] * 2
    assert claim(s) == []


def test_a_changed_text_that_a_curator_ruled_out_is_no_news(s: Session) -> None:
    collect(s, [judged(1)], EVERYTHING)
    claim(s, EVERYTHING)
    add_pin(s, Pin(PinKind.IRRELEVANT, 1, at=NOW))
    cluster(s, [1], NOW)
    assert collect(s, [judged(1, text="It was amended.")], EVERYTHING).pending == 0


def test_a_notice_goes_to_who_asks(s: Session) -> None:
    assert (
        queue_notice(s, [DAILY, EVERYTHING], NewsKind.SOURCE_HEALTH, "rabat-news is silent", NOW)
        == 1
    )
    claimed = claim_digest(s, EVERYTHING, NOW)
    assert claimed is not None
    assert claimed.items == (Item(NewsKind.SOURCE_HEALTH, None, (), "rabat-news is silent"),)
    assert claim(s, EVERYTHING) == []


@pytest.mark.parametrize(
    ("wanted", "count"),
    [
        (Filter(languages=("en",)), 1),
        (Filter(languages=("fr",)), 0),
        (Filter(sources=("news.example",)), 1),
        (Filter(sources=("ministry",)), 1),
        (Filter(sources=("elsewhere.example",)), 0),
        (Filter(min_score=7.5), 1),
        (Filter(min_score=7.6), 0),
        (Filter(since=date(2026, 3, 10)), 1),  # the day of the step, as in lists
        (Filter(since=date(2026, 3, 11)), 0),
        (Filter(until=date(2026, 3, 9)), 0),
        (Filter(statuses=(Status.SIGNED,)), 1),
        (Filter(statuses=(Status.RATIFIED,)), 0),
    ],
)
def test_a_filter_asks_what_the_report_is(s: Session, wanted: Filter, count: int) -> None:
    made = judged(1, source_id="ministry", outlet="news.example")
    assert collect(s, [made], replace(DAILY, filter=wanted), crawl=True).pending == count


def test_a_filter_asks_for_the_status_of_the_step_not_of_the_agreement(s: Session) -> None:
    signed = replace(DAILY, id="signed", filter=Filter(statuses=(Status.SIGNED,)))
    collect(s, [judged(1), ratification(2)], signed)
    assert claim(s, signed) == [("new_agreement", (1,))]
    assert collect(s, [ratification(3)], signed).pending == 0


def test_a_late_report_of_a_pending_step_is_pending_with_it(s: Session) -> None:
    collect(s, [judged(1)], DAILY)
    collect(s, [judged(2)], DAILY)
    (row,) = s.execute(select(PendingNotifications.id, PendingNotifications.agreement_id)).all()
    assert row.agreement_id == 1
    assert pending_documents(s, [row.id]) == {row.id: (1, 2)}


def test_a_subscription_to_new_agreements_hears_of_no_later_step(s: Session) -> None:
    agreements_only = replace(DAILY, id="new", news=(NewsKind.NEW_AGREEMENT,))
    collect(s, [judged(1)], agreements_only)
    assert claim(s, agreements_only) == [("new_agreement", (1,))]
    assert collect(s, [ratification(2)], agreements_only).pending == 0
    assert missed_notifications(s, [agreements_only], NOW) == []


def test_a_near_miss_that_became_relevant_is_notified_as_what_it_is(s: Session) -> None:
    collect(s, [judged(1, relevant=False, near_miss=True)], EVERYTHING)
    rejudge(s, [(1, judged(1))], [EVERYTHING], now=NOW, max_age_days=30)
    assert claim(s, EVERYTHING) == [("new_agreement", (1,))]


def test_a_subscription_to_near_misses_hears_of_no_agreement(s: Session) -> None:
    near_misses = replace(DAILY, id="near", news=(NewsKind.NEAR_MISS,))
    assert collect(s, [judged(1)], near_misses).pending == 0


def test_what_comes_in_now_is_queued_even_if_the_subscription_began_on_a_clock_ahead(
    s: Session,
) -> None:
    collect(s, [judged(1, card=card(parties=("LY", "NE")))], DAILY, days=2)
    assert collect(s, [judged(2)], DAILY).pending == 1


def test_what_is_pending_is_listed_oldest_first(s: Session) -> None:
    libya = judged(2, card=card(parties=("LY", "NE")))
    collect(s, [judged(1), judged(3)], DAILY, STEPS)
    collect(s, [libya], DAILY, days=1)
    queue_notice(s, [EVERYTHING], NewsKind.SOURCE_HEALTH, "silent", NOW)
    first, second = pending(s, "daily")
    assert (first.kind, first.agreement_id, first.document_ids) == (
        NewsKind.NEW_AGREEMENT,
        "A1",
        (1, 2),
    )
    assert (second.agreement_id, second.document_ids) == ("A2", (3,))
    assert (first.subscription_id, first.pending_at, second.pending_at) == (
        "daily",
        NOW,
        NOW + timedelta(days=1),
    )
    assert first.id < second.id
    (notice,) = pending(s, "all")
    assert (notice.agreement_id, notice.document_ids) == (None, ())


def test_a_late_report_is_notified_once_to_who_asked_for_reports_however_often_it_moves(
    s: Session,
) -> None:
    reports = replace(DAILY, id="reports", news=(NewsKind.NEW_REPORT,))
    collect(s, [judged(1)], EVERYTHING, reports)
    claim(s, EVERYTHING)
    changes = collect(s, [judged(2)], EVERYTHING, reports).changes
    assert (
        queue_changes(s, [EVERYTHING], changes, now=NOW, oldest=oldest_news(NOW, 30)) == 0
    )  # pending already
    assert claim(s, EVERYTHING) == [("new_report", (2,))]
    assert (
        queue_changes(s, [EVERYTHING], changes, now=NOW, oldest=oldest_news(NOW, 30)) == 0
    )  # notified already


def test_a_changed_text_is_news_for_as_many_days_as_a_report(s: Session) -> None:
    edge: dict[str, Any] = {"published_on": NOW.date() - timedelta(days=30)}
    collect(s, [judged(1, **edge)], EVERYTHING, crawl=True)
    claim(s, EVERYTHING)
    assert (
        collect(s, [judged(1, text="It was amended.", **edge)], EVERYTHING, crawl=True).pending == 1
    )
    assert (
        collect(
            s, [judged(1, text="Amended again.", **edge)], EVERYTHING, crawl=True, days=1
        ).pending
        == 0
    )


def test_a_filter_with_words_reads_the_reports(s: Session) -> None:
    words = replace(DAILY, id="words", filter=Filter(query="ministers"))
    collect(s, [judged(1)], words)
    collect(s, [judged(2, text="Nothing but presidents.", card=card(parties=("LY", "NE")))], words)
    assert claim(s, words) == [("new_agreement", (1,))]


def test_words_are_looked_for_beside_subscriptions_without_any(s: Session) -> None:
    words = replace(DAILY, id="words", filter=Filter(query="ministers"))
    collect(s, [judged(1)], DAILY, words)
    assert claim(s, words) == claim(s, DAILY) == [("new_agreement", (1,))]


def test_a_preview_shows_what_would_go_out_and_claims_nothing(database: Database) -> None:
    with database.begin() as s:
        collect(s, [judged(1)], DAILY)
    with database.read() as s:
        shown = preview(s, DAILY, NOW)
    with database.begin() as s:
        claimed = claim_digest(s, DAILY, NOW)
        assert claimed is not None
        assert shown.items == claimed.items


# --- periods and deliveries -----------------------------------------------------------------------


def test_a_period_is_claimed_once(s: Session) -> None:
    collect(s, [judged(1)], DAILY)
    assert claim(s, period="2026-03-12") == [("new_agreement", (1,))]
    collect(s, [ratification(2)], DAILY)
    assert claim(s, period="2026-03-12") == []
    assert claim(s, period="2026-03-13") == [("new_step", (2,))]
    assert last_period(s, "daily") == "2026-03-13"


def test_an_empty_period_is_over_too_and_may_be_said(s: Session) -> None:
    assert claim_digest(s, DAILY, NOW, "2026-03-12") is None
    collect(s, [judged(1)], DAILY)
    assert claim_digest(s, DAILY, NOW, "2026-03-12") is None
    said = claim_digest(s, replace(DAILY, id="talkative", say_empty=True), NOW, "2026-03-12")
    assert said is not None
    assert (said.items, len(deliveries_of(s, said))) == ((), 2)


def lease_all(s: Session, now: datetime) -> list[Delivery]:
    leased = (lease_next(s, channel, now, 60) for channel in ("file", "mail"))
    return [delivery for delivery in leased if delivery is not None]


def claimed_digest(s: Session, **recipients: list[str]) -> Claimed:
    collect(s, [judged(1)], DAILY)
    claimed = claim_digest(s, DAILY, NOW, recipients=recipients)
    assert claimed is not None
    return claimed


def test_each_recipient_has_a_delivery_with_its_own_message_id(s: Session) -> None:
    claimed = claimed_digest(s, mail=["ana@example.org", "ben@example.org"])
    assert digest(s, claimed.digest_id) == claimed
    sent_to = [(delivery.channel, delivery.recipient) for delivery in deliveries_of(s, claimed)]
    assert sent_to == [("file", ""), ("mail", "ana@example.org"), ("mail", "ben@example.org")]
    assert len({delivery.message_id for delivery in deliveries_of(s, claimed)}) == 3


def test_a_delivery_is_leased_and_keeps_its_message_id(s: Session) -> None:
    before = deliveries_of(s, claimed_digest(s))
    first = lease_all(s, NOW)
    assert lease_all(s, NOW) == []
    again = lease_all(s, NOW + timedelta(seconds=60))  # whoever had them died
    ids = [[delivery.message_id for delivery in some] for some in (before, first, again)]
    assert ids[0] == ids[1] == ids[2]
    assert [delivery.attempts for delivery in again] == [2, 2]


def test_what_failed_is_tried_again_and_one_harms_no_other(s: Session) -> None:
    file, mail = deliveries_of(s, claimed_digest(s))
    lease_all(s, NOW)
    delivered(s, file.id, NOW)
    failed(s, mail.id, NOW, "451 try later", NOW + HOUR)
    assert next_try_at(s) == NOW + HOUR
    assert [waiting.last_error for waiting in undelivered(s)] == ["451 try later"]
    (retried,) = lease_all(s, NOW + HOUR)
    assert (retried.id, retried.attempts) == (mail.id, 2)


def test_what_was_given_up_stays_visible_and_can_be_sent_again(s: Session) -> None:
    file, mail = deliveries_of(s, claimed_digest(s))
    lease_all(s, NOW)
    delivered(s, file.id, NOW)
    failed(s, mail.id, NOW, "550 no such user", None)
    assert lease_all(s, NOW + 100 * HOUR) == []
    assert [given_up.id for given_up in undelivered(s)] == [mail.id]
    resend(s, mail.id, NOW)
    (again,) = lease_all(s, NOW)
    assert again.message_id == mail.message_id


def test_a_claim_that_is_rolled_back_claimed_nothing(database: Database) -> None:
    with database.begin() as s:
        collect(s, [judged(1)], DAILY)

    def die() -> None:
        with database.begin() as s:
            claim_digest(s, DAILY, NOW, "2026-03-12")
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        die()
    with database.begin() as s:
        assert lease_all(s, NOW) == []
        assert claim(s, period="2026-03-12") == [("new_agreement", (1,))]
