"""Texts that are alike: copies of one text, or releases on one form."""

from __future__ import annotations

from datetime import date
from itertools import permutations
from typing import Any

import pytest

from crawler.register.linkage.board import COPY
from crawler.register.partition import partition
from storage.records import DateBasis
from storage.register.entry import Report
from tests.crawler.register.given import groups, report

DAY = date(2025, 6, 26)


def copy(number: int, **differs: Any) -> Report:
    """A release about the EU and Montenegro, in Podgorica."""
    given = {
        "parties": ("EU", "ME"),
        "place": "Podgorica",
        "place_key": "podgorica",
        "event_date": DAY,
    }
    return report(number, copy_group="form", **given | differs)


def stand_as_copies(a: Report, b: Report) -> bool:
    reasons = [reason for one in partition([a, b], []) for reason in one.reasons]
    return any(point == COPY for reason in reasons for point, _, _ in reason.points)


@pytest.mark.parametrize(
    "differs",
    [
        {},
        {"parties": ("EU",)},
        {"parties": ()},
        {"parties": ("AL", "EU", "ME")},
        {"place": None, "place_key": None},
        {"event_date": date(2025, 6, 27)},
        {"event_date": None, "event_date_basis": None, "published_on": None},
        {"event_date": date(2025, 7, 3), "event_date_basis": DateBasis.PUBLISHED},
    ],
)
def test_a_copy_says_nothing_else_of_parties_place_and_day(differs: dict[str, Any]) -> None:
    assert stand_as_copies(copy(1), copy(2, **differs))


@pytest.mark.parametrize(
    "differs",
    [
        {"parties": ("EU", "RS")},
        {"place": "Belgrade", "place_key": "belgrade"},
        {"event_date": date(2025, 6, 28)},
        {"event_date": date(2025, 7, 4), "event_date_basis": DateBasis.PUBLISHED},
    ],
)
def test_what_says_something_else_is_no_copy(differs: dict[str, Any]) -> None:
    assert not stand_as_copies(copy(1), copy(2, **differs))


def test_a_release_that_names_its_sister_in_passing_stands_apart() -> None:
    named = {"party_scores": (("EU", 4.0), ("RS", 4.0), ("ME", 3.0))}
    serbia = copy(2, parties=("EU", "RS"), place="Belgrade", place_key="belgrade", **named)
    assert groups(partition([copy(1), serbia], [])) == [[1], [2]]


def test_a_copy_with_a_misread_party_belongs_by_what_it_tells() -> None:
    misread = {"parties": ("EU", "RS"), "party_scores": (("EU", 4.0), ("RS", 3.0), ("ME", 2.9))}
    original = copy(1, party_scores=(("EU", 4.0), ("ME", 4.0), ("RS", 3.0)))
    assert groups(partition([original, copy(2, **misread)], [])) == [[1, 2]]


@pytest.mark.parametrize("hashes", list(permutations("abc")))
def test_a_copy_that_misses_a_party_does_not_join_two_releases(
    hashes: tuple[str, str, str],
) -> None:
    serbia, montenegro, either = hashes  # the order in which reports of one day are looked at
    reports = [
        copy(1, parties=("EU", "RS"), text_hash=serbia),
        copy(2, text_hash=montenegro),
        copy(3, parties=("EU",), text_hash=either),
    ]
    assert [1, 2] not in [group[:2] for group in groups(partition(reports, []))]
