"""The steps of one agreement: which reports tell them, their status and their day."""

from __future__ import annotations

from datetime import date

import pytest

from crawler.clues import VAGUE
from crawler.register.partition import partition
from storage.records import DateBasis, Status
from storage.register.records import Agreement, Pin, PinKind
from tests.crawler.register.given import life, report

SIGNED = report(1)
PUBLISHED = {"event_date_basis": DateBasis.PUBLISHED}


def only(*reports: object, pins: tuple[Pin, ...] = ()) -> Agreement:
    (agreement,) = partition(list(reports), pins)  # type: ignore[arg-type]  # of any fields
    return agreement


def test_what_a_text_only_implies_is_no_step_in_the_days_after_another() -> None:
    stopped = report(2, status=Status.SUSPENDED, event_date=date(2019, 2, 19), clues=(VAGUE,))
    assert life(only(SIGNED, stopped)) == [("signed", "2019-02-14", [1, 2])]


def test_what_a_text_tells_in_so_many_words_is_a_step_a_few_days_after_another() -> None:
    stopped = report(2, status=Status.SUSPENDED, event_date=date(2019, 2, 19))
    assert only(SIGNED, stopped).status is Status.SUSPENDED


def test_what_a_text_only_implies_is_still_told_where_nothing_else_is() -> None:
    assert life(only(report(1, clues=(VAGUE,)))) == [("signed", "2019-02-14", [1])]
    later = report(2, status=Status.RATIFIED, event_date=date(2019, 11, 5), clues=(VAGUE,))
    assert only(SIGNED, later).status is Status.RATIFIED


def test_who_tells_in_so_many_words_outvotes_those_who_imply() -> None:
    implying = [report(number, status=Status.CONCLUDED, clues=(VAGUE,)) for number in (2, 3, 4)]
    assert only(SIGNED, *implying).status is Status.SIGNED


def test_a_curator_who_corrects_a_status_tells_it_in_so_many_words() -> None:
    implied = report(2, status=Status.CONCLUDED, event_date=date(2019, 2, 19), clues=(VAGUE,))
    pin = Pin(PinKind.FIELD, 2, field="status", value="suspended")
    assert only(SIGNED, implied, pins=(pin,)).status is Status.SUSPENDED


@pytest.mark.parametrize(
    ("status", "day"),
    [(Status.CONCLUDED, date(2019, 3, 20)), (Status.NEGOTIATING, date(2019, 2, 18))],
)
def test_a_signature_is_not_undone_by_a_looser_word_for_it(status: Status, day: date) -> None:
    agreement = only(SIGNED, report(2, status=status, event_date=day, clues=("num:744",)))
    assert life(agreement) == [("signed", "2019-02-14", [1, 2])]


def test_nobody_reports_what_has_not_happened_yet() -> None:
    printed = report(2, event_date=date(2019, 2, 14), **PUBLISHED)
    dateline = report(1, event_date=date(2019, 2, 15))
    assert only(printed, dateline).event_date == date(2019, 2, 14)


def test_a_second_signing_a_week_later_is_its_own_day() -> None:
    printed = report(2, event_date=date(2019, 2, 14), **PUBLISHED)
    assert only(printed, report(1, event_date=date(2019, 2, 21))).event_date == date(2019, 2, 21)
