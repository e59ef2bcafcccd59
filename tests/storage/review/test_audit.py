"""The draw of silent documents for the audit, and the count of its answers."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from storage.database.session import Database, Session, open_database
from storage.documents.documents import Origin, prune_unmatched, store
from storage.documents.verdicts import replace_verdict
from storage.records import Judged, Judgement
from storage.register.decisions import add_decision, set_undone
from storage.register.entry import Decision, DecisionKind, Pin, PinKind
from storage.review.audit import Group, group_of, tally, waiting, week_of
from storage.review.review_queue import answered
from storage.search.document_rows import DocumentRow
from tests.storage.given import add_pin, judged

TUESDAY = datetime(2026, 3, 3, 12, tzinfo=UTC)
NEXT_WEEK = TUESDAY + timedelta(weeks=1)


def silent(number: int, probability: float | None = None) -> Judged:
    one = judged(number, relevant=False)
    return replace(one, verdict=replace(one.verdict, probability=probability))


def keep(s: Session, one: Judged, at: datetime = TUESDAY) -> int:
    return store(s, one, Origin(at)).document_id


def keep_many(s: Session, read: int, unread: int, at: datetime = TUESDAY) -> None:
    """Numbers from 1 on: first those that the judge read, then the others."""
    for number in range(1, read + unread + 1):
        keep(s, silent(number, 0.01 if number <= read else None), at)


def answer(s: Session, document_id: int, kind: PinKind, group: Group) -> int:
    decided = {
        PinKind.RELEVANT: DecisionKind.RELEVANT,
        PinKind.IRRELEVANT: DecisionKind.IRRELEVANT,
    }
    pins = (Pin(kind, document_id), Pin(PinKind.AUDIT, document_id, value=group))
    number = add_decision(s, Decision(decided[kind], pins, "amina", "read", NEXT_WEEK))
    if kind is PinKind.RELEVANT:
        one = silent(document_id)  # judged anew: today's gate may be another one
        replace_verdict(s, document_id, Judgement(one.verdict), one.fingerprint, NEXT_WEEK)
    return number


def numbers(drawn: list[DocumentRow]) -> list[int]:
    return [row.id for row in drawn]


def test_a_draw_takes_three_fifths_from_what_the_judge_read(s: Session) -> None:
    keep_many(s, read=20, unread=60)
    keep(s, judged(91))
    keep(s, judged(92, relevant=False, near_miss=True))
    drawn = waiting(s, 5, NEXT_WEEK)
    assert [group_of(row) for row in drawn] == [Group.READ] * 3 + [Group.UNREAD] * 2
    assert {week_of(row.first_seen_at.date()) for row in drawn if row.first_seen_at} == {"2026-W10"}
    assert all((number <= 20) == (at < 3) for at, number in enumerate(numbers(drawn)))


def steps_of(asked: Callable[[Session], object], s: Session) -> int:
    """How often SQLite did a hundred steps meanwhile."""
    connection, steps = s.connection.dbapi_connection, list[int]()
    assert connection is not None
    connection.set_progress_handler(lambda: steps.append(1), 100)
    asked(s)
    connection.set_progress_handler(None, 0)
    return len(steps)


def test_a_draw_reads_no_documents_that_came_after_its_weeks(sqlite_url: str) -> None:
    database = open_database(sqlite_url)
    with database.begin() as s:
        keep_many(s, read=5, unread=20)
        before = steps_of(lambda s: waiting(s, 5, NEXT_WEEK), s)
        for number in range(100, 700):
            keep(s, silent(number), NEXT_WEEK)
        assert steps_of(lambda s: waiting(s, 5, NEXT_WEEK), s) < before + 10
    database.close()


def test_counting_answers_asks_no_document_that_nobody_answered(sqlite_url: str) -> None:
    database = open_database(sqlite_url)
    with database.begin() as s:
        keep_many(s, read=5, unread=0)
        before = steps_of(answered, s)
        for number in range(100, 700):
            keep(s, silent(number, 0.01))
        assert steps_of(answered, s) < before + 10
    database.close()


def test_every_run_draws_the_same_whatever_order_documents_came_in(sqlite_url: str) -> None:
    draws = []
    for name, order in (("one", range(1, 41)), ("two", range(40, 0, -1))):
        database = open_database(sqlite_url.replace(".db", f"-{name}.db"))
        with database.begin() as s:
            for number in order:
                keep(s, silent(number))
            draws.append([row.url for row in waiting(s, 10, NEXT_WEEK)])
        database.close()
    assert draws[0] == draws[1]
    assert len(draws[0]) == 4


def test_a_week_is_drawn_from_when_it_is_over_and_lapses_after_a_month(s: Session) -> None:
    keep_many(s, read=0, unread=30)
    sunday = datetime(2026, 3, 8, 23, 59, tzinfo=UTC)
    found = [
        len(waiting(s, 5, now))
        for now in (
            sunday,
            sunday + timedelta(minutes=1),
            sunday + timedelta(weeks=4),
            sunday + timedelta(weeks=4, minutes=1),
        )
    ]
    assert found == [0, 2, 2, 0]


def test_nothing_is_drawn_where_the_audit_is_off(s: Session) -> None:
    keep_many(s, read=5, unread=5)
    assert waiting(s, 0, NEXT_WEEK) == []


@pytest.mark.parametrize("kind", [PinKind.IRRELEVANT, PinKind.RELEVANT])
def test_an_answered_document_is_not_replaced_by_another(s: Session, kind: PinKind) -> None:
    keep_many(s, read=20, unread=60)
    before = waiting(s, 5, NEXT_WEEK)
    first = before[0]
    number = answer(s, first.id, kind, group_of(first))
    assert waiting(s, 5, NEXT_WEEK) == before[1:]
    set_undone(s, number, "ben", NEXT_WEEK)
    if kind is PinKind.IRRELEVANT:
        assert waiting(s, 5, NEXT_WEEK) == before


def test_a_document_without_its_text_does_not_wait(s: Session) -> None:
    keep_many(s, read=0, unread=30)
    prune_unmatched(s, NEXT_WEEK)
    assert waiting(s, 5, NEXT_WEEK) == []


def test_answers_are_counted_by_group_with_what_they_stand_for(database: Database) -> None:
    with database.begin() as s:
        keep_many(s, read=20, unread=60)
        for number in (91, 92):
            keep(s, judged(number))
        add_pin(s, Pin(PinKind.IRRELEVANT, 82))
        keep(s, judged(93, relevant=False, near_miss=True))
        keep(s, silent(94), at=NEXT_WEEK)
        answer(s, 1, PinKind.RELEVANT, Group.READ)
        answer(s, 2, PinKind.IRRELEVANT, Group.READ)
        answer(s, 30, PinKind.IRRELEVANT, Group.UNREAD)
        found = tally(s)
    assert (found.weeks, found.documents, found.found) == (("2026-W10",), 83, 1)
    assert found.groups == {Group.READ: (20, 2, 1), Group.UNREAD: (60, 1, 0)}


def test_answers_of_the_audit_are_not_those_of_the_review(s: Session) -> None:
    keep_many(s, read=3, unread=0)
    answer(s, 1, PinKind.RELEVANT, Group.READ)
    answer(s, 2, PinKind.IRRELEVANT, Group.READ)
    assert answered(s) == (0, 0)
