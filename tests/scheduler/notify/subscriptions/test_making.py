"""What a search is as the filter of a subscription, and from when on one is told what is new."""

from __future__ import annotations

from contextlib import closing
from datetime import timedelta
from pathlib import Path

from scheduler.configuration.query import query_of, read_query
from scheduler.configuration.user_subscriptions import everybody
from scheduler.notify.subscriptions import making
from storage.notifications import outbox, user_subscriptions
from tests.scheduler.given_digests import collect, configured, opened
from tests.storage.given import NOW, card, judged, kept_mail

QUERY = read_query(
    [
        ("q", 'visas "laissez-passer: #1" -sport'),
        *(("party", "no"), ("party", "EU"), ("group", "Maghreb Union"), ("corridor", "it-tn")),
        *(("topic", "visa"), ("instrument", "protocol"), ("status", "signed")),
        *(("language", "fr"), ("language", "und"), ("source", "le quotidien: dernière")),
        *(("rule", "own"), ("grade", "likely"), ("text", "missing"), ("agreement", "A17")),
    ]
)


def test_the_settings_of_a_search_mean_the_same_filter() -> None:
    assert query_of(QUERY.fields).filter == QUERY.filter


def test_a_subscription_is_told_what_comes_in_from_its_first_confirmation_on(
    tmp_path: Path,
) -> None:
    chosen = configured(tmp_path)
    with closing(opened(chosen)) as database:
        with database.begin() as s:
            number = user_subscriptions.add(s, kept_mail(confirmed_at=None))
        for at in (NOW, NOW + timedelta(hours=1)):
            making.confirm(database, chosen, number, at)
            making.confirm(database, chosen, number + 1, at)  # ended meanwhile: nothing to begin
        confirmed = [person.subscription for person in everybody(database, chosen).people]
        with database.read() as s:
            assert outbox.running(s, confirmed) == {f"person-{number}": NOW}


def test_who_subscribes_reads_what_the_last_ninety_days_would_have_brought(tmp_path: Path) -> None:
    with closing(opened(configured(tmp_path))) as database:
        days = [NOW.date() - timedelta(days=days) for days in (0, 89, 90)]
        cards = [card(parties=parties) for parties in (("MA", "NE"), ("IT", "TN"), ("DE", "KE"))]
        reports = [judged(n, card=cards[n], published_on=day) for n, day in enumerate(days)]
        collect(database, configured(tmp_path), *reports, now=NOW)
        with database.read() as s:
            assert making.would_have_sent(s, {}, NOW) == 2
