"""The queue of documents that wait for a person's answer."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from storage.database.session import Database, Session
from storage.documents.documents import Origin, prune_unmatched, store
from storage.documents.verdicts import replace_verdict
from storage.filter import Filter
from storage.records import Judged, ReadFrame, Reason, SecondReading
from storage.register.entry import Pin, PinKind
from storage.review.review_queue import (
    answered,
    arrived,
    count_queue,
    count_waiting,
    is_waiting,
    queue,
    queued,
    read_judged,
)
from tests.storage.filing import put
from tests.storage.given import NOW, add_pin, card, judged, read_by_second

FRAME = ReadFrame(("MA", "NE"), "sign", "declaration", "migration", "ministers")
REASONS = (Reason("two parties", 1.25), Reason("title: sport", -0.5))


def unsure(number: int, probability: float | None, **document: Any) -> Judged:
    one = judged(number, relevant=False, near_miss=True, **document)
    verdict = replace(one.verdict, probability=probability, frame=FRAME, reasons=REASONS)
    return replace(one, verdict=verdict)


def keep(s: Session, one: Judged, days_later: int = 0) -> int:
    now = NOW + timedelta(days=days_later)
    return store(s, one, Origin(now)).document_id


def test_a_verdict_comes_back_with_what_the_judge_read(database: Database) -> None:
    one = unsure(1, 0.25)
    with database.begin() as s:
        number = keep(s, one)
    with database.read() as s:
        assert read_judged(s, number) == (one.document, one.verdict)


def test_the_most_probable_waits_first_and_the_unjudged_last(database: Database) -> None:
    with database.begin() as s:
        numbers = [keep(s, unsure(n, p)) for n, p in enumerate((0.1, None, 0.4))]
        keep(s, judged(8))
        keep(s, judged(9, relevant=False))
    with database.read() as s:
        assert [row.id for row in queue(s)] == [numbers[2], numbers[0], numbers[1]]
        assert [row.probability for row in queue(s, 1)] == [0.4]
        assert count_waiting(s) == 3
        assert (queue(s)[0].frame, queue(s)[0].card.parties) == (FRAME, ("MA", "NE"))


def test_an_answer_takes_a_document_out_of_the_queue(s: Session) -> None:
    no, yes, left = (keep(s, unsure(n, 0.2)) for n in range(3))
    add_pin(s, Pin(PinKind.IRRELEVANT, no))
    add_pin(s, Pin(PinKind.RELEVANT, yes))
    one = unsure(1, 0.2)
    replace_verdict(s, yes, one.judgement, one.fingerprint, NOW)
    assert [row.id for row in queue(s)] == [left]
    assert [is_waiting(s, number) for number in (no, yes, left)] == [False, False, True]
    assert answered(s) == (2, 1)


def test_the_queue_can_be_asked_for_what_is_new_and_fits(s: Session) -> None:
    old = keep(s, unsure(1, 0.1))
    new = keep(s, unsure(2, 0.2, language="fr"), days_later=2)
    later = NOW + timedelta(days=3)

    def found(flt: Filter, after: datetime | None = None, until: datetime = later) -> list[int]:
        return [row.id for row in arrived(s, flt, after, until)]

    assert found(Filter()) == [new, old]
    assert found(Filter(), after=NOW) == [new]
    assert found(Filter(), until=NOW) == [old]
    assert found(Filter(languages=("en",), corridors=("MA-NE",))) == [old]
    assert found(Filter(parties=("FR",))) == []
    assert found(Filter(query=" niamey ")) == [new, old]
    assert found(Filter(query=" lima ")) == []


def test_what_waits_keeps_its_text(s: Session) -> None:
    number = keep(s, unsure(1, 0.2))
    keep(s, judged(2, relevant=False))
    assert prune_unmatched(s, NOW + timedelta(days=400)) == 1
    assert read_judged(s, number) is not None


def test_what_an_answer_would_change_most_comes_first(s: Session) -> None:
    """An entry before what would make one, that before what adds to one, a refused one last."""
    elsewhere = card(parties=("KE", "DE"))

    def unclear(one: Judged) -> Judged:
        return read_by_second(one, SecondReading("unclear", "m", "p", NOW, doubt="quote"))

    made = (
        unsure(1, 0.6),  # MA and NE have an entry
        unsure(2, 0.1, card=elsewhere),
        unclear(unsure(3, 0.05, card=elsewhere)),
        read_by_second(unsure(4, 0.7), SecondReading("no", "m", "p", NOW, cause="politics")),
        unsure(5, None),
        judged(6),
        unsure(7, 0.2, card=elsewhere),
    )
    put(s, made)
    assert count_queue(s) == 7
    rows = queue(s)
    assert [row.id for row in rows] == [6, 3, 7, 2, 1, 5, 4]
    assert [row.agreement_id for row in rows if row.agreement_id] == ["A1"]
    for at, number in enumerate([6, 3, 7, 2, 1, 5, 4]):
        rest = [row.id for row in queue(s, after=number)]
        assert rest == [6, 3, 7, 2, 1, 5, 4][at + 1 :]
    assert [row.id for row in queue(s, 2, after=3)] == [7, 2]
    add_pin(s, Pin(PinKind.IRRELEVANT, 7))
    assert [row.id for row in queue(s, after=7)] == [2, 1, 5, 4]
    one = queued(s, 6)
    assert one is not None
    assert one.agreement_id == "A1"
    assert queued(s, 7) is None
