"""How many agreements nobody here saw."""

from __future__ import annotations

import random
from datetime import date

import pytest

from crawler.register.completeness import (
    ASSUMPTIONS,
    Sighting,
    chapman,
    estimate,
    independent_sources,
    sightings_of,
)
from crawler.register.partition import partition
from storage.filter import load_party_groups
from tests.crawler.register.given import report


def test_chapman_agrees_with_the_textbook() -> None:
    # Seber 1982, p. 60: 200 marked, 200 caught, 100 of them marked.
    found = chapman(200, 200, 100)
    assert found is not None
    estimated, low, high = found
    assert estimated == pytest.approx(201 * 201 / 101 - 1)
    assert 300 < low < estimated < high < 500


def test_the_interval_never_ends_below_what_was_seen() -> None:
    for first, second, both in [(40, 30, 29), (12, 12, 3), (500, 9, 9)]:
        found = chapman(first, second, both)
        assert found is not None
        assert first + second - both <= found[1] <= found[0] + 1e-9 <= found[2] + 2e-9


def test_a_small_overlap_gives_no_number() -> None:
    assert chapman(50, 40, 2) is None


def test_an_impossible_overlap_is_refused() -> None:
    with pytest.raises(ValueError, match="an overlap of 5 does not fit samples of 4 and 9"):
        chapman(4, 9, 5)


def test_the_truth_lies_in_the_interval_about_as_often_as_it_says() -> None:
    rng = random.Random(5)
    inside = 0
    for _ in range(200):
        seen = [
            Sighting(
                f"A{number}", frozenset(name for name in "abcd" if rng.random() < 0.3), frozenset()
            )
            for number in range(300)
        ]
        (whole,) = estimate(one for one in seen if one.sources)
        assert whole.low is not None
        assert whole.high is not None
        inside += whole.low <= 300 <= whole.high
    assert inside >= 180


def test_each_slice_has_its_own_estimate() -> None:
    both = [Sighting(f"A{n}", frozenset("ab"), frozenset({"language:fr"})) for n in range(4)]
    alone = [Sighting(f"B{n}", frozenset("a"), frozenset({"language:ar"})) for n in range(6)]
    found = {one.slice: one for one in estimate([*both, *alone])}
    assert (found["language:fr"].estimated, found["language:fr"].share) == (4.0, 1.0)
    assert (
        found["language:ar"].seen,
        found["language:ar"].estimated,
        found["language:ar"].share,
    ) == (6, None, None)
    assert found["all"].seen == 10


def test_outlets_that_share_an_agencys_texts_are_one_source() -> None:
    shared = [
        report(10 * number + index, outlet=outlet, copy_group=f"text-{number}")
        for number in range(3)
        for index, outlet in enumerate(("a.example", "b.example"))
    ]
    own = report(90, outlet="c.example")
    source_of = independent_sources([*shared, own])
    assert {source_of[one.document_id] for one in shared} == {"a.example"}
    assert source_of[90] == "c.example"


def test_a_copy_is_no_second_sighting() -> None:
    copies = [
        report(1, outlet="a.example", copy_group="x"),
        report(2, outlet="b.example", copy_group="x", language="fr"),
    ]
    other = report(3, outlet="c.example", event_date=date(2019, 2, 15))
    reports = {one.document_id: one for one in (*copies, other)}
    (sighting,) = sightings_of(
        partition(list(reports.values()), []), reports, load_party_groups().codes
    )
    assert sighting.sources == {"a.example", "c.example"}
    assert {"language:fr", "language:en", "region:maghreb", "region:eu-members"} <= sighting.slices


def test_the_assumptions_are_sentences_for_people() -> None:
    assert all(one.endswith(".") and len(one) > 60 for one in ASSUMPTIONS)
