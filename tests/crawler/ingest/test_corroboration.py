"""What two independent outlets report is an alert; copies, other parties and other days lift
nothing.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from itertools import count

import pytest

from crawler.clues import VAGUE
from crawler.ingest.corroboration import DAYS, LEAST_PROBABILITY, is_corroborated
from crawler.ingest.ingest import Ingested, ingest, rejudge
from crawler.register.fingerprint import fingerprint
from storage.database.session import Database, Session
from storage.documents.copies import near_duplicates, stored_verdict
from storage.filter import Filter
from storage.queries import agreements
from storage.records import Judged, Reason, Status, Topic
from storage.register.records import Pin, PinKind
from storage.subscription import Subscription
from tests.storage.given import CARD, NOW, add_pin, judged

BY_RULE = Subscription("by-rule", ("file",), filter=Filter(rules=("signing",)))
DAY = date(2026, 3, 11)
_NUMBERS = count(1)
ONE_TEXT = (
    "The ministers of Italy and Tunisia spoke about returns of migrants in Rome on Monday. " * 4
)
OTHER_TEXT = (
    "Tunis is to take people back from Italy more quickly, two officials said after the meeting. "
    * 4
)


def waiting(
    outlet: str,
    text: str,
    *,
    parties: tuple[str, ...] = ("IT", "TN"),
    on: date = DAY,
    probability: float | None = 0.3,
    topics: tuple[Topic, ...] = (Topic.READMISSION,),
    status: Status | None = CARD.status,
) -> Judged:
    """A document that waits for review."""
    facts = replace(CARD, parties=parties, topics=topics, status=status, event_date=on)
    number = next(_NUMBERS)
    one = judged(
        number,
        card=facts,
        near_miss=True,
        relevant=False,
        text=text,
        outlet=outlet,
        published_on=on,
    )
    return replace(one, verdict=replace(one.verdict, probability=probability, registers=False))


def put(s: Session, *ones: Judged, told: Subscription | None = None) -> Ingested:
    return ingest(
        s, ones, [told] if told else (), now=NOW, run_id=None, crawl=False, max_age_days=None
    )


def agreements_in(database: Database) -> int:
    with database.read() as s:
        return len(agreements(s, Filter()))


@pytest.mark.parametrize("together", [True, False])
def test_two_outlets_make_an_alert_whichever_comes_first(
    database: Database, together: bool
) -> None:
    first, second = waiting("a.example", ONE_TEXT), waiting("b.example", OTHER_TEXT)
    with database.begin() as s:
        if together:
            put(s, first, second)
        else:
            put(s, first)
            done = put(s, second)
            assert done.relevant == 2
    assert agreements_in(database) == 1


def test_what_was_lifted_says_why_and_keeps_what_else_was_found(database: Database) -> None:
    first, second = waiting("a.example", ONE_TEXT), waiting("b.example", OTHER_TEXT)
    marks = fingerprint(first.document.title, ONE_TEXT)
    with database.begin() as s:
        put(s, judged(900))  # stored before, and about others
        assert put(s, first, told=BY_RULE).pending == 0
        assert put(s, judged(901, relevant=False), second, told=BY_RULE).pending == 1
        for document_id, one, other in ((2, first, "b.example"), (4, second, "a.example")):
            verdict, clues, quote = stored_verdict(s, document_id)
            assert quote == one.quote != ""
            assert (verdict.relevant, verdict.near_miss) == (True, False)
            assert verdict.reasons[0] == Reason(f"also reported by {other}", 0.0)
            assert clues == ("year:2026",)
        assert 2 in near_duplicates(s, marks, "en")
    with database.read() as s:
        (entry,) = agreements(s, Filter(parties=("TN",)))
        assert {one for step in entry.history for one in step.document_ids} == {2, 4}


def test_one_outlet_alone_waits(database: Database) -> None:
    with database.begin() as s:
        put(s, waiting("a.example", ONE_TEXT))
    assert agreements_in(database) == 0


@pytest.mark.parametrize(
    "other",
    [
        waiting("b.example", ONE_TEXT),
        waiting("a.example", OTHER_TEXT),
        waiting("b.example", OTHER_TEXT, parties=("IT", "LY")),
        waiting("b.example", OTHER_TEXT, on=DAY - timedelta(days=DAYS + 1)),
        waiting("b.example", OTHER_TEXT, probability=LEAST_PROBABILITY / 2),
        waiting("b.example", OTHER_TEXT, probability=None),
        waiting("b.example", OTHER_TEXT, topics=()),
        waiting("b.example", OTHER_TEXT, status=None),
    ],
    ids=[
        "a copy",
        "the same outlet",
        "other parties",
        "another day",
        "hardly a report",
        "nobody knows",
        "another subject",
        "no step",
    ],
)
def test_what_is_not_independent_lifts_nothing(database: Database, other: Judged) -> None:
    with database.begin() as s:
        put(s, waiting("a.example", ONE_TEXT), other)
    assert agreements_in(database) == 0


def test_a_text_that_only_implies_its_step_is_not_lifted(database: Database) -> None:
    """The other outlet's text may be: it tells the step in so many words."""
    told, implied = waiting("a.example", ONE_TEXT), waiting("b.example", OTHER_TEXT)
    implied = replace(implied, clues=(VAGUE,))
    with database.begin() as s:
        numbers = [one.document_id for one in put(s, told, implied).stored if one]
        outcomes = [stored_verdict(s, number)[0].outcome for number in numbers]
        assert outcomes == ["alert", "review"]
        assert not is_corroborated(s, numbers[1], implied)
        assert is_corroborated(s, numbers[0], told)


def test_what_a_person_ruled_out_speaks_for_nothing(database: Database) -> None:
    with database.begin() as s:
        first = put(s, waiting("a.example", ONE_TEXT)).stored[0]
        assert first is not None
        pin = Pin(PinKind.IRRELEVANT, first.document_id, who="a", why="no step")
        add_pin(s, pin)
        put(s, waiting("b.example", OTHER_TEXT))
    assert agreements_in(database) == 0


def test_judged_again_both_stay_alerts(database: Database) -> None:
    first, second = waiting("a.example", ONE_TEXT), waiting("b.example", OTHER_TEXT)
    with database.begin() as s:
        stored = [one for one in put(s, first, second).stored if one is not None]
        again = dict(zip((one.document_id for one in stored), (first, second), strict=True))
        assert all(is_corroborated(s, document_id, one) for document_id, one in again.items())
        rejudge(s, again.items(), (), now=NOW, max_age_days=30)
    assert agreements_in(database) == 1


def test_one_outlet_alone_is_not_corroborated(database: Database) -> None:
    alone = waiting("a.example", ONE_TEXT)
    with database.begin() as s:
        stored = put(s, alone).stored[0]
        assert stored is not None
        assert not is_corroborated(s, stored.document_id, alone)
