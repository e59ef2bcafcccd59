"""What speaks for and against a report belonging to an agreement; copies of a text; doubt."""

from __future__ import annotations

from datetime import date
from itertools import permutations
from typing import Any

import pytest

from crawler.clues import VAGUE, Clues, RecalledDate
from crawler.register.linkage.board import COPY, Placing
from crawler.register.linkage.facts import Cluster, facts_of
from crawler.register.linkage.points import DOUBT, JOIN, RECALLS_ITS_DATE, weigh
from crawler.register.partition import partition
from storage.records import DateBasis, Instrument, Status, Topic, Zone
from storage.register.entry import Doubt, Pin, PinKind, Report
from tests.crawler.register.given import RABAT, groups, report


def of(*reports: dict[str, Any]) -> Cluster:
    cluster = Cluster()
    for number, differs in enumerate(reports, 1):
        cluster.add(facts_of(report(number, **differs)))
    return cluster


def reasons(differs: dict[str, Any], *others: dict[str, Any]) -> dict[str, float]:
    points = weigh(facts_of(report(9, **differs)), of(*(others or ({},))))
    return {point.reason: point.value for point in points}


def test_numbers_and_names_in_common_count_up_to_a_bound() -> None:
    many = {"clues": Clues(numbers=(40, 300, 7000), names=("accord rabat",)).to_text()}
    one = {"clues": Clues(numbers=(40,)).to_text()}
    assert reasons(one, one).get("same numbers and names") == 0.7
    assert reasons(many, many).get("same numbers and names") == 1.5
    assert "same numbers and names" not in reasons(one, {})


def test_what_most_reports_call_it_is_its_kind() -> None:
    kinds = (Instrument.PROTOCOL, Instrument.MEMORANDUM, Instrument.MEMORANDUM)
    assert of(*({"instrument": kind} for kind in kinds)).instrument is Instrument.MEMORANDUM
    assert of(*({"instrument": kind} for kind in kinds[:2])).instrument is Instrument.PROTOCOL


def test_a_topic_is_shared_by_the_reports_that_have_any() -> None:
    both = (Topic.READMISSION, Topic.VISA)
    cluster = of({"topics": both}, {"topics": (Topic.READMISSION,)}, {"topics": ()})
    assert cluster.topics == {Topic.READMISSION: 1.0, Topic.VISA: 0.5}


def test_it_ended_on_the_first_day_that_a_report_of_its_end_has() -> None:
    ends = ({"status": Status.TERMINATED, "event_date": date(2021, 5, day)} for day in (9, 4, 20))
    assert of({}, *ends).ended_on == date(2021, 5, 4).toordinal()
    assert of({}).ended_on is None


def test_copies_of_a_text_have_one_vote() -> None:
    copies = ({"instrument": Instrument.PROTOCOL, "copy_group": "same"} for _ in range(3))
    other = ({"instrument": Instrument.TREATY, "copy_group": str(n)} for n in range(2))
    assert of(*copies, *other).instrument is Instrument.TREATY


def test_the_last_day_is_that_of_the_newest_report() -> None:
    early, late = RABAT.event_date, date(2020, 1, 5)
    assert of({"event_date": late}, {"event_date": early}).last_day == late


def recalls(status: Status, *dates: RecalledDate, **differs: Any) -> dict[str, Any]:
    """What differs in a report of two years later that names these dates beside a paper."""
    later = {"status": status, "event_date": date(2021, 2, 14)}
    return later | {"clues": Clues(dates=dates).to_text()} | differs


