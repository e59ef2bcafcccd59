"""What curators decide stands, whatever the evidence says."""

from __future__ import annotations

from datetime import date

import pytest

from crawler.register.partition import partition
from storage.records import Status, Topic
from storage.register.entry import LinkageReason, Pin, PinKind
from tests.crawler.register.given import groups, report

ONE, COPY = report(1), report(2)
LATER = report(3, event_date=date(2023, 2, 2))
LATEST = report(4, event_date=date(2023, 2, 2))
ALL = [ONE, COPY, LATER, LATEST]


def must(one: int, other: int) -> Pin:
    return Pin(PinKind.MUST_LINK, one, other)


def cannot(one: int, other: int) -> Pin:
    return Pin(PinKind.CANNOT_LINK, one, other)


def test_without_decisions_the_evidence_decides() -> None:
    assert groups(partition(ALL, [])) == [[1, 2], [3, 4]]


def test_a_must_link_joins_whole_agreements() -> None:
    (agreement,) = partition(ALL, [must(1, 3)])
    assert groups([agreement]) == [[1, 2, 3, 4]]
    assert LinkageReason("decided", 3) in agreement.reasons


def test_a_cannot_link_sends_a_report_away() -> None:
    assert groups(partition(ALL, [cannot(2, 1)])) == [[1], [2], [3, 4]]


def test_a_moved_report_stands_where_it_was_put() -> None:
    assert groups(partition(ALL, [cannot(2, 1), must(2, 3)])) == [[1], [2, 3, 4]]


def test_the_later_of_two_decisions_counts() -> None:
    assert groups(partition(ALL, [cannot(1, 2), must(1, 2)])) == [[1, 2], [3, 4]]
    assert groups(
        partition(ALL, [must(1, 3), cannot(1, 3), cannot(1, 4), cannot(2, 3), cannot(2, 4)])
    ) == [
        [1, 2],
        [3, 4],
    ]


def test_copies_kept_apart_stay_apart() -> None:
    copies = [report(1, copy_group="agency"), report(2, copy_group="agency")]
    assert groups(partition(copies, [cannot(1, 2)])) == [[1], [2]]


def test_an_irrelevant_report_leaves_the_register() -> None:
    assert groups(partition(ALL, [Pin(PinKind.IRRELEVANT, 2)])) == [[1], [3, 4]]


def test_a_decision_about_a_report_that_is_gone_changes_nothing() -> None:
    assert groups(partition(ALL, [must(1, 99), cannot(98, 1), Pin(PinKind.IRRELEVANT, 97)])) == [
        [1, 2],
        [3, 4],
    ]


def test_corrected_fields_are_what_counts() -> None:
    pins = [
        Pin(PinKind.FIELD, 1, field="topics", value="visa,labour_mobility"),
        Pin(PinKind.FIELD, 1, field="status", value="suspended"),
        Pin(PinKind.FIELD, 1, field="status", value="ratified"),
        Pin(PinKind.FIELD, 1, field="event_date", value="2019-03-01"),
        Pin(PinKind.FIELD, 1, field="place", value=""),
        Pin(PinKind.FIELD, 1, field="instrument", value="treaty"),
        Pin(PinKind.FIELD, 1, field="parties", value="TN, IT"),
    ]
    (agreement,) = partition([ONE], pins)
    assert (agreement.parties, agreement.status, agreement.event_date) == (
        ("IT", "TN"),
        Status.RATIFIED,
        date(2019, 3, 1),
    )
    assert (set(agreement.topics), agreement.place, agreement.instrument) == (
        {Topic.VISA, Topic.LABOUR},
        None,
        "treaty",
    )


def test_a_field_that_is_none_is_refused() -> None:
    with pytest.raises(
        ValueError, match=r"'colour' cannot be corrected; the fields are parties, instrument"
    ):
        partition([ONE], [Pin(PinKind.FIELD, 1, field="colour", value="red")])
