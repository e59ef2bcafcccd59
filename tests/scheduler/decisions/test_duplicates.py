"""What a person is asked about duplicates, and that an answer ends the question."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from sqlalchemy import insert, update

from crawler.ingest.ingest import ingest
from crawler.register.fields import agreement_of
from crawler.register.linkage.board import Placing
from crawler.register.linkage.timing import Point
from scheduler.decisions import curation
from scheduler.decisions.curator import Curator
from storage.database.session import Database
from storage.records import Judged, Status, Topic
from storage.register.entry import Doubt, PinKind
from storage.register.tables import Agreements
from storage.review.duplicates import Duplicate, duplicates
from tests.crawler.register.given import report
from tests.growth import calls_of
from tests.storage.given import NOW, card, judged

AMINA = Curator("amina", "looked at both", NOW)
SIGNED = {"status": Status.SIGNED, "event_date": date(2026, 3, 10)}


def told(number: int, **changes: Any) -> Judged:
    """A report whose text is like no other one."""
    text = " ".join(f"word{number * 40 + each}" for each in range(40))
    return judged(number, card=card(**changes), title=f"Report {number}", text=text)


def register(database: Database, *news: Judged) -> None:
    with database.begin() as s:
        ingest(s, news, (), now=NOW, run_id=None, crawl=False, max_age_days=None)


def asked(database: Database) -> list[Duplicate]:
    with database.read() as s:
        return duplicates(s)


def test_a_second_signature_is_asked_about_until_somebody_says_which_it_is(
    database: Database,
) -> None:
    again = {"status": Status.SIGNED, "event_date": date(2026, 6, 12)}
    register(database, told(1, **SIGNED), told(2, **again))
    assert asked(database) == [Duplicate("A1", None, 2, 94, False)]
    with database.begin() as s:
        together = curation.keep_together(s, 2, AMINA)
    assert asked(database) == []
    with database.begin() as s:
        curation.undo(s, together.number, AMINA)
    assert len(asked(database)) == 1
    with database.begin() as s:
        parted = curation.split(s, "A1", [2], AMINA)
    assert (parted.home, parted.other) == ("A1", "A2")
    assert asked(database) == []


def test_entries_of_one_day_are_asked_about_unless_topics_or_kinds_differ(
    database: Database,
) -> None:
    near = {"status": Status.SIGNED, "event_date": date(2026, 3, 12)}
    register(
        database,
        told(1, topics=(Topic.LABOUR,), instrument=None, **SIGNED),
        told(2, topics=(Topic.TRAFFICKING,), instrument=None, **near),
    )
    assert asked(database) == []
    with database.begin() as s:
        s.execute(update(Agreements).where(Agreements.id == 2).values(topics=["labour_mobility"]))
    assert asked(database) == [Duplicate("A1", "A2", None, 2, False)]
    with database.begin() as s:
        apart = curation.keep_apart(s, "A1", "A2", AMINA)
    assert (apart.home, apart.other) == ("A1", "A2")
    assert asked(database) == []
    with database.begin() as s:
        curation.undo(s, apart.number, AMINA)
        s.execute(update(Agreements).values(topics=["labour_mobility"]))
        assert len(duplicates(s)) == 1
        s.execute(update(Agreements).where(Agreements.id == 1).values(instrument="treaty"))
        s.execute(update(Agreements).where(Agreements.id == 2).values(instrument="declaration"))
        assert duplicates(s) == []


def test_twice_the_entries_of_a_corridor_cost_twice_as_much(database: Database) -> None:
    entry: dict[str, Any] = {
        "title": "",
        "parties": ["IT", "TN"],
        "topics": [],
        "reasons": [],
        "doubts": [],
    }
    entry |= {"links": [], "grade_by": "", "last_reported_on": NOW.date()}
    entry |= {"changed_at": NOW, "minted_at": NOW}
    days = [date(2010, 1, 1) + timedelta(days=5 * number) for number in range(400)]
    calls = []
    for half in (days[:200], days[200:]):
        with database.begin() as s:
            s.execute(insert(Agreements), [{**entry, "event_date": day} for day in half])
            assert duplicates(s) == []
            calls.append(calls_of(lambda: duplicates(s)))
    assert calls[1] < 2.5 * calls[0]


def test_a_close_decision_is_asked_about(database: Database) -> None:
    register(database, told(1, **SIGNED), told(2, parties=("IT", "TN"), **SIGNED))
    with database.begin() as s:
        s.execute(update(Agreements).where(Agreements.id == 2).values(doubts=[[2, False, 1]]))
        assert duplicates(s) == [Duplicate("A1", "A2", None, 0, True)]
        s.execute(update(Agreements).where(Agreements.id == 2).values(doubts=[[2, True, None]]))
        assert duplicates(s) == [Duplicate("A2", None, 2)]


def test_only_close_placings_are_doubts_and_none_that_a_person_decided() -> None:
    points = (Point(1.0, "same parties"),)
    sure, close = Placing(1, points, 4.0, None, 9), Placing(2, points, 1.2, None, 1)
    both, placings = [report(1), report(2)], {1: sure, 2: close}
    assert agreement_of(both, placings, {}).doubts == (Doubt(2, joined=True),)
    assert agreement_of(both, placings, {2: PinKind.MUST_LINK}).doubts == ()
    assert agreement_of(both[1:], placings, {}).doubts == (Doubt(2, joined=False, other=1),)