@pytest.mark.parametrize(
    ("zone", "instrument", "value"),
    [
        (Zone.BODY, Instrument.AGREEMENT, None),
        (Zone.BODY, Instrument.PROTOCOL, 1.0),
        (Zone.LEAD, Instrument.AGREEMENT, 2.5),
    ],
)
def test_a_date_far_down_beside_a_foreign_kind_of_paper_is_that_of_another_paper(
    zone: Zone, instrument: Instrument, value: float | None
) -> None:
    its_day = RecalledDate((2019, 2, 14), zone, "memorandum")
    said = reasons(recalls(Status.SUSPENDED, its_day, instrument=instrument))
    assert said.get(RECALLS_ITS_DATE) == value
    assert said.get("recalls another kind of paper") == (None if value else -0.5)


@pytest.mark.parametrize(
    ("kind", "value"), [("memorandum", 3.0), ("protocol", 2.75), ("treaty", 2.0), ("any", 2.5)]
)
def test_a_recalled_date_counts_more_beside_a_like_kind_of_paper(kind: str, value: float) -> None:
    its_day = RecalledDate((2019, 2, 14), Zone.LEAD, kind)
    said = reasons(recalls(Status.SUSPENDED, its_day), {"instrument": Instrument.MEMORANDUM})
    assert said[RECALLS_ITS_DATE] == value


def test_talks_are_about_another_paper_once_their_headline_dates_one() -> None:
    body = RecalledDate((2012,), Zone.BODY, "treaty")
    title = RecalledDate((2010,), Zone.TITLE, "treaty")
    assert "talks about another one" in reasons(recalls(Status.NEGOTIATING, body, title))
    assert "talks about another one" not in reasons(recalls(Status.NEGOTIATING, body))
    lead = RecalledDate((2019,), Zone.LEAD, "treaty")
    assert reasons(recalls(Status.NEGOTIATING, lead))["perhaps talks about it"] == 0.5


def test_a_report_that_recalls_no_date_has_no_point_for_dates() -> None:
    assert not [reason for reason in reasons(recalls(Status.SUSPENDED)) if "recalls" in reason]


@pytest.mark.parametrize(
    ("parts", "value"),
    [((2020, 2), -0.4), ((2020,), -0.4), ((2020, 1), -1.5), ((2018,), -1.5), ((2020, 1, 5), -3.0)],
)
def test_a_date_of_the_last_twelve_months_may_be_that_of_another_step(
    parts: tuple[int, ...], value: float
) -> None:
    said = reasons(recalls(Status.SUSPENDED, RecalledDate(parts, Zone.LEAD, "any")))
    assert [points for reason, points in said.items() if "recalls" in reason] == [value]


@pytest.mark.parametrize(
    ("status", "basis", "looks_back"),
    [
        (Status.SIGNED, DateBasis.PUBLISHED, True),
        (Status.SIGNED, DateBasis.TEXT, False),
        (Status.RATIFIED, DateBasis.PUBLISHED, False),
    ],
)
def test_a_deal_that_is_told_vaguely_and_without_a_day_is_only_recalled(
    status: Status, basis: DateBasis, looks_back: bool
) -> None:
    told = report(1, status=status, event_date_basis=basis, clues=(VAGUE,))
    assert facts_of(told).looks_back is looks_back


CLEAR = JOIN + 3 * DOUBT


@pytest.mark.parametrize(
    ("rival", "doubtful"),
    [(None, False), (CLEAR - 1.1 * DOUBT, False), (CLEAR - 0.9 * DOUBT, True), (CLEAR, True)],
)
def test_a_clear_place_is_in_doubt_where_another_is_nearly_as_good(
    rival: float | None, doubtful: bool
) -> None:
    assert Placing(1, (), CLEAR, rival).doubtful is doubtful


def test_a_report_that_fits_two_agreements_alike_is_put_before_a_person() -> None:
    apart = [Pin(PinKind.CANNOT_LINK, 1, 2)]
    first, _ = partition([report(1), report(2), report(3)], apart)
    assert [reason.kind for reason in first.reasons if reason.document_id == 3] == ["rivalled"]
    assert Doubt(3, joined=True) in first.doubts


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
    reasons = [reason for agreement in partition([a, b], []) for reason in agreement.reasons]
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
