"""How sure each agreement is, as it is stored: with each report, decision and official source."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from crawler.ingest.ingest import ingest
from crawler.ingest.vouching import note_sources, why_certain
from scheduler.decisions import curation
from scheduler.decisions.curation import Curator
from storage.database.session import Database, Session
from storage.filter import Filter, Reviewed
from storage.notifications.outbox import begin
from storage.queries import agreements, search
from storage.records import Grade, GradeBasis, Judged, Source, SourceKind
from storage.register.records import Agreement
from storage.search.counts import agreement_overview
from storage.subscription import Subscription
from tests.storage.given import NOW, card, judged
from tests.storage.pending import pending

SURE = (Grade.CONFIRMED, Grade.LIKELY)
CAREFUL = Subscription("careful", ("file",), filter=Filter(grades=SURE))
MINISTRY = Source("ministry", SourceKind.FEED, "https://www.interior.example/rss", official=True)


def report(number: int, probability: float | None = None, **values: Any) -> Judged:
    one = judged(number, **values)
    return replace(one, verdict=replace(one.verdict, probability=probability))


def put(database: Database, *ones: Judged, told: Subscription | None = None) -> None:
    subscriptions = [told] if told else []
    with database.begin() as s:
        ingest(s, ones, subscriptions, now=NOW, run_id=None, crawl=False, max_age_days=None)


def note(database: Database, *sources: Source, told: Subscription | None = None) -> None:
    subscriptions = [told] if told else []
    note_sources(database, sources, subscriptions, now=NOW, max_age_days=30)


def only(database: Database) -> Agreement:
    with database.read() as s:
        (found,) = agreements(s, Filter())
    return found


def sure(database: Database) -> GradeBasis:
    return only(database).grade_basis


def owed_to(database: Database, subscription: Subscription) -> int:
    with database.read() as s:
        return len(pending(s, subscription.id))


def test_an_independent_outlet_makes_it_surer_and_a_copy_does_not(database: Database) -> None:
    put(database, report(1, 0.5, outlet="a.example"))
    assert sure(database) is GradeBasis.DOUBTFUL
    copy = report(1, 0.5, outlet="b.example", external_id="copy", url="https://b.example/1")
    put(database, copy)
    assert len(only(database).document_ids) == 2
    assert sure(database) is GradeBasis.DOUBTFUL
    put(database, report(3, 0.5, outlet="c.example"))
    assert sure(database) is GradeBasis.SEVERAL
    with database.read() as s:
        grounds = why_certain(s, only(database))
    assert len(grounds.outlets) == 2
    assert "c.example" in grounds.outlets


def test_an_answer_of_a_person_is_seen_at_once_and_undone(database: Database) -> None:
    put(database, report(1, 0.5))
    with database.begin() as s:
        decided = curation.correct(s, 1, "place", "Rabat", Curator("amina", "looked it up", NOW))
    assert sure(database) is GradeBasis.PERSON
    with database.read() as s:
        assert why_certain(s, only(database)).who == "amina"
    with database.begin() as s:
        curation.undo(s, decided.number, Curator("ben", "no", NOW))
    assert sure(database) is GradeBasis.DOUBTFUL


def test_an_entry_is_confirmed_as_it_is_and_the_confirmation_undone(database: Database) -> None:
    put(database, report(1, 0.5), report(2, 0.6, outlet="news.example"))
    before = only(database)
    with database.begin() as s:
        decided = curation.confirm(s, "A1", Curator("amina", "read it", NOW))
        assert set(answered_reports(s)) == {1, 2}
    assert only(database) == replace(
        before, grade_basis=GradeBasis.PERSON, grade_by="amina", grade_at=NOW
    )
    put(database, report(3, 0.6, outlet="news.example"))
    assert sure(database) is GradeBasis.PERSON
    with database.begin() as s:
        curation.undo(s, decided.number, Curator("ben", "no", NOW))
        assert not list(answered_reports(s))
    assert sure(database) is GradeBasis.DOUBTFUL


def answered_reports(s: Session) -> list[int]:
    return [row.id for row in search(s, Filter(reviewed=Reviewed.YES))]


def test_a_report_of_an_official_source_or_host_makes_it_official(database: Database) -> None:
    note(database, MINISTRY)
    put(database, report(1, source_id="ministry"))
    assert sure(database) is GradeBasis.OFFICIAL
    put(database, report(2, card=card(parties=("IT", "TN")), url="https://interior.example/2"))
    with database.read() as s:
        assert {one.grade_basis for one in agreements(s, Filter())} == {GradeBasis.OFFICIAL}


def test_a_source_that_is_called_official_later_counts_for_what_is_stored(
    database: Database,
) -> None:
    put(database, report(1, source_id="ministry"))
    note(database, replace(MINISTRY, official=False))
    assert sure(database) is GradeBasis.SINGLE
    note(database, MINISTRY)
    assert sure(database) is GradeBasis.OFFICIAL
    note(database)
    assert sure(database) is GradeBasis.SINGLE


def test_a_subscription_that_waits_for_sure_ones_is_told_when_one_becomes_sure(
    database: Database,
) -> None:
    with database.begin() as s:
        begin(s, [CAREFUL], NOW)
    put(database, report(1, outlet="a.example"), told=CAREFUL)
    assert owed_to(database, CAREFUL) == 0
    put(database, report(2, outlet="b.example"), told=CAREFUL)
    put(database, report(3, outlet="c.example"), told=CAREFUL)
    assert owed_to(database, CAREFUL) == 1


def test_it_is_told_of_what_a_change_of_the_configuration_makes_official(
    database: Database,
) -> None:
    with database.begin() as s:
        begin(s, [CAREFUL], NOW)
    put(database, report(1, source_id="ministry"), told=CAREFUL)
    note(database, MINISTRY, told=CAREFUL)
    assert owed_to(database, CAREFUL) == 1
    note(database, MINISTRY, told=CAREFUL)
    assert owed_to(database, CAREFUL) == 1


def test_searches_and_counts_know_it(database: Database) -> None:
    italy = card(parties=("IT", "TN"))
    other = report(3, 0.5, card=italy, outlet="Another")
    put(database, report(1, 0.5), report(2, 0.9, card=italy), other)
    with database.read() as s:
        (found,) = agreements(s, Filter(grades=(Grade.UNCONFIRMED,)))
        _, has = agreement_overview(s, Filter())
        facets = {name: dict(n) for name, n in has.items()}
    assert found.parties == ("MA", "NE")
    assert facets["grade"] == {"likely": 1, "unconfirmed": 1}


def test_the_canonical_name_of_the_place_is_kept_beside_what_the_text_says(
    database: Database,
) -> None:
    put(database, report(1, card=card(place="العاصمة المغربية", place_key="rabat")))
    assert (only(database).place, only(database).place_key) == ("العاصمة المغربية", "rabat")
