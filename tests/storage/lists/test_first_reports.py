"""Who reported an agreement first, and how long before the others."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

from storage.documents.official import Official
from storage.lists.first_reports import FirstReport, Lead, first_report
from storage.records import Card
from storage.search.document_rows import DocumentRow

OFFICIAL = Official(frozenset({"ministry"}), frozenset({"interior.example"}))
LIVE = datetime(2026, 1, 9, 8, 0, tzinfo=UTC)


def row(number: int, outlet: str, on: date | None, seen: datetime, **values: Any) -> DocumentRow:
    return DocumentRow(
        id=number,
        external_id=None,
        title="t",
        outlet=outlet,
        language="en",
        url=values.pop("url", f"https://{outlet}/{number}"),
        published_on=on,
        score=7.0,
        card=Card(),
        agreement_id="A1",
        quote="",
        first_seen_at=seen,
        **values,
    )


def found(*rows: DocumentRow) -> FirstReport:
    copy_group = first_report(rows, OFFICIAL)
    assert copy_group is not None
    return copy_group


def test_hours_are_counted_where_both_came_in_live() -> None:
    first = row(2, "fleuve.example", date(2026, 1, 9), LIVE)
    own = row(3, "www.Fleuve.example", date(2026, 1, 9), LIVE.replace(hour=9))
    other = row(1, "hespress.example", date(2026, 1, 9), LIVE.replace(hour=14))
    ministry = row(4, "ministry", date(2026, 1, 10), LIVE.replace(day=10), source_id="ministry")
    copy_group = found(other, ministry, own, first)
    assert (copy_group.document_id, copy_group.outlet, copy_group.is_official) == (
        2,
        "fleuve.example",
        False,
    )
    assert copy_group.next == Lead(1, "hespress.example", date(2026, 1, 9), 0, 6)
    assert copy_group.official == Lead(4, "ministry", date(2026, 1, 10), 1, 24)


def test_an_archive_says_nothing_about_hours() -> None:
    read = datetime(2026, 3, 1, tzinfo=UTC)
    copy_group = found(row(1, "a", date(2026, 1, 9), read), row(2, "b", date(2026, 1, 12), read))
    assert copy_group.next == Lead(2, "b", date(2026, 1, 12), 3, None)
    assert copy_group.official is None


def test_what_was_official_from_the_start_leads_no_official_source() -> None:
    copy_group = found(row(1, "a", date(2026, 1, 9), LIVE, url="https://interior.example/1"))
    assert copy_group.is_official
    assert copy_group.official is None
    assert copy_group.next is None


def test_a_report_without_a_day_is_the_first_of_nothing() -> None:
    undated = row(1, "a", None, datetime(2026, 1, 5, tzinfo=UTC))
    copy_group = found(row(2, "b", date(2026, 1, 9), LIVE), undated)
    assert (copy_group.document_id, copy_group.on) == (2, date(2026, 1, 9))
    assert copy_group.next == Lead(1, "a", None, None, None)
    assert first_report([undated], OFFICIAL) is None


def test_a_report_without_a_day_is_not_the_next_one_before_a_later_one_that_has_a_day() -> None:
    undated = row(1, "a", None, datetime(2026, 1, 5, tzinfo=UTC))
    copy_group = found(
        row(2, "b", date(2026, 1, 9), LIVE), row(3, "c", date(2026, 2, 9), LIVE), undated
    )
    assert copy_group.next is not None
    assert (copy_group.next.outlet, copy_group.next.days) == ("c", 31)


def test_a_row_of_a_list_is_no_report() -> None:
    assert first_report([row(1, "a", None, LIVE, source_id="list:known")], OFFICIAL) is None
