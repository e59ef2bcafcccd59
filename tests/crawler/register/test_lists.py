"""Rows of lists: the steps of one row belong together, two rows of one list never do."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from crawler.register.partition import partition
from storage.records import DateBasis, Status, Topic
from storage.register.entry import Report
from storage.register.list_rows import ListRow, is_listed, row_of
from tests.crawler.register.given import groups, life, report

SIGNED_ON = date(2007, 10, 10)
IN_FORCE: dict[str, Any] = {"status": Status.IN_FORCE, "event_date": date(2021, 1, 1)}


def row(document_id: int, key: str, list_id: str = "ours", **changes: Any) -> Report:
    """A step of a row as the import stores it: without a day of publication."""
    stored: dict[str, Any] = {
        "event_date": SIGNED_ON,
        "published_on": None,
        "copy_group": f"{list_id}/{key}",
    }
    clues = (ListRow(list_id, key).to_clue(),)
    return report(document_id, clues=clues, **stored | changes)


def test_the_steps_of_a_row_belong_together_however_many_years_lie_between() -> None:
    (agreement,) = partition([row(1, "a"), row(2, "a", **IN_FORCE)], [])
    assert life(agreement) == [("signed", "2007-10-10", [1]), ("in_force", "2021-01-01", [2])]


def test_two_rows_of_one_list_are_two_agreements_even_of_the_same_day() -> None:
    rows = [row(1, "a"), row(2, "b"), row(3, "a", **IN_FORCE), row(4, "b", **IN_FORCE)]
    assert groups(partition(rows, [])) == [[1, 3], [2, 4]]


def test_rows_of_two_lists_are_compared_like_any_other_reports() -> None:
    visa: dict[str, Any] = {"topics": (Topic.VISA,)}
    rows = [row(1, "a"), row(2, "b", **visa), row(3, "x", "yours"), row(4, "y", "yours", **visa)]
    assert groups(partition(rows, [])) == [[1, 3], [2, 4]]


def test_a_report_of_a_later_step_joins_the_row() -> None:
    later = report(3, status=Status.SUSPENDED, event_date=date(2025, 3, 6))
    (agreement,) = partition([row(1, "a"), row(2, "a", **IN_FORCE), later], [])
    assert agreement.status is Status.SUSPENDED


def test_a_report_that_recalls_the_day_of_a_row_is_a_mention() -> None:
    recalling = report(3, event_date=SIGNED_ON, published_on=date(2025, 3, 6))
    (agreement,) = partition([row(1, "a"), recalling], [])
    assert agreement.mentions == (3,)


@pytest.mark.parametrize(
    ("source_id", "listed"), [("list:ours", True), ("apanews", False), (None, False)]
)
def test_the_source_says_whether_a_document_is_a_row(source_id: str | None, listed: bool) -> None:
    assert is_listed(source_id) is listed


def test_a_row_is_read_from_the_clues() -> None:
    stored = (ListRow("ours", "a/b").to_clue(), "num:5")
    assert row_of(stored) == ListRow("ours", "a/b")
    assert row_of(("num:5",)) is None


RECALLING = {
    "status": Status.SIGNED,
    "event_date": date(2026, 11, 27),
    "event_date_basis": DateBasis.PUBLISHED,
}


@pytest.mark.parametrize(
    ("changes", "is_mention"),
    [
        ({"clues": ("ref:2007-10-10:lead:agreement",)}, True),
        ({"clues": ("ref:2007-10-10:body:agreement",)}, False),
        ({"clues": ("ref:2007-10-10:lead:agreement:other",)}, False),
        ({"clues": ("ref:2007-10-11:lead:agreement",)}, False),
        (
            {
                "clues": ("ref:2007-10-10:lead:agreement",),
                "event_date_basis": DateBasis.TEXT,
            },
            False,
        ),
    ],
    ids=["its day in the lead", "in the body", "of another", "another day", "a day of its own"],
)
def test_a_signature_that_only_recalls_the_day_of_a_row_is_a_mention(
    changes: dict[str, Any], is_mention: bool
) -> None:
    """Without a row there is a new agreement: nobody knows that the old one was told before."""
    recalling = report(2, **{**RECALLING, **changes})
    found = partition([row(1, "a"), recalling], [])
    assert [one.mentions for one in found] == ([(2,)] if is_mention else [(), ()])
    first = report(1, event_date=SIGNED_ON)
    assert len(partition([first, recalling], [])) == 2
