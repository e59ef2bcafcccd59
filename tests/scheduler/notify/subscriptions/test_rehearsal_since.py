"""What would have been told lately, read without the reports of earlier years."""

from __future__ import annotations

from contextlib import closing
from datetime import date, timedelta
from pathlib import Path

import pytest

from scheduler.notify.subscriptions.states import rehearse
from storage.filter import Filter
from storage.lists import queries
from storage.records import NewsKind, Status
from storage.subscription import Subscription
from tests.scheduler.given_digests import collect, configured, opened
from tests.storage.given import NOW, card, judged

OLD = date(2019, 5, 10)
TODAY = NOW.date()


def test_it_is_what_the_whole_register_says_of_these_days(tmp_path: Path) -> None:
    early = card(parties=("EG", "EU"), event_date=OLD)
    ratified = card(parties=("EG", "EU"), event_date=TODAY, status=Status.RATIFIED)
    undated = card(parties=("DE", "KE"), event_date=OLD)
    long_ago = card(parties=("IT", "TN"), event_date=OLD)
    chosen = configured(tmp_path)
    database = opened(chosen)
    try:
        news = (
            judged(1, card=early, published_on=OLD),
            judged(2, card=ratified, published_on=TODAY),
            judged(3, card=undated, published_on=None),
            judged(4, card=long_ago, published_on=OLD),
        )
        collect(database, chosen, *news, now=NOW)
        since, wanted = TODAY - timedelta(days=89), Subscription("any", ())
        with database.read() as s:
            whole, _ = rehearse(s, wanted, TODAY)
            lately, _ = rehearse(s, wanted, TODAY, since)
            read = queries.agreements(s, Filter(), reported_since=since)
    finally:
        database.close()
    assert lately == [item for item in whole if item.on >= since]
    assert {item.step.document_ids for item in lately} == {(2,), (3,)}
    assert {agreement.parties for agreement in read} == {("EG", "EU"), ("DE", "KE")}


@pytest.mark.parametrize(
    ("news", "kinds"),
    [
        ((NewsKind.NEW_AGREEMENT, NewsKind.NEW_STEP), [NewsKind.NEW_AGREEMENT, NewsKind.NEW_STEP]),
        ((NewsKind.NEW_AGREEMENT,), [NewsKind.NEW_AGREEMENT]),
        ((NewsKind.NEW_STEP,), [NewsKind.NEW_STEP, NewsKind.NEW_STEP]),
    ],
)
def test_the_first_stage_is_a_new_agreement_only_for_who_wants_these(
    tmp_path: Path, news: tuple[NewsKind, ...], kinds: list[NewsKind]
) -> None:
    signed = card(parties=("EG", "EU"), event_date=OLD)
    ratified = card(parties=("EG", "EU"), event_date=TODAY, status=Status.RATIFIED)
    chosen = configured(tmp_path)
    with closing(opened(chosen)) as database:
        told = (
            judged(1, card=signed, published_on=OLD),
            judged(2, card=ratified, published_on=TODAY),
        )
        collect(database, chosen, *told, now=NOW)
        with database.read() as s:
            items, _ = rehearse(s, Subscription("any", (), news=news), TODAY)
    assert [item.kind for item in reversed(items)] == kinds


def test_a_stage_is_told_on_the_day_of_its_first_report(tmp_path: Path) -> None:
    days = (OLD, OLD + timedelta(days=2))
    with closing(opened(configured(tmp_path))) as database:
        reports = [judged(n, outlet=f"paper {n}", published_on=day) for n, day in enumerate(days)]
        collect(database, configured(tmp_path), *reports, now=NOW)
        with database.read() as s:
            ((item,), _) = rehearse(s, Subscription("any", ()), TODAY)
    assert (item.on, len(item.step.document_ids)) == (OLD, 2)
